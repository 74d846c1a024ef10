"""The criteria that people know by name, and every comparison of a group with the others, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, is_number, number, percent, signed
from headstart.reports.run_files import mapping

RATIO = "demographic_parity_ratio"
GAPS = {
    "demographic_parity_difference": "Demographic parity: largest gap in how often {it} is said",
    RATIO: "The same as the smallest rate over the largest (the four-fifths rule asks for 0.8)",
    "equal_opportunity_difference": "Equal opportunity: largest gap of true positive rates",
    "false_positive_rate_gap": "Largest gap of false positive rates",
    "equalized_odds_difference": "Equalised odds: the larger of the last two",
    "accuracy_gap": "Largest gap in how often it is right",
    "exact_match_gap": "Largest gap in how often all labels are right",
    "label_accuracy_gap": "Largest gap in how many labels are right",
    "rmse_gap": "Largest gap of typical errors",
    "mean_error_gap": "Largest gap of mean errors",
}
OF_NUMBERS = ("rmse_gap", "mean_error_gap", "rmse", "mean_error")  # in the unit of the target
METRICS = {
    "accuracy": "Right",
    "exact_match": "All labels right",
    "label_accuracy": "Labels right",
    "selection_rate": "Said {it}",
    "true_positive_rate": "True positive rate",
    "false_positive_rate": "False positive rate",
    "rmse": "Typical error",
    "mean_error": "Mean error",
}
POINTS = " points"
SMALL = 0.001  # below which a p-value is not told more exactly


@dataclass(frozen=True)
class GapRow:
    """A criterion with its interval."""

    name: str
    value: str
    span: str


@dataclass(frozen=True)
class ComparisonRow:
    """A group against all other examples in one metric; the interval and p-value are corrected."""

    group: str
    metric: str
    counts: str
    values: str
    difference: str
    span: str
    p_value: str
    differs: bool


def gap_rows(raw: Any, positive: str = "so") -> tuple[GapRow, ...]:
    """Of ``gaps`` of a column; what has no value is left out. ``positive``: what the positive class is called."""
    found = []
    for key, name in GAPS.items():
        each = Interval.of(mapping(raw).get(key))
        if each is not None:
            ends = [_size(key, end) for end in (each.low, each.high) if end is not None]
            span = " to ".join([ends[0].removesuffix(POINTS), ends[1]]) if len(ends) == 2 else ""
            found.append(GapRow(name.format(it=positive), _size(key, each.value), span))
    return tuple(found)


def comparison_rows(raw: Any, positive: str = "so") -> tuple[ComparisonRow, ...]:
    """Of ``against_rest`` of a column, the surest first; ``positive`` as of :func:`gap_rows`."""
    listed = [each for each in map(mapping, raw if isinstance(raw, list) else []) if each.get("metric") in METRICS]
    listed.sort(key=lambda each: each["p_corrected"] if is_number(each.get("p_corrected")) else 1.0)
    return tuple(_row(each, positive) for each in listed)


def _row(each: Mapping[str, Any], positive: str) -> ComparisonRow:
    metric = str(each["metric"])
    bounds = Interval.of(each.get("difference_corrected"))
    ends = [_change(metric, end) for end in (bounds.low, bounds.high) if end is not None] if bounds else []
    return ComparisonRow(
        group=shorten(str(each.get("group"))),
        metric=METRICS[metric].format(it=positive),
        counts=f"{count(each.get('n'))} and {count(each.get('n_others'))}",
        values=f"{_level(metric, each.get('value'))} and {_level(metric, each.get('others'))}",
        difference=_change(metric, bounds.value) if bounds else NO_VALUE,
        span=f"{ends[0].removesuffix(POINTS)} to {ends[1]}" if len(ends) == 2 else "",
        p_value=_p_value(each.get("p_corrected")),
        differs=each.get("differs") is True,
    )


def _size(key: str, value: float) -> str:
    if key == RATIO:
        return decimal(value, 2)
    return number(value) if key in OF_NUMBERS else f"{decimal(100 * value, 1)}{POINTS}"


def _change(metric: str, value: float) -> str:
    return signed(value, 3) if metric in OF_NUMBERS else f"{signed(100 * value, 1)}{POINTS}"


def _level(metric: str, value: Any) -> str:
    if not is_number(value):
        return NO_VALUE
    return number(value) if metric in OF_NUMBERS else percent(value, 0)


def _p_value(value: Any) -> str:
    if not is_number(value):
        return NO_VALUE
    return f"below {SMALL:g}" if value < SMALL else f"{value:.2g}"
