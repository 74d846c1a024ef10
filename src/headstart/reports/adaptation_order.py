"""What the page of an adaptation says of a new domain along an order: its windows, of which the last is adapted to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, count, decimal, is_number, number, percent
from headstart.reports.run_files import listing, mapping
from headstart.reports.table_section import Row, TableSection

TITLES = ("Window", "Examples", "From", "To", "Distance", "Taught")
MIDNIGHT = "T00:00:00Z"


def order_table(raw: Any) -> TableSection | None:
    """Window by window; None without an order."""
    section = mapping(raw)
    windows = [mapping(each) for each in listing(section.get("windows"))]
    if not windows:
        return None
    read = (
        "The new examples are cut into windows along the order; the last is the domain that the model is adapted to, "
        "those before are the path there. Distance: squared maximum mean discrepancy to the window before, of the "
        "first to the examples that the model learned from; about 0 where nothing moved, and small steps are followed "
        "best. Taught: the share of a window whose answers taught its own head, where the path was followed."
    )
    is_days = all(str(each.get(end)).endswith(MIDNIGHT) for each in windows for end in ("from", "to"))
    rows = tuple(_row(place, each, len(windows), is_days) for place, each in enumerate(windows, start=1))
    title = f"How do the new examples change along {quoted(section.get('column'))}?"
    return TableSection("order", title, read, TITLES, rows, (1, 4, 5), says=_says(windows))


def _row(place: int, each: Mapping[str, Any], last: int, is_days: bool) -> Row:
    far, taught = each.get("distance"), each.get("taught")
    return (
        f"{place}, adapted to" if place == last else str(place),
        count(each.get("n")),
        _place(each.get("from"), is_days),
        _place(each.get("to"), is_days),
        decimal(float(far), 3) if is_number(far) else NO_VALUE,
        percent(float(taught), 0) if is_number(taught) else NO_VALUE,
    )


def _place(value: Any, is_days: bool) -> str:
    """A number, or a date; of days without the hour."""
    if is_number(value):
        return number(value)
    text = shorten(str(value), 40) if value is not None else NO_VALUE
    return text.removesuffix(MIDNIGHT) if is_days else text.replace("T", " ").removesuffix("Z")


def _says(windows: list[Mapping[str, Any]]) -> str:
    """Which step is the largest; nothing of a single one."""
    steps = [
        (float(each["distance"]), place) for place, each in enumerate(windows, 1) if is_number(each.get("distance"))
    ]
    if len(steps) < 2:  # noqa: PLR2004 - one alone is neither large nor small
        return ""
    place = max(steps)[1]
    before = f"window {place - 1}" if place > 1 else "the examples that the model learned from"
    return f"The largest step is from {before} to window {place}."
