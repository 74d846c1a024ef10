"""Records to tables: medians of pairs, ratios, sums over the sets, and whether each promise holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from .records import Record

Pair = tuple[int, int]  # split, number of the pair: what was run side by side
PLAIN_RATIO, TUNED_RATIO = 15.0, 6.0  # how many times faster the cold fits must be, summed over the sets
MOST_POINTS_BELOW_TUNED = 3.0  # of accuracy, in the mean over the sets
SECOND_FIT_SECONDS = 4.0  # on top of the import


@dataclass(frozen=True)
class Row:
    """One tool on one set, or summed over all sets (``set`` is then "all").

    Attributes:
        accuracy: Mean over the splits; None where nothing succeeded.
        splits: How many splits that mean is of.
        wall_seconds: Median over the timed pairs; None where none was timed. So are ``cpu_seconds``.
        peak_memory_mib: Largest over the timed pairs.
        times_headstart: Median over the pairs of this tool's wall seconds over Headstart's in the same pair.
    """

    set: str
    tool: str
    accuracy: float | None
    splits: int
    wall_seconds: float | None
    cpu_seconds: float | None
    peak_memory_mib: float | None
    times_headstart: float | None


@dataclass(frozen=True)
class Target:
    """A promise: ``met`` is None where it was not measured."""

    name: str
    target: str
    measured: str
    met: bool | None


class Results:
    """What the records say; failed runs are absent."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = [record for record in records if record["ok"]]
        self.sets = tuple(dict.fromkeys(record["set"] for record in self.records if record["set"]))
        self.tools = tuple(dict.fromkeys(record["tool"] for record in self.records if record["set"]))

    def timed(self, tool: str, name: str) -> dict[Pair, Record]:
        """Timed runs of a tool on a set, by split and pair."""
        return {
            (record["split"], record["pair"]): record
            for record in self.records
            if record["timed"] and record["tool"] == tool and record["set"] == name
        }

    def summed(self, tool: str, field: str) -> dict[Pair, float]:
        """``field`` summed over all sets, for the pairs that every set has."""
        by_set = [self.timed(tool, name) for name in self.sets]
        common = set.intersection(*(set(runs) for runs in by_set)) if by_set else set()
        return {pair: sum(runs[pair][field] for runs in by_set) for pair in sorted(common)}

    def accuracies(self, tool: str, name: str) -> dict[int, float]:
        """Mean accuracy by split; several runs of one split (timed, untimed, pairs) are averaged first."""
        found: dict[int, list[float]] = {}
        for record in self.records:
            if record["tool"] == tool and record["set"] == name:
                found.setdefault(record["split"], []).append(record["accuracy"])
        return {split: fmean(values) for split, values in sorted(found.items())}

    def accuracy_difference(self, other: str, name: str) -> tuple[float, int] | None:
        """Headstart minus ``other``, mean over the splits that both have, and their number."""
        ours, theirs = self.accuracies("headstart", name), self.accuracies(other, name)
        common = sorted(ours.keys() & theirs.keys())
        return (fmean(ours[split] - theirs[split] for split in common), len(common)) if common else None

    def import_seconds(self) -> float | None:
        """Median time to import what a fit imports."""
        return middle(record["wall_seconds"] for record in self.records if record["tool"] == "import")


def middle(values: Iterable[float]) -> float | None:
    """The median; None of nothing."""
    known = list(values)
    return median(known) if known else None


def median_ratio(others: dict[Pair, float], ours: dict[Pair, float]) -> float | None:
    """Median over the common pairs of ``others / ours``: drift of the machine cancels inside a pair."""
    return middle(others[pair] / ours[pair] for pair in others.keys() & ours.keys())


def rows(results: Results) -> list[Row]:
    """One per set and tool, then the sums over all sets."""
    table = []
    for name in results.sets:
        ours = {pair: run["wall_seconds"] for pair, run in results.timed("headstart", name).items()}
        for tool in results.tools:
            accuracies, runs = results.accuracies(tool, name), results.timed(tool, name)
            if not accuracies:
                continue
            walls = {pair: run["wall_seconds"] for pair, run in runs.items()}
            table.append(
                Row(
                    set=name,
                    tool=tool,
                    accuracy=fmean(accuracies.values()),
                    splits=len(accuracies),
                    wall_seconds=middle(walls.values()),
                    cpu_seconds=middle(run["cpu_seconds"] for run in runs.values()),
                    peak_memory_mib=max((run["peak_memory_mib"] for run in runs.values()), default=None),
                    times_headstart=median_ratio(walls, ours),
                )
            )
    return table + [row for tool in results.tools if (row := _summed_row(results, tool, table))]


def _summed_row(results: Results, tool: str, table: Sequence[Row]) -> Row | None:
    """The tool over all sets; None where it lacks one."""
    mine = [row for row in table if row.tool == tool]
    if len(mine) < len(results.sets):
        return None
    walls = results.summed(tool, "wall_seconds")
    memory = [row.peak_memory_mib for row in mine if row.peak_memory_mib is not None]
    return Row(
        set="all",
        tool=tool,
        accuracy=fmean(row.accuracy for row in mine if row.accuracy is not None),
        splits=min(row.splits for row in mine),
        wall_seconds=middle(walls.values()),
        cpu_seconds=middle(results.summed(tool, "cpu_seconds").values()),
        peak_memory_mib=max(memory, default=None),
        times_headstart=median_ratio(walls, results.summed("headstart", "wall_seconds")),
    )


def targets(results: Results) -> list[Target]:
    """Every promise about the main job that these records can decide."""
    return [
        _summed_target(results, "plain", PLAIN_RATIO),
        _summed_target(results, "tuned", TUNED_RATIO),
        *(_per_set_target(results, name) for name in results.sets),
        *(_fastai_target(results, name) for name in results.sets),
        _tuned_accuracy_target(results),
        *(target for name in results.sets for target in _second_fit_targets(results, name)),
    ]


def _summed_target(results: Results, peer: str, limit: float) -> Target:
    ratio = median_ratio(results.summed(peer, "wall_seconds"), results.summed("headstart", "wall_seconds"))
    return Target(
        f"cold fits of all sets, times as fast as {peer}",
        f"at least {limit:.0f}",
        "-" if ratio is None else f"{ratio:.1f}",
        None if ratio is None else ratio >= limit,
    )


def _per_set_target(results: Results, name: str) -> Target:
    """Cold fit within the import and a sixth of what the tuned script takes beyond an import."""
    ours = middle(run["wall_seconds"] for run in results.timed("headstart", name).values())
    tuned = middle(run["wall_seconds"] for run in results.timed("tuned", name).values())
    imports = results.import_seconds()
    what = f"{name}: cold fit, seconds"
    if ours is None or tuned is None or imports is None:
        return Target(what, "import + tuned rest / 6", "-", None)
    limit = imports + (tuned - imports) / TUNED_RATIO
    return Target(what, f"at most {limit:.1f}", f"{ours:.1f}", ours <= limit)


def _fastai_target(results: Results, name: str) -> Target:
    difference = results.accuracy_difference("fastai", name)
    what = f"{name}: accuracy minus fastai's, points"
    if difference is None:
        return Target(what, "at least 0", "-", None)
    points = 100 * difference[0]
    return Target(what, "at least 0", f"{points:+.1f} ({difference[1]} splits)", points >= 0)


def _tuned_accuracy_target(results: Results) -> Target:
    found = [results.accuracy_difference("tuned", name) for name in results.sets]
    known = [difference for difference in found if difference is not None]
    what, limit = "mean accuracy minus the tuned script's, points", f"at least -{MOST_POINTS_BELOW_TUNED:.0f}"
    if not found or len(known) < len(found):
        return Target(what, limit, "-", None)
    points = 100 * fmean(difference for difference, _ in known)
    fewest = min(splits for _, splits in known)
    return Target(what, limit, f"{points:+.1f} ({fewest} splits)", points >= -MOST_POINTS_BELOW_TUNED)


def _second_fit_targets(results: Results, name: str) -> list[Target]:
    runs = results.timed("headstart_again", name).values()
    seconds, imports = middle(run["wall_seconds"] for run in runs), results.import_seconds()
    work = {kind: max((run["counters"][kind] for run in runs), default=None) for kind in ("decoded", "forwarded")}
    what = f"{name}: second fit, "
    if seconds is None or imports is None:
        return [Target(what + "seconds", f"import + {SECOND_FIT_SECONDS:.0f}", "-", None)]
    limit = imports + SECOND_FIT_SECONDS
    return [
        Target(what + "seconds", f"at most {limit:.1f}", f"{seconds:.1f}", seconds <= limit),
        Target(
            what + "pictures decoded, sent through a network",
            "0, 0",
            f"{work['decoded']:.0f}, {work['forwarded']:.0f}",
            not any(work.values()),
        ),
    ]
