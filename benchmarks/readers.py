"""Peak memory and seconds of reading a table of very many texts, as JSON.

    python benchmarks/readers.py [--rows 1000000] [--formats csv jsonl parquet] [--out FILE]

Synthetic rows of a text (6 to 30 words, about 100 characters), one of 50 class names and a number. Each case runs in a
process of its own: ``import`` imports what the others need, ``batches`` streams the file, ``unlabeled`` streams it as
``predict`` does and reads each input, ``read`` reads and hashes the whole as ``fit`` does. Memory is the peak of
VmHWM; ``import`` is the floor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WORDS = 20_000
CASES = ("import", "batches", "unlabeled", "read")


def write(folder: Path, rows: int, formats: list[str]) -> dict[str, Path]:
    """The same rows in every format."""
    import csv

    import pyarrow as arrow
    import pyarrow.parquet as parquet

    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("aeioulnrst"), rng.integers(2, 9))) for _ in range(WORDS)])
    paths = {name: folder / f"texts.{name}" for name in formats}
    streams = {
        name: paths[name].open("w", newline="", encoding="utf-8") for name in formats if name in ("csv", "jsonl")
    }
    schema = arrow.schema([("text", arrow.string()), ("label", arrow.string()), ("number", arrow.int64())])
    writer = parquet.ParquetWriter(paths["parquet"], schema) if "parquet" in paths else None
    if "csv" in streams:
        csv.writer(streams["csv"]).writerow(["text", "label", "number"])
    for start in range(0, rows, 10_000):
        count = min(10_000, rows - start)
        lengths = rng.integers(6, 31, count)
        drawn = words[rng.zipf(1.2, lengths.sum()) % WORDS].tolist()
        ends = np.cumsum(lengths).tolist()
        texts = [" ".join(drawn[end - length : end]) + ", so?" for end, length in zip(ends, lengths, strict=True)]
        labels = [f"class {k}" for k in rng.integers(0, 50, count)]
        numbers = list(range(start, start + count))
        if "csv" in streams:
            csv.writer(streams["csv"]).writerows(zip(texts, labels, numbers, strict=True))
        if "jsonl" in streams:
            records = ({"text": a, "label": b, "number": c} for a, b, c in zip(texts, labels, numbers, strict=True))
            streams["jsonl"].writelines(json.dumps(record) + "\n" for record in records)
        if writer:
            writer.write_table(arrow.table({"text": texts, "label": labels, "number": numbers}, schema=schema))
    for stream in streams.values():
        stream.close()
    if writer:
        writer.close()
    return paths


def run(case: str, path: Path) -> dict[str, float]:
    """One case in this process."""
    from headstart.core.schema import InputSchema, PartSchema
    from headstart.data import tables
    from headstart.data.modalities import modality
    from headstart.data.read import read
    from headstart.data.unlabeled import read_unlabeled

    modality("text")
    rows = 0
    start = time.perf_counter()
    if case == "batches":
        rows = sum(len(columns["text"]) for columns in tables.batches(path))
    elif case == "unlabeled":
        schema = InputSchema(parts=(PartSchema(modality="text", columns=("text",)),))
        for chunk in read_unlabeled([path], schema=schema):
            rows += sum(bool(chunk.parts[0].inputs.read(i)) for i in range(len(chunk)))
    elif case == "read":
        rows = len(read(path, input="text", target="label").dataset)
    seconds = time.perf_counter() - start
    return {"rows": rows, "seconds": round(seconds, 1), "peak_mib": round(peak_mib(), 0)}


def peak_mib() -> float:
    """Most resident memory that this process ever had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="+", default=["csv", "jsonl", "parquet"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--case", nargs=2, help="a case and a file: used by the benchmark itself")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(run(options.case[0], Path(options.case[1]))))
        return
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in write(Path(folder), options.rows, options.formats).items():
            results[name] = {"file_mib": round(path.stat().st_size / 2**20, 1)}
            for case in CASES:
                command = [sys.executable, __file__, "--case", case, str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                results[name][case] = json.loads(done.stdout)
    document = json.dumps({"rows": options.rows, "results": results}, indent=1)
    print(document)
    if options.out:
        options.out.write_text(document + "\n")


if __name__ == "__main__":
    main()
