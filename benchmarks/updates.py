"""What an update costs beside a fit of all examples from nothing, and whether its gate refuses wrong labels.

    python benchmarks/updates.py --data FOLDER [--added 0.4]

A folder with train/ and test/ of class folders: a share of its training files is held back. In a fresh cache the rest
is fitted and then updated with what was held back; in another fresh cache everything is fitted from nothing. Then the
run is updated with the same files under classes drawn at random, which must end with exit code 4 and no folder.
Processor seconds are those of whole processes, importing included.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

from comparison import environments, processes

LIMIT_SECONDS = 3600.0
SEED = 0
RESULT = environments.BENCHMARKS / "results" / "updates.json"
BUILD = environments.BENCHMARKS.parent / "build" / "benchmarks" / "updates"


def parted(data: Path, work: Path, share: float) -> dict[str, int]:
    """``base/`` (train and test), ``added/``, ``wrong/`` (added under random classes) and ``all/`` below ``work``."""
    rng = random.Random(SEED)
    train = sorted(path for path in (data / "train").glob("*/*") if path.is_file())
    names = sorted({path.parent.name for path in train})
    shutil.copytree(data / "test", work / "base" / "test")
    shutil.copytree(data, work / "all")
    counts = {"base": 0, "added": 0}
    for path in train:
        is_added = rng.random() < share
        counts["added" if is_added else "base"] += 1
        places = [work / "added" / path.parent.name, work / "wrong" / rng.choice(names)]
        for place in places if is_added else [work / "base" / "train" / path.parent.name]:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place / f"{path.parent.name}-{path.name}" if place.parent.name == "wrong" else place)
    return counts


def measured(work: Path, name: str, cache: str, *options: str | Path) -> dict[str, Any]:
    """One command; its exit code and seconds."""
    command = [sys.executable, "-m", "headstart", "fit", *options, "--out", work / name, "--quiet"]
    found = processes.run(
        command,
        environment={"HEADSTART_CACHE": str(work / cache)},
        log=work / f"{name}.txt",
        limit_seconds=LIMIT_SECONDS,
    )
    return {"rc": found.rc, "cpu_seconds": round(found.cpu_seconds, 1), "wall_seconds": round(found.wall_seconds, 1)}


def main() -> None:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--added", type=float, default=0.4, help="share of the training files")
    asked = parser.parse_args()
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    counts = parted(asked.data, BUILD, asked.added)
    runs = {
        "base": measured(BUILD, "run", "cache", BUILD / "base"),
        "update": measured(BUILD, "updated", "cache", "--update", BUILD / "run", "--add", BUILD / "added"),
        "from_nothing": measured(BUILD, "anew", "other-cache", BUILD / "all"),
        "wrong_labels": measured(BUILD, "refused", "cache", "--update", BUILD / "run", "--add", BUILD / "wrong"),
    }
    lines = [json.loads(line) for line in (BUILD / "updated" / "metrics.jsonl").read_text().splitlines()]
    update = json.loads((BUILD / "updated" / "evidence.json").read_text())["update"]
    document = {
        "data": asked.data.name,
        "counts": counts,
        "runs": runs,
        "decoded_by_the_update": next(line["value"] for line in lines if line["name"] == "activations/decoded"),
        "sentence": update["sentence"],
        "gate": update["gate"]["why"],
        "wrong_labels_wrote": (BUILD / "refused").exists(),
    }
    RESULT.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
