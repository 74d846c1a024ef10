"""What the page of an adaptation says of the domains that the run's own data come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, count, decimal, is_number, percent
from headstart.reports.run_files import listing, mapping
from headstart.reports.table_section import Row, TableSection

MOST = 100
TITLES = ("Source domain", "Examples", "Classes", "Distance", "In the mixture", "Weight", "Aligned")


def sources_table(raw: Any) -> TableSection | None:
    """The nearest first; None without several domains."""
    found = sorted(map(mapping, listing(raw)), key=_far)
    if not found:
        return None
    read = (
        "Distance: squared maximum mean discrepancy to the new examples, about 0 where a domain looks the same. In the "
        "mixture: its share in the mix of source domains that looks most like the new ones. Weight: what one of its "
        "examples counts for in the way of the nearest domains, 1 on the whole. Aligned: by itself, or with all others "
        "where its examples are few or its classes come in other shares."
    )
    return TableSection(
        "sources",
        "Which of your own domains is like the new one?",
        read,
        TITLES,
        tuple(map(_row, found[:MOST])),
        (1, 2, 3, 4, 5),
        says=_says(found),
    )


def _row(each: Mapping[str, Any]) -> Row:
    far, weight, share = (each.get(name) for name in ("distance", "weight", "mixture"))
    return (
        shorten(str(each.get("name")), 60),
        count(each.get("n")),
        count(each.get("classes")),
        decimal(float(far), 3) if is_number(far) else NO_VALUE,
        percent(float(share), 0) if is_number(share) else NO_VALUE,
        decimal(float(weight), 2) if is_number(weight) else NO_VALUE,
        NO_VALUE if not is_number(far) else "by itself" if each.get("alone") else "with all",
    )


def _says(found: list[Mapping[str, Any]]) -> str:
    known = [each for each in found if is_number(each.get("distance"))]
    if len(known) < 2:  # noqa: PLR2004 - one alone is neither near nor far
        return ""
    return f"{quoted(known[0].get('name'))} is nearest, {quoted(known[-1].get('name'))} farthest."


def _far(each: Mapping[str, Any]) -> float:
    far = each.get("distance")
    return float(far) if is_number(far) else float("inf")
