"""Every metric of the test split with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.measures import level_text, measure, metrics_of
from headstart.reports.numbers import count
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class MetricRow:
    """A metric: its name, value and bounds as text, and what it means."""

    label: str
    value: str
    span: str
    meaning: str
    is_primary: bool


@dataclass(frozen=True)
class Metrics:
    """Rows in the order of the evidence, the primary one first."""

    rows: tuple[MetricRow, ...]
    level: str


def build(run: RunFiles) -> Section | None:
    """None when the test section has no numbers."""
    found = metrics_of(run.section("test"))
    if not found:
        return None
    names = sorted(found, key=lambda name: name != run.primary)  # stable: the rest stays in the order of the file
    rows = [_row(name, run) for name in names]
    shown = measure(run.primary)
    return Section(
        "measures",
        "How good is it?",
        "Metrics",
        f"{_measured(run)} {shown.label} decides. {shown.meaning}".strip(),
        "The interval is the range in which the value plausibly lies for new examples of the same kind; it narrows "
        "with more test examples.",
        Metrics(tuple(rows), level_text(found.values())),
    )


def _measured(run: RunFiles) -> str:
    if run.is_evaluation:
        given = f"Measured on {count(run.n_test)} examples that were given to evaluate."
        return f"{given} If the model learned from some of them, it looks better than it is."
    return f"Measured on {count(run.n_test)} test examples that took no part in training or choosing."


def _row(name: str, run: RunFiles) -> MetricRow:
    shown, interval = measure(name), metrics_of(run.section("test"))[name]
    direction = " Lower is better." if shown.better == "lower" else ""
    return MetricRow(
        shown.label,
        shown.value(interval),
        shown.range(interval) or "no interval",
        shown.meaning + direction,
        name == run.primary,
    )
