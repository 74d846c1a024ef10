"""What the run cost, and what a prediction costs."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.numbers import duration, is_number, memory
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class CostRow:
    """A quantity with what it means."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Cost:
    """Only what was measured."""

    rows: tuple[CostRow, ...]


def build(run: RunFiles) -> Section | None:
    """None when nothing was measured."""
    cost = run.section("cost")
    milliseconds = cost.get("predict_ms_per_input")
    rows = [
        ("Time", cost.get("wall_seconds"), duration, "From start to this page, by the clock."),
        ("Processor time", cost.get("cpu_seconds"), duration, "Summed over the processor's cores."),
        ("Peak memory", cost.get("peak_memory_mib"), memory, "The most that was in use at one moment."),
        (
            "Per prediction",
            milliseconds / 1000 if is_number(milliseconds) else None,
            duration,
            "Mean time for one input, in batches, on the same machine.",
        ),
    ]
    known = tuple(CostRow(label, text(value), why) for label, value, text, why in rows if is_number(value))
    if not known:
        return None
    says = "Measured on the machine that made this run; another machine will differ."
    return Section("cost", "What it cost", "Cost", says, "", Cost(known))
