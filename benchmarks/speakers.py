"""Spoken digits: the official split, and every speaker once as the one who was never heard.

``python benchmarks/speakers.py --data DATA [--work build/speakers]``

DATA holds ``spoken_digits``. For each of the six speakers a table is written whose test split is all recordings of that
speaker and whose training split is everybody else's; ``headstart fit --groups speaker`` runs on it, so that folds hold
whole speakers out as the test does. Results go to
``results/speakers.json``: accuracy of the transferred model and of the baselines, clips encoded a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "speakers.json"


def main() -> None:
    """Seven fits in one cache: what a network made of a recording is computed once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE.parent / "build" / "speakers")
    options = parser.parse_args()
    source, work = (options.data / "spoken_digits").resolve(), options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    with (source / "metadata.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with tempfile.TemporaryDirectory(prefix="headstart-cache-") as cache:
        results = {"official": fit(source, work / "run-official", cache)}
        for speaker in sorted({row["speaker"] for row in rows}):
            table = write_table(rows, source, speaker, work / f"{speaker}.csv")
            results[speaker] = fit(table, work / f"run-{speaker}", cache, "--input", "path", "--groups", "speaker")
            print(speaker, results[speaker], flush=True)
    results["mean_of_unheard"] = mean_of([value for name, value in results.items() if name != "official"])
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({name: results[name] for name in ("official", "mean_of_unheard")}))


def write_table(rows: list[dict[str, str]], source: Path, speaker: str, place: Path) -> Path:
    """Paths, labels and the split of one held-out speaker."""
    with place.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "label", "split", "speaker"])
        for row in rows:
            split = "test" if row["speaker"] == speaker else "train"
            writer.writerow([str(source / row["file"]), row["label"], split, row["speaker"]])
    return place


def fit(data: Path, out: Path, cache: str, *more: str) -> dict[str, Any]:
    """Accuracy of every candidate, and the seconds of the process."""
    subprocess.run(["rm", "-rf", str(out)], check=True)
    command = [str(Path(sys.executable).with_name("headstart")), "fit", str(data), "--out", str(out), "--json", *more]
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    began = time.perf_counter()
    done = subprocess.run(
        command, env={**environment, "HEADSTART_CACHE": cache}, capture_output=True, text=True, check=True
    )
    evidence = json.loads(done.stdout)["evidence"]
    found = {"chosen": evidence["verdict"]["chosen"], "accuracy": evidence["test"]["accuracy"]["value"]}
    found |= {row["name"]: row["accuracy"]["value"] for row in evidence["comparisons"]}
    return {**found, "seconds": round(time.perf_counter() - began, 1)}


def mean_of(results: list[dict[str, Any]]) -> dict[str, float]:
    """Means of the numbers that all have."""
    names = [name for name, value in results[0].items() if isinstance(value, float) and name != "seconds"]
    return {name: round(sum(each[name] for each in results) / len(results), 4) for name in names}


if __name__ == "__main__":
    main()
