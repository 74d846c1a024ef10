"""How large is the report of a run with many test examples, how long does it take, and in how much memory?

    python benchmarks/report_size.py [--tables 10000 100000] [--pictures 10000 100000]

Two kinds of real runs. Tables: 1,000 rows to learn from and as many to test on as are asked for, drawn here (six
numbers whose means depend on one of ten classes, one of four regions), fitted by ``headstart fit``. Pictures: the
photographs in ``examples/clothing``, fitted by ``headstart fit``; then the rows of its predictions/test.parquet are
repeated under new file names as long and as random as theirs, and evidence.json counts them. Measured is ``headstart
report RUN`` as a whole process, imports included: wall and processor seconds, peak memory, bytes of report.html.
Writes ``results/report_size.json``.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import sys
import uuid
from pathlib import Path
from typing import Any

from comparison import lines, machine, processes, runs

MOST_BYTES = 3_000_000  # for 10,000 test examples
MOST_SECONDS, MOST_MIB = 20.0, 1024.0  # for 100,000
CLASSES, NUMBERS, REGIONS, LEARNED = 10, 6, ("north", "south", "east", "west"), 1000
SPREAD = 0.6  # of the numbers around their class; about one example in six is wrong then
EXAMPLES = Path(__file__).parents[1] / "examples" / "clothing"


def table(path: Path, rows: int, seed: int) -> None:
    """A CSV file with a header."""
    rng = random.Random(seed)
    middles = random.Random(0)
    means = [[middles.random() for _ in range(NUMBERS)] for _ in range(CLASSES)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*(f"number_{place}" for place in range(NUMBERS)), "region", "kind"])
        for _ in range(rows):
            kind = rng.randrange(CLASSES)
            numbers = [f"{mean + rng.gauss(0, SPREAD / 3):.4f}" for mean in means[kind]]
            writer.writerow([*numbers, rng.choice(REGIONS), f"kind {kind}"])


def fitted(place: Path, name: str, arguments: list[str | Path], threads: int) -> Path:
    """A finished run, made once."""
    out = place / name
    if (out / "report.html").is_file():
        return out
    shutil.rmtree(out, ignore_errors=True)
    headstart(place, ["fit", *arguments, "--out", out, "--threads", str(threads), "--quiet"], threads)
    return out


def of_table(place: Path, rows: int, threads: int) -> Path:
    """A run whose test has as many rows."""
    learned, tested = place / "train.csv", place / f"test_{rows}.csv"
    table(learned, LEARNED, seed=1)
    table(tested, rows, seed=2)
    return fitted(
        place, f"table_{rows}", [learned, "--test", tested, "--target", "kind", "--slices", "region"], threads
    )


def of_pictures(place: Path, rows: int, threads: int) -> Path:
    """A run on photographs whose test is said to have as many."""
    import pyarrow.parquet

    run = fitted(place, "pictures", [EXAMPLES], threads)
    swollen = place / f"pictures_{rows}"
    shutil.rmtree(swollen, ignore_errors=True)
    shutil.copytree(run, swollen)
    path = swollen / "predictions" / "test.parquet"
    found = pyarrow.parquet.read_table(path)
    taken = found.take([number % len(found) for number in range(rows)])
    rng = random.Random(0)
    names = [
        f"test/{target}/{uuid.UUID(int=rng.getrandbits(128), version=4)}.jpg" for target in taken["target"].to_pylist()
    ]
    pyarrow.parquet.write_table(taken.set_column(0, "id", [names]), path)
    evidence = json.loads((swollen / "evidence.json").read_text(encoding="utf-8"))
    evidence["n"]["test"] = rows
    (swollen / "evidence.json").write_text(json.dumps(evidence), encoding="utf-8")
    return swollen


def headstart(place: Path, arguments: list[Any], threads: int) -> processes.Measured:
    """One command as a whole process."""
    measured = processes.run(
        [sys.executable, "-m", "headstart", *map(str, arguments)],
        environment=runs.environment_of(threads) | {"HEADSTART_CACHE": str(place / "cache")},
        log=place / "log.txt",
        limit_seconds=lines.LIMIT_SECONDS,
    )
    if measured.rc:
        raise SystemExit(f"headstart {arguments[0]} ended with {measured.rc}: {runs.last_line(place / 'log.txt')}")
    return measured


def reported(place: Path, run: Path, threads: int) -> dict[str, Any]:
    """What ``headstart report`` takes and gives."""
    measured = headstart(place, ["report", run], threads)
    return {
        "test_examples": json.loads((run / "evidence.json").read_text(encoding="utf-8"))["n"]["test"],
        "bytes": (run / "report.html").stat().st_size,
        "wall_seconds": round(measured.wall_seconds, 1),
        "cpu_seconds": round(measured.cpu_seconds, 1),
        "peak_memory_mib": round(measured.peak_memory_mib),
        "other_cpu_fraction": round(measured.other_cpu_fraction, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="*", default=[10_000, 100_000], help="test rows of each")
    parser.add_argument("--pictures", type=int, nargs="*", default=[10_000, 100_000], help="test pictures of each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for data, runs and the cache")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    place = args.work.resolve() / "report_size"
    place.mkdir(parents=True, exist_ok=True)
    found = {
        f"{kind}_{rows}": reported(place, make(place, rows, args.threads), args.threads)
        for kind, make, counts in (("table", of_table, args.tables), ("pictures", of_pictures, args.pictures))
        for rows in counts
    }
    document = {
        "machine": machine.describe(),
        "targets": {
            "bytes_for_10000": MOST_BYTES,
            "wall_seconds_for_100000": MOST_SECONDS,
            "peak_memory_mib_for_100000": MOST_MIB,
        },
        "met": all(is_met(each) for each in found.values()),
        **found,
    }
    lines.write_json(args.out / "report_size.json", document)
    print(json.dumps(document, indent=1))


def is_met(figures: dict[str, Any]) -> bool:
    """Whether the target for so many test examples holds; the page is never larger than for 10,000."""
    return (
        figures["bytes"] <= MOST_BYTES
        and figures["wall_seconds"] <= MOST_SECONDS
        and figures["peak_memory_mib"] <= MOST_MIB
    )


if __name__ == "__main__":
    main()
