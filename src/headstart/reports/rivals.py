"""Which comparison the chosen model has to be held against: the best one on the other side of the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.measures import measure
from headstart.reports.numbers import Interval
from headstart.reports.run_files import RunFiles, listing, mapping

Row = Mapping[str, Any]


def known_rows(run: RunFiles) -> list[tuple[Row, Interval]]:
    """Comparisons that have a number for the primary metric, best first."""
    rows = [mapping(row) for row in listing(run.evidence.get("comparisons"))]
    found = [(row, Interval.of(row.get(run.primary))) for row in rows]
    known = [(row, interval) for row, interval in found if interval is not None]
    sign = -1 if measure(run.primary).better == "higher" else 1
    return sorted(known, key=lambda pair: sign * pair[1].value)


def chosen_is_transfer(run: RunFiles) -> bool:
    """Whether pretrained weights are in the chosen model, as the verdict says or as follows from it and the guard."""
    verdict = run.section("verdict")
    said = verdict.get("chosen_is_transfer")
    if isinstance(said, bool):
        return said
    is_its_own_rival = verdict.get("chosen") is not None and verdict.get("chosen") == verdict.get("against")
    return not (is_its_own_rival or run.section("guard").get("fell_back") is True)


def best_rival(run: RunFiles) -> tuple[Row, Interval] | None:
    """The best comparison without transfer; the best with it, when the chosen model has none."""
    wanted = not chosen_is_transfer(run)
    return next(((row, interval) for row, interval in known_rows(run) if row.get("transfer") is wanted), None)
