"""What the grid and the fits of ``regret.py`` come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tables
from .records import Record
from .regret_grid import GRIDS
from .regret_scores import Regret, halves, mean_of_sets, regret
from .regret_sets import SETS
from .summary import Target

MEAN_POINTS, WORST_POINTS = 0.5, 2.0
MINUTE = 60.0
TRUTH = "truth"
Right = dict[str, NDArray[np.int64]]


class Outcomes:
    """Regrets by set and seed, of those with a fit and a grid; candidates that failed or are missing are left out."""

    def __init__(self, grid: Iterable[Record], fits: Iterable[Record]) -> None:
        self.grid: dict[tuple[str, int], dict[str, Record]] = {}
        for record in grid:
            name, seed, _ = record["name"].split("/", 2)
            self.grid.setdefault((name, int(seed)), {})[record["entry"]] = record
        self.fits = {(run["set"], run["seed"]): run for run in fits if run["ok"]}
        self.keys = sorted(key for key in self.fits if TRUTH in self.grid.get(key, {}) and self.right(key))
        self.regrets = {key: self._regret(key) for key in self.keys}

    @property
    def sets(self) -> list[str]:
        """Names, in the order of SETS."""
        return [name for name in SETS if any(key[0] == name for key in self.keys)]

    def seeds(self, name: str) -> list[tuple[str, int]]:
        """The keys of a set."""
        return [key for key in self.keys if key[0] == name]

    def right(self, key: tuple[str, int], *, own_network: bool = False) -> Right:
        """What each candidate gets right, in the order of the grid."""
        entries = GRIDS[SETS[key[0]].kind]
        names = [entry.name for entry in entries if not (own_network and entry.network)]
        records = self.grid[key]
        return {name: np.asarray(records[name]["right"]) for name in names if records.get(name, {}).get("ok")}

    def candidates(self, name: str) -> str:
        """How many there are at each seed at least, of those of the grid."""
        return f"{min(len(self.right(key)) for key in self.seeds(name))} of {len(GRIDS[SETS[name].kind])}"

    def _regret(self, key: tuple[str, int], *, own_network: bool = False) -> Regret:
        fit, truth = self.fits[key], self.grid[key][TRUTH]
        if fit["ids"] != truth["ids"]:
            raise ValueError(f"{key} was fitted on another test than the grid; remove its lines and run it again")
        first = halves(truth["classes"], seed=key[1])
        return regret(self.right(key, own_network=own_network), np.asarray(fit["right"]), first)

    def points(self, *, own_network: bool = False) -> dict[str, list[float]]:
        """Regret of each seed, by set."""
        return {name: [self._regret(key, own_network=own_network).points for key in self.seeds(name)]
                for name in self.sets}  # fmt: skip

    def accuracy(self, key: tuple[str, int], name: str) -> float:
        """Of a candidate on the whole test."""
        return float(self.right(key)[name].mean())

    def by_validation(self, key: tuple[str, int]) -> float:
        """Accuracy of the candidate with the least validation loss: what is lost by picking without the test."""
        names = list(self.right(key))
        return self.accuracy(key, min(names, key=lambda name: float(self.grid[key][name]["val_loss"])))


def tables_of(found: Outcomes, minutes: float) -> list[str]:
    """Promises, sets, picks, and every candidate."""
    if not found.keys:
        return ["No set and seed has both a fit and a grid."]
    promises = tables.targets_table(targets(found, minutes))
    kinds = dict.fromkeys(SETS[name].kind for name in found.sets)
    return [promises, sets_table(found), *(candidates_table(found, kind) for kind in kinds)]


def sets_table(found: Outcomes) -> str:
    """One line a set: means over the seeds, in accuracy and points."""
    columns = ("data", "seeds", "candidates", "test", "fit", "oracle", "regret, 95 %", "worst seed")
    more = ("default network", "probe", "by validation", "longest s")
    return tables.markdown((*columns, *more), (_set_row(found, name) for name in found.sets))


def _set_row(found: Outcomes, name: str) -> tuple[str, ...]:
    keys = found.seeds(name)
    regrets = [found.regrets[key] for key in keys]
    worst = max(regrets, key=lambda each: each.points)
    return (
        name,
        str(len(keys)),
        found.candidates(name),
        str(len(found.fits[keys[0]]["right"])),
        f"{fmean(each.ours for each in regrets):.3f}",
        f"{fmean(each.oracle for each in regrets):.3f}",
        _mean({name: [each.points for each in regrets]}),
        f"{worst.points:+.1f} {_interval(worst.interval)}",
        f"{fmean(found.points(own_network=True)[name]):+.1f}",
        f"{fmean(found.accuracy(key, 'linear_probe') for key in keys):.3f}",
        f"{fmean(found.by_validation(key) for key in keys):.3f}",
        f"{max(found.fits[key]['wall_seconds'] for key in keys):.0f}",
    )


def candidates_table(found: Outcomes, kind: str) -> str:
    """Mean accuracy of every candidate, how often the oracle picked it, and processor seconds in the grid."""
    names = [name for name in found.sets if SETS[name].kind == kind]
    rows = []
    for entry in GRIDS[kind]:
        cells = []
        for name in names:
            keys = [key for key in found.seeds(name) if entry.name in found.right(key)]
            picks = Counter(pick for key in keys for pick in found.regrets[key].picks)[entry.name]
            accuracy = fmean(found.accuracy(key, entry.name) for key in keys) if keys else None
            seconds = fmean(found.grid[key][entry.name]["cpu_seconds"] for key in keys) if keys else 0.0
            cells += ["-" if accuracy is None else f"{accuracy:.3f} ({picks})", f"{seconds:.0f}"]
        rows.append((entry.name, entry.how, *cells))
    header = [part for name in names for part in (f"{name} (picked)", "CPU s")]
    return tables.markdown((f"candidate, {kind}", "how", *header), rows)


def targets(found: Outcomes, minutes: float) -> list[Target]:
    """Promised and measured."""
    points = found.points()
    if not points:
        return []
    mean, _ = mean_of_sets(points)
    worst = max(points, key=lambda name: fmean(points[name]))
    key, run = max(found.regrets.items(), key=lambda item: item[1].points)
    longest = max(found.fits[key]["wall_seconds"] for key in found.keys)
    return [
        Target("regret, mean over the sets", f"at most {MEAN_POINTS} points", _mean(points), mean <= MEAN_POINTS),
        Target("regret of the worst set, mean over its seeds", f"at most {WORST_POINTS:g} points",
               f"{_mean({worst: points[worst]})}, {worst}", fmean(points[worst]) <= WORST_POINTS),
        Target("regret of the worst single run", f"at most {WORST_POINTS:g} points",
               f"{run.points:+.1f} {_interval(run.interval)}, {key[0]} seed {key[1]}", run.points <= WORST_POINTS),
        Target(f"the longest fit --minutes {minutes:g}", f"at most {minutes * MINUTE:.0f} s", f"{longest:.0f} s",
               longest <= minutes * MINUTE),
    ]  # fmt: skip


def _mean(points: dict[str, list[float]]) -> str:
    mean, interval = mean_of_sets(points)
    return f"{mean:+.2f} {_interval(interval)}"


def _interval(bounds: tuple[float, float] | None) -> str:
    return "(one seed)" if bounds is None else f"({bounds[0]:+.1f} to {bounds[1]:+.1f})"


def document(found: Outcomes, minutes: float) -> dict[str, Any]:
    """For ``regret.json``: all but the answers to single examples, which stay with the lines."""
    return {
        "targets": [asdict(target) for target in targets(found, minutes)],
        "regret": {
            name: {"points": mean_of_sets({name: values})[0], "interval": mean_of_sets({name: values})[1]}
            for name, values in found.points().items()
        },
        "runs": [
            {"set": key[0], "seed": key[1], **asdict(found.regrets[key]), "fit": _without(found.fits[key], "right"),
             "grid": [_candidate(found, key, name) for name in found.right(key)]}
            for key in found.keys
        ],
    }  # fmt: skip


def _candidate(found: Outcomes, key: tuple[str, int], name: str) -> Record:
    first = halves(found.grid[key][TRUTH]["classes"], seed=key[1])
    right = found.right(key)[name]
    record = _without(found.grid[key][name], "right", "ids", "name", "ok", "failure", "primary")
    return {
        **record,
        "accuracy": float(right.mean()),
        "halves": [float(right[rows].mean()) for rows in (first, ~first)],
    }


def _without(record: Record, *names: str) -> Record:
    return {key: value for key, value in record.items() if key not in names}
