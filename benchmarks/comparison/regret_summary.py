"""What the grid and the fits of ``regret.py`` come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tables
from .records import Record
from .regret_grid import GRIDS
from .regret_scores import halves, mean_of_sets, regret
from .regret_sets import SETS
from .summary import Target

MEAN_POINTS, WORST_POINTS = 0.5, 2.0
MINUTE = 60.0
TRUTH = "truth"
Right = dict[str, NDArray[np.int64]]


Key = tuple[str, int]


class Outcomes:
    """What each set and seed came to, as ``regret.json`` keeps it: draws that were measured now, and earlier ones."""

    def __init__(self, grid: Iterable[Record], fits: Iterable[Record], earlier: Iterable[Record] = ()) -> None:
        found = {(run["set"], run["seed"]): run for run in earlier}
        found |= measured(grid, fits)
        self.runs = {key: found[key] for key in sorted(found)}

    @property
    def sets(self) -> list[str]:
        """Names, in the order of SETS."""
        return [name for name in SETS if any(key[0] == name for key in self.runs)]

    def of(self, name: str) -> list[Record]:
        """The draws of a set."""
        return [run for key, run in self.runs.items() if key[0] == name]

    def candidates(self, name: str) -> str:
        """How many there are at each seed at least, of those of the grid."""
        return f"{min(len(run['grid']) for run in self.of(name))} of {len(GRIDS[SETS[name].kind])}"

    def points(self, field: str = "points") -> dict[str, list[float]]:
        """Regret of each seed, by set; ``default_network_points`` are those beside its candidates alone."""
        return {name: [run[field] for run in self.of(name)] for name in self.sets}


def measured(grid: Iterable[Record], fits: Iterable[Record]) -> dict[Key, Record]:
    """One document for each set and seed with a fit and a grid; candidates that failed are left out."""
    by_key: dict[Key, dict[str, Record]] = {}
    for record in grid:
        name, seed, _ = record["name"].split("/", 2)
        by_key.setdefault((name, int(seed)), {})[record["entry"]] = record
    keys = {(run["set"], run["seed"]): run for run in fits if run["ok"]}
    return {
        key: _measured(key, by_key[key], fit)
        for key, fit in keys.items()
        if TRUTH in by_key.get(key, {}) and _right(key, by_key[key])
    }


def _measured(key: Key, records: dict[str, Record], fit: Record) -> Record:
    if fit["ids"] != records[TRUTH]["ids"]:
        raise ValueError(f"{key} was fitted on another test than the grid; remove its lines and run it again")
    first, ours = halves(records[TRUTH]["classes"], seed=key[1]), np.asarray(fit["right"])
    right = _right(key, records)
    default = regret(_right(key, records, own_network=True), ours, first)
    return {
        "set": key[0],
        "seed": key[1],
        "test": len(ours),
        **asdict(regret(right, ours, first)),
        "default_network_points": default.points,
        "fit": _without(fit, "right"),
        "grid": [_candidate(records[name], right[name], first) for name in right],
    }


def _right(key: Key, records: dict[str, Record], *, own_network: bool = False) -> Right:
    """What each candidate gets right, in the order of the grid."""
    entries = GRIDS[SETS[key[0]].kind]
    names = [entry.name for entry in entries if not (own_network and entry.network)]
    return {name: np.asarray(records[name]["right"]) for name in names if records.get(name, {}).get("ok")}


def _candidate(record: Record, right: NDArray[np.int64], first: NDArray[np.bool_]) -> Record:
    """All but the answers to single examples, which stay with the lines."""
    return {
        **_without(record, "right", "ids", "name", "ok", "failure", "primary"),
        "accuracy": float(right.mean()),
        "halves": [float(right[rows].mean()) for rows in (first, ~first)],
    }


def _accuracy(run: Record, name: str) -> float:
    """Of a candidate on the whole test."""
    return float(next(entry["accuracy"] for entry in run["grid"] if entry["entry"] == name))


def _by_validation(run: Record) -> float:
    """Accuracy of the candidate with the least validation loss: what is lost by picking without the test."""
    return float(min(run["grid"], key=lambda entry: float(entry["val_loss"]))["accuracy"])


def tables_of(found: Outcomes, minutes: float) -> list[str]:
    """Promises, sets, picks, and every candidate."""
    if not found.runs:
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
    runs = found.of(name)
    worst = max(runs, key=lambda run: float(run["points"]))
    return (
        name,
        str(len(runs)),
        found.candidates(name),
        str(runs[0]["test"]),
        f"{fmean(run['ours'] for run in runs):.3f}",
        f"{fmean(run['oracle'] for run in runs):.3f}",
        _mean({name: [run["points"] for run in runs]}),
        f"{worst['points']:+.1f} {_interval(worst['interval'])}",
        f"{fmean(run['default_network_points'] for run in runs):+.1f}",
        f"{fmean(_accuracy(run, 'linear_probe') for run in runs):.3f}",
        f"{fmean(_by_validation(run) for run in runs):.3f}",
        f"{max(run['fit']['wall_seconds'] for run in runs):.0f}",
    )


def candidates_table(found: Outcomes, kind: str) -> str:
    """Mean accuracy of every candidate, how often the oracle picked it, and processor seconds in the grid."""
    names = [name for name in found.sets if SETS[name].kind == kind]
    rows = []
    for entry in GRIDS[kind]:
        cells = []
        for name in names:
            runs = found.of(name)
            tried = [each for run in runs for each in run["grid"] if each["entry"] == entry.name]
            picks = Counter(pick for run in runs for pick in run["picks"])[entry.name]
            accuracy = f"{fmean(each['accuracy'] for each in tried):.3f} ({picks})" if tried else "-"
            cells += [accuracy, f"{fmean(each['cpu_seconds'] for each in tried):.0f}" if tried else "-"]
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
    run = max(found.runs.values(), key=lambda each: float(each["points"]))
    longest = max(each["fit"]["wall_seconds"] for each in found.runs.values())
    return [
        Target("regret, mean over the sets", f"at most {MEAN_POINTS} points", _mean(points), mean <= MEAN_POINTS),
        Target("regret of the worst set, mean over its seeds", f"at most {WORST_POINTS:g} points",
               f"{_mean({worst: points[worst]})}, {worst}", fmean(points[worst]) <= WORST_POINTS),
        Target("regret of the worst single run", f"at most {WORST_POINTS:g} points",
               f"{run['points']:+.1f} {_interval(run['interval'])}, {run['set']} seed {run['seed']}",
               run["points"] <= WORST_POINTS),
        Target(f"the longest fit --minutes {minutes:g}", f"at most {minutes * MINUTE:.0f} s", f"{longest:.0f} s",
               longest <= minutes * MINUTE),
    ]  # fmt: skip


def _mean(points: dict[str, list[float]]) -> str:
    mean, interval = mean_of_sets(points)
    return f"{mean:+.2f} {_interval(interval)}"


def _interval(bounds: Sequence[float] | None) -> str:
    return "(one seed)" if bounds is None else f"({bounds[0]:+.1f} to {bounds[1]:+.1f})"


def document(found: Outcomes, minutes: float) -> dict[str, Any]:
    """For ``regret.json``."""
    return {
        "targets": [asdict(target) for target in targets(found, minutes)],
        "regret": {
            name: {"points": mean_of_sets({name: values})[0], "interval": mean_of_sets({name: values})[1]}
            for name, values in found.points().items()
        },
        "runs": list(found.runs.values()),
    }


def _without(record: Record, *names: str) -> Record:
    return {key: value for key, value in record.items() if key not in names}
