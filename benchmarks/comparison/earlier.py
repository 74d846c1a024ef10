"""Accuracy of peers that stands in the results of other benchmarks: the same scripts, splits, weights and seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .records import Record
from .tuning_sets import SUBJECTS


def earlier(results: Path) -> list[Record]:
    """Runs of peers, marked ``earlier``; what they took counts for nothing, since it was another day or machine."""
    found: list[Record] = []
    if (results / "main_job.json").is_file():
        found += of_main_job(json.loads((results / "main_job.json").read_text())["runs"])
    if (results / "few_shot.json").is_file():
        found += of_few_shot(json.loads((results / "few_shot.json").read_text()))
    return found


def of_main_job(runs: Iterable[Record]) -> list[Record]:
    """Those of peers of the sets that are measured here."""
    return [
        _record(run["tool"], run["set"], run["split"], run["pair"], run["accuracy"], run["n_test"])
        for run in runs
        if run["ok"] and run["set"] in SUBJECTS and run["tool"] in SUBJECTS[run["set"]].peers
    ]


def of_few_shot(rows: Iterable[dict[str, Any]]) -> list[Record]:
    """SetFit on the draws of banking77, whose number is the seed."""
    return [
        _record("setfit", "banking77_8", row["seed"], 0, row["accuracy"], None)
        for row in rows
        if row["tool"] == "setfit"
    ]


def _record(tool: str, name: str, split: int, pair: int, accuracy: float, n_test: int | None) -> Record:
    record = {"tool": tool, "set": name, "split": split, "pair": pair, "timed": False, "beside": "", "ok": True}
    return {**record, "accuracy": accuracy, "n_test": n_test, "earlier": True}
