"""Two adaptations as a new user makes them, one that helps and one that the guard holds back, as pages of the docs.

    python benchmarks/adaptation_examples.py --data DATA [--only NAME ...] [--work FOLDER] [--pages docs/examples]

Every command runs in a process of its own, the first of a page with an empty cache; a page holds what came out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas

sys.path.insert(0, str(Path(__file__).parent))

from jobs.adaptation_pages import PAGES

HELD_BACK = 4  # exit code of an adaptation that the guard holds back
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Said:
    """One command and what it printed; ``code`` is its exit status."""

    command: str
    text: str
    code: int


def new_voice(data: Path, work: Path) -> None:
    """Recordings of five people with their digits, and those of a sixth without and with."""
    there = data / "spoken_digits"
    frame = pandas.read_csv(there / "metadata.csv", dtype=str)[["file", "label", "speaker"]]
    frame["file"] = [str((there / name).resolve()) for name in frame.file]
    new = frame.speaker == "george"
    frame[~new].to_csv(work / "voices.csv", index=False)
    frame[new][["file"]].to_csv(work / "new_voice.csv", index=False)
    frame[new][["file", "label"]].to_csv(work / "checked.csv", index=False)


def other_shares(data: Path, work: Path) -> None:
    """Twelve intents; later questions come mostly about four of them."""
    every = {name: pandas.read_csv(data / "banking77" / f"{name}.csv") for name in ("train", "test")}
    text, label = every["train"].columns[:2]
    kept = sorted(every["train"][label].unique())[:12]
    learned = every["train"][every["train"][label].isin(kept)].groupby(label).head(60)
    later = every["test"][every["test"][label].isin(kept)].copy()
    often = later[label].isin(kept[::3])
    later = pandas.concat([later[often], later[~often].groupby(label).head(4)]).sample(frac=1, random_state=0)
    learned.to_csv(work / "questions.csv", index=False)
    later[[text]].to_csv(work / "later.csv", index=False)
    later.to_csv(work / "checked.csv", index=False)


MAKE = {"adapt_a_new_voice": new_voice, "adapt_held_back": other_shares}


def run(name: str, data: Path, work: Path) -> tuple[list[Said], Path]:
    """All commands of a page."""
    place = work / "adaptation" / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    MAKE[name](data, place)
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    environment |= {
        "HEADSTART_CACHE": str(place / "cache"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    found = []
    for command in PAGES[name].commands:
        done = subprocess.run(  # noqa: S602 - our own commands, as a user types them
            f"{command} --quiet", shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, HELD_BACK):
            raise RuntimeError(f"{command} failed: {done.stderr.strip()[-600:]}")
        found.append(Said(command, (done.stdout + done.stderr).strip().replace(f"{place}/", ""), done.returncode))
        print(command, "->", done.returncode, flush=True)
    return found, place


def evidence_of(folder: Path) -> dict[str, Any]:
    """evidence.json of a run."""
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text())
    return document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--only", nargs="*", default=list(PAGES), choices=list(PAGES))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "examples")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs" / "examples")
    options = parser.parse_args()
    for name in options.only:
        said, place = run(name, options.data.resolve(), options.work.resolve())
        text = PAGES[name].text(name, said, evidence_of(place / "moved"))
        (options.pages / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
