"""The summary as Markdown, for a terminal and for the README alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .summary import Row, Target
from .tools import NAMES

MISSING = "-"


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table with its columns padded; all but the first two columns are aligned right."""
    cells = [list(header), *(list(line) for line in lines)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    rule = ["-" * width if column < 2 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in [cells[0], rule, *cells[1:]]
    )


def with_interval(raw: Mapping[str, Any] | None) -> str:
    """``0.914 (0.879 to 0.941)``; a dash where there is nothing."""
    if not raw or raw.get("value") is None:
        return MISSING
    span = "" if raw.get("low") is None else f" ({raw['low']:.3f} to {raw['high']:.3f})"
    return f"{raw['value']:.3f}{span}"


def tools_table(rows: Iterable[Row]) -> str:
    """Accuracy, time and memory by set and tool."""
    header = ("data", "tool", "accuracy (splits)", "wall s", "CPU s", "peak MiB", "time / Headstart")
    return markdown(
        header,
        (
            (
                row.set,
                NAMES.get(row.tool, row.tool),
                MISSING if row.accuracy is None else f"{row.accuracy:.3f} ({row.splits})",
                _number(row.wall_seconds, ".1f"),
                _number(row.cpu_seconds, ".1f"),
                _number(row.peak_memory_mib, ".0f"),
                _number(row.times_headstart, ".1f"),
            )
            for row in rows
        ),
    )


def targets_table(targets: Iterable[Target]) -> str:
    """What was promised, what came, and whether it holds."""
    verdict = {True: "yes", False: "NO", None: "not measured"}
    return markdown(
        ("promise", "target", "measured", "met"),
        ((target.name, target.target, target.measured, verdict[target.met]) for target in targets),
    )


def _number(value: float | None, form: str) -> str:
    return MISSING if value is None else format(value, form)
