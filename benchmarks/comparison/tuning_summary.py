"""Records of fine-tuning to tables: paired differences, ratios of errors and of times, and whether each promise holds.

Everything is paired: two tools are compared on the same splits, each with the mean over its seeds there, and times
within the pair that ran one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from .paired import by_split, common, difference, difference_interval, error_ratio, interval
from .records import Record
from .summary import Pair, Target, middle
from .tables import MISSING, markdown
from .tools import NAMES
from .tuning_sets import SUBJECTS

OWN = ("linear_probe", "lp_ft_alone", "lp_ft", "minutes")
MOST_POINTS_BELOW = 1.0  # of accuracy, below the best peer, on any set
ERROR_RATIO = 0.9  # geometric mean over the sets, of the best peer's error
EQUAL_TIME_ERROR_RATIO = 0.8  # the same, where both were given the same time
TIME_SHARES = {"plain": 1 / 7, "tuned": 1 / 3}  # of the peer's time


@dataclass(frozen=True)
class Row:
    """One tool on one set, beside what ``--method lp_ft`` shipped.

    Attributes:
        accuracy: Mean over the splits of the means over their seeds.
        low, high: 95 % interval of it, by the number of test examples of one split.
        splits: How many.
        runs: How many, over all seeds.
        shipped: Mean accuracy of what shipped on the same splits; None where there is none.
        difference: Points by which what shipped is better, mean over the common splits.
        difference_low, difference_high: Its 95 % interval.
        error_ratio: Mean error of what shipped over that of the tool, on the common splits.
        seconds: Median of the timed runs.
        time_ratio: Seconds of the fits over those of the tool, all timed pairs together.
        earlier: Some of it was measured earlier, by another benchmark.
    """

    set: str
    tool: str
    accuracy: float
    low: float | None
    high: float | None
    splits: int
    runs: int
    shipped: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    error_ratio: float | None
    seconds: float | None
    time_ratio: float | None
    earlier: bool


class Outcomes:
    """What the records say.

    Args:
        records: Of this benchmark; failed runs are left out.
        earlier: Of others, used where this one has none of the same run.
    """

    def __init__(self, records: Iterable[Record], earlier: Iterable[Record] = ()) -> None:
        own = [record for record in records if record["ok"]]
        here = {_run(record) for record in own}
        self.records = own + [record for record in earlier if _run(record) not in here]
        found = dict.fromkeys(record["set"] for record in own)
        self.sets = tuple(name for name in SUBJECTS if name in found) or tuple(found)

    def accuracies(self, tool: str, name: str, beside: str | None = None) -> dict[Pair, float]:
        """Accuracy by split and pair; several runs of the same are averaged.

        Args:
            tool: "lp_ft" is what shipped; "linear_probe" and "lp_ft_alone" are candidates of the same runs.
            name: The set.
            beside: Only runs beside this peer.
        """
        candidate = {"linear_probe": "linear_probe", "lp_ft_alone": "lp_ft"}.get(tool)
        found: dict[Pair, list[float]] = {}
        for record in self.records:
            if record["set"] != name or record["tool"] != ("lp_ft" if candidate else tool):
                continue
            if beside is not None and record["beside"] != beside:
                continue
            value = record["candidates"].get(candidate) if candidate else record["accuracy"]
            if value is not None:
                found.setdefault((record["split"], record["pair"]), []).append(value)
        return {pair: fmean(values) for pair, values in sorted(found.items())}

    def n_test(self, name: str) -> int:
        """Test examples of a split."""
        return max((record.get("n_test") or 0 for record in self.records if record["set"] == name), default=0)

    def timed_pairs(self, peer: str, name: str, tool: str = "lp_ft") -> list[tuple[float, float]]:
        """Seconds of a fit and of the peer that ran beside it."""
        ours = self._seconds(tool, name, beside=peer)
        theirs = self._seconds(peer, name)
        return [(ours[pair], theirs[pair]) for pair in sorted(ours.keys() & theirs.keys())]

    def seconds(self, tool: str, name: str) -> float | None:
        """Median of the timed runs."""
        timed = (record for record in self.records if record["timed"] and record["tool"] == tool)
        return middle(record["wall_seconds"] for record in timed if record["set"] == name)

    def _seconds(self, tool: str, name: str, beside: str = "") -> dict[Pair, float]:
        return {
            (record["split"], record["pair"]): record["wall_seconds"]
            for record in self.records
            if record["timed"] and (record["tool"], record["set"], record["beside"]) == (tool, name, beside)
        }

    def peers(self, name: str) -> list[str]:
        """Peers of a set that something is known of, on splits that fine-tuning ran on."""
        ours = self.accuracies("lp_ft", name)
        tools = dict.fromkeys(record["tool"] for record in self.records if record["set"] == name)
        return [tool for tool in tools if tool not in OWN and ours.keys() & self.accuracies(tool, name).keys()]

    def best_peer(self, name: str) -> str | None:
        """The one that is best relative to what shipped, each on the splits that both have."""
        ours = self.accuracies("lp_ft", name)
        differences = {peer: difference(ours, self.accuracies(peer, name)) for peer in self.peers(name)}
        known = {peer: value for peer, value in differences.items() if value is not None}
        return min(known, key=known.__getitem__) if known else None


def _run(record: Record) -> tuple[str, str, int, int]:
    return record["tool"], record["set"], record["split"], record["pair"]


def geometric_mean(values: Sequence[float]) -> float | None:
    """None of nothing.

    >>> geometric_mean([0.5, 2.0])
    1.0
    """
    return math.exp(fmean(math.log(value) for value in values)) if values else None


def time_ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    """All of the first over all of the second: what drifts is on both sides.

    >>> time_ratio([(1.0, 4.0), (2.0, 2.0)])
    0.5
    """
    return sum(one for one, _ in pairs) / sum(other for _, other in pairs) if pairs else None


def rows(outcomes: Outcomes) -> list[Row]:
    """Every set, our own candidates first."""
    return [
        row for name in outcomes.sets for tool in (*OWN, *outcomes.peers(name)) if (row := _row(outcomes, name, tool))
    ]


def _row(outcomes: Outcomes, name: str, tool: str) -> Row | None:
    values, shipped = outcomes.accuracies(tool, name), outcomes.accuracies("lp_ft", name)
    if not values:
        return None
    ours, _ = common(shipped, values)
    is_itself = tool == "lp_ft"
    earlier = any(
        record.get("earlier") for record in outcomes.records if (record["set"], record["tool"]) == (name, tool)
    )
    n_test, splits = outcomes.n_test(name), by_split(values)
    mean = fmean(splits.values())
    low, high = interval(mean, n_test) if n_test else (None, None)
    points = None if is_itself else difference_interval(shipped, values, n_test)
    return Row(
        set=name,
        tool=tool,
        accuracy=mean,
        low=low,
        high=high,
        splits=len(splits),
        runs=len(values),
        shipped=fmean(ours) if ours else None,
        difference=None if is_itself else difference(shipped, values),
        difference_low=points[0] if points else None,
        difference_high=points[1] if points else None,
        error_ratio=None if is_itself else error_ratio(shipped, values, n_test),
        seconds=outcomes.seconds(tool, name),
        time_ratio=time_ratio(outcomes.timed_pairs(tool, name)),
        earlier=earlier,
    )


def targets(outcomes: Outcomes) -> list[Target]:
    """Every promise about fine-tuning that these records can decide."""
    with_peers = [name for name in outcomes.sets if outcomes.best_peer(name)]
    return [
        *(_accuracy_target(outcomes, name) for name in with_peers),
        _error_target(outcomes, with_peers),
        *(_time_target(outcomes, peer, share) for peer, share in TIME_SHARES.items()),
        _equal_time_target(outcomes, with_peers),
    ]


def _accuracy_target(outcomes: Outcomes, name: str) -> Target:
    peer = outcomes.best_peer(name)
    assert peer is not None
    ours, theirs = outcomes.accuracies("lp_ft", name), outcomes.accuracies(peer, name)
    points, splits = difference(ours, theirs), len(common(ours, theirs)[0])
    spread = difference_interval(ours, theirs, outcomes.n_test(name))
    assert points is not None
    return Target(
        f"{name}: accuracy minus the best peer's ({peer}), points",
        f"at least -{MOST_POINTS_BELOW:.0f}",
        f"{points:+.1f}{_within(spread)} ({splits} splits)",
        points >= -MOST_POINTS_BELOW,
    )


def _within(bounds: tuple[float, float] | None) -> str:
    return f", {bounds[0]:+.1f} to {bounds[1]:+.1f}" if bounds else ""


def _error_target(outcomes: Outcomes, names: Sequence[str]) -> Target:
    ratios = [
        ratio
        for name in names
        if (peer := outcomes.best_peer(name))
        and (ratio := _ratio(outcomes, name, peer, outcomes.accuracies("lp_ft", name))) is not None
    ]
    return _ratio_target("error over the best peer's, geometric mean over the sets", ERROR_RATIO, ratios)


def _equal_time_target(outcomes: Outcomes, names: Sequence[str]) -> Target:
    """On each set beside the best peer of those that a fit was given the time of."""
    ratios = []
    for name in names:
        found = equal_time_ratios(outcomes, name)
        if found:
            ratios.append(max(found.values()))
    what = "at equal time, error over that of the hardest peer, geometric mean over the sets"
    return _ratio_target(what, EQUAL_TIME_ERROR_RATIO, ratios)


def equal_time_ratios(outcomes: Outcomes, name: str) -> dict[str, float]:
    """Error of a fit that was given a peer's time over the peer's, by peer."""
    found = {
        peer: _ratio(outcomes, name, peer, outcomes.accuracies("minutes", name, beside=peer))
        for peer in outcomes.peers(name)
    }
    return {peer: ratio for peer, ratio in found.items() if ratio is not None}


def _ratio(outcomes: Outcomes, name: str, peer: str, ours: dict[Pair, float]) -> float | None:
    return error_ratio(ours, outcomes.accuracies(peer, name), outcomes.n_test(name))


def _ratio_target(what: str, limit: float, ratios: Sequence[float]) -> Target:
    mean = geometric_mean(ratios)
    measured = MISSING if mean is None else f"{mean:.2f} ({len(ratios)} sets)"
    return Target(what, f"at most {limit}", measured, None if mean is None else mean <= limit)


def _time_target(outcomes: Outcomes, peer: str, share: float) -> Target:
    pairs = [pair for name in outcomes.sets for pair in outcomes.timed_pairs(peer, name)]
    ratio = time_ratio(pairs)
    return Target(
        f"time over that of {peer}, all timed pairs together",
        f"at most 1/{1 / share:.0f}",
        MISSING if ratio is None else f"1/{1 / ratio:.1f} ({len(pairs)} pairs)",
        None if ratio is None else ratio <= share,
    )


def rows_table(table: Iterable[Row]) -> str:
    """For a terminal and for the README."""
    header = (
        "data",
        "tool",
        "accuracy (splits, runs)",
        "95 %",
        "lp_ft shipped, same splits",
        "points",
        "95 %",
        "error ratio",
        "wall s",
        "time ratio",
    )
    return markdown(
        header,
        (
            (
                row.set,
                NAMES.get(row.tool, row.tool),
                f"{row.accuracy:.3f} ({row.splits}, {row.runs})" + " *" * row.earlier,
                _span(row.low, row.high, ".3f"),
                _number(row.shipped, ".3f"),
                _number(row.difference, "+.1f"),
                _span(row.difference_low, row.difference_high, "+.1f"),
                _number(row.error_ratio, ".2f"),
                _number(row.seconds, ".0f"),
                _number(row.time_ratio, ".2f"),
            )
            for row in table
        ),
    )


def equal_time_table(outcomes: Outcomes) -> str:
    """Fits that were given the time of a peer."""
    lines = []
    for name in outcomes.sets:
        for peer, ratio in equal_time_ratios(outcomes, name).items():
            ours, theirs = common(outcomes.accuracies("minutes", name, beside=peer), outcomes.accuracies(peer, name))
            runs = [
                run for run in outcomes.records if (run["tool"], run["set"], run["beside"]) == ("minutes", name, peer)
            ]
            used = fmean(run["wall_seconds"] / run["seconds"] for run in runs)
            shipped = ", ".join(sorted({run["chosen"] for run in runs}))
            lines.append(
                (name, peer, f"{fmean(ours):.3f}", f"{fmean(theirs):.3f}", f"{ratio:.2f}", f"{used:.2f}", shipped)
            )
    return markdown(("data", "time of", "--minutes", "peer", "error ratio", "time used", "shipped"), lines)


def _span(low: float | None, high: float | None, form: str) -> str:
    return MISSING if low is None or high is None else f"{low:{form}} to {high:{form}}"


def _number(value: float | None, form: str) -> str:
    return MISSING if value is None else format(value, form)
