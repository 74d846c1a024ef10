"""Which networks were compared before the fit went on with one, and why that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.measures import measure
from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, count, decimal, duration, is_number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

LONGEST = 200


@dataclass(frozen=True)
class Row:
    """One network."""

    name: str
    loss: str
    score: str
    parameters: str
    seconds: str
    note: str
    is_chosen: bool


@dataclass(frozen=True)
class Networks:
    """The comparison; ``sentence`` is its result."""

    sentence: str
    rows: tuple[Row, ...]
    loss: str
    score: str


def build(run: RunFiles) -> Section | None:
    """None where a fit had one network from the beginning."""
    found = run.section("networks")
    compared = [mapping(each) for each in listing(found.get("compared"))]
    if not compared:
        return None
    loss = measure(str(found.get("metric") or "loss"))
    shown = measure(str(found.get("primary") or run.primary))
    rows = tuple(_row(each, found, shown) for each in compared)
    folds = count(found.get("folds"))
    return Section(
        "networks",
        "Which network?",
        "Networks",
        _says(compared),
        f"Each network describes the {count(found.get('rows'))} training examples, a linear model learns from the "
        f"descriptions, and {loss.inline} is that of examples it had not seen, in {folds} folds; "
        "smaller is better. The test split was closed. Between networks that are close, chance has a say.",
        Networks(shorten(str(found.get("sentence") or ""), 400), rows, loss.label, shown.label),
    )


def _says(compared: list[Mapping[str, Any]]) -> str:
    tried = sum(is_number(each.get("loss")) for each in compared)
    if tried == 1:
        return "One network could be tried, so there was nothing to choose."
    rest = len(compared) - tried
    others = f" {count(rest)} more {'was' if rest == 1 else 'were'} left out; the table says why." if rest else ""
    return f"{count(tried)} networks were compared before anything else, and the fit went on with the best.{others}"


def _row(each: Mapping[str, Any], found: Mapping[str, Any], shown: Any) -> Row:
    loss, score, parameters = (each.get(name) for name in ("loss", "score", "parameters"))
    is_tried = is_number(loss)
    why = shorten(str(each.get("why") or "").rstrip("."), LONGEST)
    return Row(
        name=shorten(str(each.get("name") or ""), 60),
        loss=decimal(loss) if is_number(loss) else NO_VALUE,
        score=shown.text(score) if is_number(score) else NO_VALUE,
        parameters=f"{parameters / 1e6:.1f} million" if is_number(parameters) else NO_VALUE,
        seconds=duration(each.get("seconds")) if is_tried else NO_VALUE,
        note="" if is_tried or not why else f"Not tried: {why}.",
        is_chosen=each.get("name") == found.get("chosen"),
    )
