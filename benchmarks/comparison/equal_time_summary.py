"""Records of equal time to tables: accuracies with intervals, paired differences, and whether the promise holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from headstart.evaluation.proportions import clopper_pearson, paired_difference

from .equal_time import AUTOGLUON, HEADSTART, KINDS
from .records import Record
from .summary import Target
from .tables import MISSING, markdown

Interval = tuple[float, float]


@dataclass(frozen=True)
class Side:
    """One tool in one pair of runs."""

    accuracy: float
    interval: Interval
    roc_auc: float | None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mib: float


@dataclass(frozen=True)
class Row:
    """Both tools on one split of one set, with the same minutes and the same seed.

    Attributes:
        points: Headstart's accuracy minus AutoGluon's, in points.
        interval: Of the difference, in points (score interval of pairs); None where the examples are not the same.
        chosen: What Headstart shipped.
        threads: Of each tool.
    """

    minutes: float
    set: str
    split: int
    pair: int
    n_test: int
    headstart: Side
    autogluon: Side
    points: float
    interval: Interval | None
    chosen: str
    threads: int


@dataclass(frozen=True)
class Mean:
    """Means over the sets, each the mean over its splits and seeds."""

    minutes: float
    sets: int
    headstart: float
    autogluon: float

    @property
    def points(self) -> float:
        """By which Headstart is better."""
        return 100 * (self.headstart - self.autogluon)


def rows(records: Iterable[Record]) -> list[Row]:
    """One for each pair of runs that both ended well."""
    found: dict[tuple[float, str, int, int], dict[str, Record]] = {}
    for record in records:
        if record["ok"]:
            place = (record["minutes"], record["set"], record["split"], record["pair"])
            found.setdefault(place, {})[record["tool"]] = record
    order = list(KINDS)
    places = sorted(found, key=lambda place: (place[0], order.index(place[1]), *place[2:]))
    return [_row(found[place]) for place in places if len(found[place]) == 2]


def _row(both: dict[str, Record]) -> Row:
    ours, theirs = both[HEADSTART], both[AUTOGLUON]
    return Row(
        minutes=ours["minutes"],
        set=ours["set"],
        split=ours["split"],
        pair=ours["pair"],
        n_test=ours["n_test"],
        headstart=_side(ours),
        autogluon=_side(theirs),
        points=100 * (ours["accuracy"] - theirs["accuracy"]),
        interval=_paired(ours["right"], theirs["right"]) if ours["examples"] == theirs["examples"] else None,
        chosen=ours["chosen"],
        threads=ours["threads"],
    )


def _side(record: Record) -> Side:
    low, high = clopper_pearson(record["right"].count("1"), record["n_test"])
    return Side(
        accuracy=record["accuracy"],
        interval=(float(low), float(high)),
        roc_auc=record.get("roc_auc"),
        wall_seconds=record["wall_seconds"],
        cpu_seconds=record["cpu_seconds"],
        peak_memory_mib=record["peak_memory_mib"],
    )


def _paired(ours: str, theirs: str) -> Interval:
    """In points; both have a digit for each example."""
    pairs = list(zip(ours, theirs, strict=True))
    low, high = paired_difference(pairs.count(("1", "0")), pairs.count(("0", "1")), len(pairs))
    return 100 * float(low), 100 * float(high)


def means(table: Sequence[Row]) -> list[Mean]:
    """One for each number of minutes."""
    found = []
    for minutes in sorted({row.minutes for row in table}):
        own = [row for row in table if row.minutes == minutes]
        names = dict.fromkeys(row.set for row in own)
        ours, theirs = (
            fmean(fmean(getattr(row, tool).accuracy for row in own if row.set == name) for name in names)
            for tool in (HEADSTART, AUTOGLUON)
        )
        found.append(Mean(minutes, len(names), ours, theirs))
    return found


def targets(table: Sequence[Row]) -> list[Target]:
    """The promise, for each number of minutes; decided where every set was measured."""
    return [
        Target(
            f"mean accuracy over the sets at {mean.minutes:g} minutes, Headstart minus AutoGluon, points",
            "above 0",
            f"{mean.points:+.1f} ({mean.sets} of {len(KINDS)} sets)",
            mean.points > 0 if mean.sets == len(KINDS) else None,
        )
        for mean in means(table)
    ]


def rows_table(table: Sequence[Row]) -> str:
    """For a terminal and for the README; the last row of each number of minutes is the mean over the sets."""
    header = (
        "data (test examples), split",
        "shipped",
        "minutes",
        "threads",
        "Headstart (95 %)",
        "AutoGluon (95 %)",
        "points (95 %)",
        "wall s",
        "ROC AUC",
    )
    lines = []
    for mean in means(table):
        lines += [_line(row) for row in table if row.minutes == mean.minutes]
        both = (f"{mean.headstart:.3f}", f"{mean.autogluon:.3f}", f"{mean.points:+.1f}")
        lines.append((f"mean of {mean.sets} sets", "", f"{mean.minutes:g}", "", *both, "", ""))
    return markdown(header, lines)


def _line(row: Row) -> tuple[str, ...]:
    name = f"{row.set} ({row.n_test}), {row.split}" + (f", seed {row.split + 10 * row.pair}" if row.pair else "")
    sides = (row.headstart, row.autogluon)
    areas = [side.roc_auc for side in sides if side.roc_auc is not None]
    return (
        name,
        row.chosen,
        f"{row.minutes:g}",
        str(row.threads),
        *(f"{side.accuracy:.3f} ({side.interval[0]:.3f} to {side.interval[1]:.3f})" for side in sides),
        f"{row.points:+.1f}" + (f" ({row.interval[0]:+.1f} to {row.interval[1]:+.1f})" if row.interval else ""),
        ", ".join(f"{side.wall_seconds:.0f}" for side in sides),
        ", ".join(f"{area:.3f}" for area in areas) if areas else MISSING,
    )
