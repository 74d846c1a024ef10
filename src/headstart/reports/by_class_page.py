"""by_class.html: which words, columns, bands or regions drive each class over a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.excerpts import PICTURE
from headstart.reports.explain_page import MEANS, NAMES, pieces_of
from headstart.reports.frame import draw
from headstart.reports.names import shorten
from headstart.reports.run_files import listing, mapping
from headstart.reports.showable import showable

NOUNS = {"text": "Word", "table": "Column", "sound": "Band", "image": "Region"}


@dataclass(frozen=True)
class Row:
    """A unit: its figures and where they lie on an axis, in percent of the drawing; the middle is 0."""

    name: str
    examples: int
    value: str
    bounds: str
    note: str
    at: float
    start: float
    width: float
    is_for: bool


@dataclass(frozen=True)
class Prototype:
    """An example of a class whose margin is among the largest."""

    name: str
    overlay: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OfClass:
    """One class; ``cells`` are rows of opacities 0-1 of a mean map, ``outer`` a sentence on its outer cells."""

    name: str
    examples: int
    rows: tuple[Row, ...]
    cells: tuple[tuple[float, ...], ...]
    outer: str
    prototypes: tuple[Prototype, ...]


def render_by_class(
    path: Path, document: Mapping[str, Any], prototypes: Mapping[str | None, Sequence[Mapping[str, Any]]]
) -> Path:
    """Write the page of by_class.json and return its path; ``prototypes`` are examples by the name of their class."""
    shown = mapping(showable(document))
    modality, method = str(shown.get("modality") or ""), str(shown.get("method") or "")
    raw = zip(listing(shown.get("classes")), listing(document.get("classes")), strict=True)
    classes = [_class(mapping(each), prototypes.get(mapping(found).get("class"), ())) for each, found in raw]
    page = draw(
        "by_class.html", classes=classes, noun=NOUNS.get(modality, "Part"), method=NAMES.get(method, method),
        means=MEANS.get(method, ""), read=shown.get("read"), failed=shown.get("failed"),
        at_least=shown.get("at_least") if modality == "text" else None, is_size=modality == "table",
    )  # fmt: skip
    write_text(path, page)
    return path


def _class(each: Mapping[str, Any], prototypes: Sequence[Mapping[str, Any]]) -> OfClass:
    units = [mapping(unit) for unit in listing(each.get("units"))]
    figures = [mapping(unit.get("size") or unit.get("mean")) for unit in units]
    ends = [abs(float(f[k])) for f in figures for k in ("value", "low", "high") if f.get(k) is not None]
    largest = max(ends, default=0.0) or 1.0
    cells = [[float(value) for value in row] for row in listing(each.get("mean_map"))]
    most = max((value for row in cells for value in row), default=0.0) or 1.0
    name = each.get("class")
    return OfClass(
        name=shorten(name, 60) if name is not None else "The number",
        examples=int(each.get("examples") or 0),
        rows=tuple(_row(unit, figure, largest) for unit, figure in zip(units, figures, strict=True)),
        cells=tuple(tuple(round(value / most, 3) for value in row) for row in cells),
        outer=_outer(mapping(each.get("outer"))),
        prototypes=tuple(_prototype(mapping(showable(one))) for one in prototypes),
    )


def _row(unit: Mapping[str, Any], figure: Mapping[str, Any], largest: float) -> Row:
    value, low, high = float(figure["value"]), figure.get("low"), figure.get("high")
    ends = (value, value) if low is None or high is None else (float(low), float(high))
    return Row(
        shorten(str(unit.get("name") or ""), 60),
        int(unit.get("examples") or 0),
        f"{value:+.3g}" if "size" not in unit else f"{value:.3g}",
        "" if low is None else f"{ends[0]:.3g} to {ends[1]:.3g}",
        _note(unit),
        round(50 + 50 * value / largest, 2),
        round(50 + 50 * ends[0] / largest, 2),
        round(50 * (ends[1] - ends[0]) / largest, 2),
        value > 0,
    )


def _note(unit: Mapping[str, Any]) -> str:
    """Which values of a column speak for the class."""
    follows = mapping(unit.get("follows"))
    if follows.get("value") is not None:
        low, high = follows.get("low"), follows.get("high")
        if low is not None and high is not None and float(low) <= 0 <= float(high):
            return "neither large nor small values clearly"
        return "large values speak for it" if float(follows["value"]) > 0 else "small values speak for it"
    levels = [mapping(level) for level in listing(unit.get("levels"))]
    said = [f"{shorten(str(each.get('name')), 24)} {float(mapping(each.get('mean'))['value']):+.2g}" for each in levels]
    return ", ".join(said)


def _outer(outer: Mapping[str, Any]) -> str:
    share = mapping(outer.get("share"))
    if share.get("value") is None:
        return ""
    bounds = "" if share.get("low") is None else f" ({100 * share['low']:.0f} to {100 * share['high']:.0f})"
    return (
        f"{100 * share['value']:.0f} %{bounds} of what speaks for it lies in the two outer rings of cells, which are "
        f"{100 * float(outer.get('area') or 0):.0f} % of the picture."
    )


def _prototype(one: Mapping[str, Any]) -> Prototype:
    overlay = one.get("overlay")
    return Prototype(
        shorten(str(one.get("id") or ""), 48),
        overlay if isinstance(overlay, str) and PICTURE.fullmatch(overlay) else "",
        pieces_of(listing(one.get("pieces")), [float(value) for value in listing(one.get("values"))]),
    )
