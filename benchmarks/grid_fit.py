"""All candidates of a grid in one fit, each noted with what it gets right of the test; ``regret.py`` starts it.

    python benchmarks/grid_fit.py LINES.jsonl DATA --prefix SET/SEED --grid pictures --seed 0 --out FOLDER

The data are read, described and probed once, as ``headstart fit`` does it; then every candidate is solved or trained
after the other on the same rows and validated on the same ones, with kept activations in common. A line is appended
after each; what is there is not done again. The fit ends before it would choose, so nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from comparison.lines import Lines
from comparison.regret_grid import FIRST, GRIDS, Entry

TRUTH = "truth"  # the record that has the class of every test example
KEPT = ("freeze", "lr", "epochs", "views", "augmentation", "precision")  # of a training's settings


class Done(Exception):
    """The grid is complete: the fit need not go on."""


class Grid:
    """The candidates of one network, in a fit that has solved its own."""

    def __init__(self, args: argparse.Namespace, entries: list[Entry], found: Lines, work: Any, solved: Any) -> None:
        from headstart.training.rows import validation_rows
        from headstart.training.training import Shared

        self.args, self.entries, self.found, self.work, self.solved = args, entries, found, work, solved
        self.learning, self.shared = solved.learning, Shared()
        self.val = validation_rows(solved, self.learning.seed)[1]
        dataset = solved.reading.dataset
        ids = [str(name) for name in self.learning.test.ids]
        self.order = np.argsort(ids)
        self.ids = digest(ids)
        self.targets = self.learning.task.encode(dataset.targets[solved.parts.split.test])

    def run(self) -> None:
        """What is not there yet."""
        if self.found.wants(self._name(TRUTH)):
            self.found.add({**self._record(TRUTH), "classes": self.targets.values[self.order].tolist()})
        for entry in self.entries:
            if self.found.wants(self._name(entry.name)):
                self.found.add(self._measured(entry))
                gc.collect()  # a trainer holds itself in a circle, and with it a network and its optimizer

    def _name(self, what: str) -> str:
        return f"{self.args.prefix}/{what}"

    def _record(self, what: str) -> dict[str, Any]:
        record = {"name": self._name(what), "entry": what, "primary": self.learning.task.primary, "ids": self.ids}
        return {**record, "ok": True, "failure": None}

    def _measured(self, entry: Entry) -> dict[str, Any]:
        from headstart.racing.race import FAILURES

        began, used = time.perf_counter(), time.process_time()
        record = self._record(entry.name)
        try:
            contender, settings = getattr(self, f"_{entry.how}")(entry)
            record |= {**self._judged(contender), "settings": settings}
        except FAILURES as problem:
            record |= {"ok": False, "failure": f"{type(problem).__name__}: {problem}"[:300]}
        cost = {"wall_seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
        return record | {name: round(seconds, 2) for name, seconds in cost.items()}

    def _judged(self, contender: Any) -> dict[str, Any]:
        """What it gets right of the test, and its validation loss at the best temperature, as the guard sees it."""
        from headstart.engine.training.sharpness import best_factor

        task, outputs = contender.task, contender.solution.out_of_fold[self.val]
        known = np.isfinite(outputs).all(axis=1)
        targets, outputs = self.learning.targets.take(self.val[known]), outputs[known]
        loss = math.inf
        if known.any():
            loss = float(task.loss(targets, outputs * best_factor(task, targets, outputs)).mean())
        right = np.asarray(task.predictions(contender.test_outputs)["prediction"]) == task.written(self.targets)
        return {"val_loss": loss, "right": right[self.order].astype(int).tolist()}

    def _given(self, entry: Entry) -> tuple[Any, dict[str, Any]]:
        name = entry.method or entry.name
        return next(each for each in self.solved.contenders if each.name == name), {}

    def _solved(self, entry: Entry) -> tuple[Any, dict[str, Any]]:
        """Another method, or other settings, on the features of a candidate that a fit has."""
        from headstart.core import plugins
        from headstart.solving.solve import solve_one

        plugin = plugins.load("methods", entry.method)
        method = plugin.build(plugin.config.parse(dict(entry.options), entry.name))
        beside = next(each for each in self.solved.candidates if each.name == entry.beside)
        return solve_one(self.learning, replace(beside, method=method)), dict(entry.options)

    def _trained(self, entry: Entry) -> tuple[Any, dict[str, Any]]:
        from headstart.core.progress import Silent
        from headstart.request.train_request import TrainRequest
        from headstart.training.training import Training

        label = f"grid#{self.entries.index(entry)}"  # under which it is decided and its checkpoints kept
        asked = TrainRequest(entry.method, self._options(entry), trial=label)
        trial = Training(asked, self.work, self.solved, Silent(), math.inf, self.shared).run()
        return trial.contender, {key: trial.settings[key] for key in KEPT}

    def _options(self, entry: Entry) -> dict[str, Any]:
        """Depth, precision and rate as the first training measured them, where the entry does not say."""
        records = {record["name"]: record for record in self.found.read() if record["ok"]}
        first = records.get(self._name(FIRST))
        if first is None:
            return dict(entry.options)
        return options_of(entry, first["settings"], self._deepest())

    def _deepest(self) -> int:
        from headstart.engine.training.freezing import deepest

        (network,) = self.work.networks.values()
        return deepest(network.backbone)


def options_of(entry: Entry, measured: Mapping[str, Any], deepest: int) -> dict[str, Any]:
    """Settings of a training from those that the first one measured.

    >>> options_of(Entry("a", "trained", deeper=-2, options={"lr": 0.1}), {"freeze": 5, "precision": "float32"}, 8)
    {'freeze': 3, 'precision': 'float32', 'lr': 0.1}
    """
    depth = min(max(0, measured["freeze"] + entry.deeper), deepest)
    length = {"epochs": entry.longer * measured["epochs"]} if entry.longer else {}
    return {"freeze": depth, "precision": measured["precision"], **length, **entry.options}


def digest(ids: list[str]) -> str:
    """Of the test examples, whatever their order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def main() -> None:
    import headstart
    from headstart.fitting import carry_out

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--prefix", required=True, help="of the names of the records")
    parser.add_argument("--grid", choices=GRIDS, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs, which must be new")
    parser.add_argument("--most", type=int, help="candidates, to try this program out")
    args = parser.parse_args()
    found, grid = Lines(args.lines), GRIDS[args.grid][: args.most]
    for network in dict.fromkeys(entry.network for entry in grid):
        entries = [entry for entry in grid if entry.network == network]

        def complete(work: Any, solved: Any, *rest: Any, entries: list[Entry] = entries) -> Any:
            Grid(args, entries, found, work, solved).run()
            raise Done

        carry_out.with_trained = complete
        try:
            headstart.fit(
                str(args.data), model=network or None, out=args.out / (network or "own"), seed=args.seed,
                threads=args.threads, accept="duplicates_across_splits",
            )  # fmt: skip
        except Done:
            pass


if __name__ == "__main__":
    main()
