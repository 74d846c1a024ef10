"""explain.html: what each answer rests on, beside how far that can be trusted; one file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.excerpts import Excerpt, read_excerpt
from headstart.reports.frame import draw
from headstart.reports.names import shorten
from headstart.reports.run_files import listing, mapping
from headstart.reports.showable import showable

LEVELS = 4  # shades of a word, for and against
MOST_ROWS = 12  # columns that are drawn
MOST_CHARACTERS = 3_000  # of a text that is shown with its marks
NAMES = {
    "hires_cam": "HiResCAM over several stages",
    "grad_cam": "Grad-CAM",
    "integrated_gradients": "integrated gradients",
    "occlusion": "occlusion",
    "shapley": "Shapley values by sampled orders",
}
MEANS = {
    "hires_cam": "where the network's deeper maps speak for the answer",
    "grad_cam": "where the network's last map speaks for the answer",
    "integrated_gradients": "gradients on the way from nothing to the input, added up",
    "occlusion": "how much the answer changes when one part is taken away",
    "shapley": "what each part adds when it joins those before it, in the mean over orders",
}


@dataclass(frozen=True)
class Bar:
    """A unit and its figure; positions in percent of the drawing, the middle is 0."""

    name: str
    value: str
    start: float
    width: float
    is_for: bool


@dataclass(frozen=True)
class Near:
    """A training example."""

    name: str
    target: str
    prediction: str
    excerpt: Excerpt


@dataclass(frozen=True)
class Item:
    """One explained input.

    Attributes:
        overlay: Picture with its cells, as a data URL; "" where there is none.
        pieces: Of a text, each with the class of its mark ("" for none).
        checks: Name, figure and what it says, one row each.
    """

    name: str
    prediction: str
    about: str
    score: str
    method: str
    means: str
    details: str
    overlay: str
    pieces: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    checks: tuple[tuple[str, str, str], ...]
    nearest: tuple[Near, ...]
    otherwise: Near | None
    why_no_neighbours: str
    error: str


def render_explanations(path: Path, documents: Sequence[Mapping[str, Any]]) -> Path:
    """Write the page of documents as explanations.jsonl has them, and return its path.

    Args:
        path: Beside the drawings that the documents name.
        documents: Further than the lines they may hold "pieces" of a text, and "excerpts" of training examples by id.
    """
    items = [item_of(document, path.parent) for document in documents]
    write_text(path, draw("explain.html", items=items, failed=sum(bool(item.error) for item in items)))
    return path


def render_text(path: Path, document: Mapping[str, Any]) -> Path:
    """Write one text with its words marked, as a page of its own."""
    write_text(path, draw("explained_text.html", (), item=item_of(document, path.parent)))
    return path


def item_of(document: Mapping[str, Any], folder: Path) -> Item:
    """What the template draws of one document."""
    document = mapping(showable(document))
    method, near = str(document.get("method") or ""), mapping(document.get("neighbours"))
    excerpts, files = mapping(document.get("excerpts")), mapping(document.get("files"))
    values = _flat(document.get("values"))
    explained = document.get("explained")
    otherwise = near.get("otherwise")
    details = [str(document.get("cost") or ""), f"taken away means: {document.get('reference')}"]
    if document.get("sum_gap") is not None:
        details.append(f"the figures miss the sum that they should have by {100 * float(document['sum_gap']):.1f} %")
    return Item(
        name=shorten(str(document.get("id") or ""), 80),
        prediction=shorten(_text(document.get("prediction")), 60),
        about=shorten(_text(explained), 60) if explained is not None else "the number",
        score=_number(document.get("score")),
        method=NAMES.get(method, method),
        means=MEANS.get(method, ""),
        details=shorten("; ".join(filter(None, details)), 400) + ".",
        overlay=_data_url(folder / str(files["overlay"])) if files.get("overlay") else "",
        pieces=pieces_of(listing(document.get("pieces")), values),
        bars=() if files else bars_of([str(name) for name in listing(document.get("names"))], values),
        checks=checks_of(mapping(document.get("checks"))),
        nearest=tuple(_near(mapping(each), excerpts) for each in listing(near.get("nearest"))),
        otherwise=_near(mapping(otherwise), excerpts) if otherwise else None,
        why_no_neighbours=str(near.get("why_not") or ""),
        error=str(document.get("error") or ""),
    )


def pieces_of(pieces: Sequence[Any], values: Sequence[float]) -> tuple[tuple[str, str], ...]:
    """Pieces of a text, each with the class of its mark: "f1" to "f4" for the answer, "a1" to "a4" against it.

    A text of more than MOST_CHARACTERS is cut off there.

    >>> pieces_of([["good", 0], [" ", None], ["film", 1]], [2.0, -0.1])
    (('good', 'f4'), (' ', ''), ('film', ''))
    """
    largest = max((abs(value) for value in values), default=0.0) or 1.0
    found: list[tuple[str, str]] = []
    left = MOST_CHARACTERS
    for text, number in pieces:
        if left <= 0:
            return (*found, (" ...", ""))
        text, left = str(text)[:left], left - len(str(text))
        share = 0.0 if number is None else values[number] / largest
        level = round(abs(share) * LEVELS)
        found.append((text, f"{'f' if share > 0 else 'a'}{level}" if level else ""))
    return tuple(found)


def bars_of(names: Sequence[str], values: Sequence[float]) -> tuple[Bar, ...]:
    """The largest figures, the largest first."""
    order = sorted(range(len(values)), key=lambda place: -abs(values[place]))[:MOST_ROWS]
    largest = max((abs(value) for value in values), default=0.0) or 1.0
    return tuple(
        Bar(
            shorten(names[place], 60),
            f"{values[place]:+.3g}",
            50.0 + min(0.0, 50 * values[place] / largest),
            abs(50 * values[place] / largest),
            values[place] > 0,
        )
        for place in order
    )


def checks_of(checks: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Each check in words."""
    rows = []
    if taken := mapping(checks.get("taken_away")):
        rows.append(
            (
                "Marked parts away",
                _number(taken.get("marked")),
                f"the answer, {_number(taken.get('whole'))}, without the {taken.get('taken')} parts of "
                f"{taken.get('units')} that speak most for it; without as many at random "
                f"{_number(taken.get('random'))} "
                f"({_number(taken.get('random_low'))} to {_number(taken.get('random_high'))})",
            )
        )
    if curves := mapping(checks.get("curves")):
        chance = (
            f"random orders {_number(curves.get('random'))} "
            f"({_number(curves.get('random_low'))} to {_number(curves.get('random_high'))})"
        )
        for name, good, verb in (("deletion", "low", "are taken away"), ("insertion", "high", "are put back")):
            beaten = f"better than {curves.get(f'{name}_better_than')} of {curves.get('orders')} random orders"
            rows.append(
                (
                    f"{name.capitalize()}, area",
                    _number(curves.get(name)),
                    f"{good} is good: parts {verb} in the order of this map; {chance}; {beaten}",
                )
            )
    random = mapping(checks.get("random_weights"))
    if random:
        value = random.get("rank_correlation")
        said = f"near 0 is right: rank correlation with the map of {random.get('against')}"
        rows.append(("Random weights", _number(value), said if value is not None else str(random.get("why_not"))))
    return tuple(rows)


def _near(each: Mapping[str, Any], excerpts: Mapping[str, Any]) -> Near:
    name = str(each.get("id") or "")
    return Near(
        shorten(name, 40),
        shorten(_text(each.get("target")), 40),
        shorten(_text(each.get("prediction")), 40),
        read_excerpt(mapping(excerpts.get(name))),
    )


def _flat(values: Any) -> list[float]:
    return [float(v) for row in listing(values) for v in (row if isinstance(row, list) else [row])]


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _number(value: Any) -> str:
    return "none" if value is None else f"{float(value):.3f}"


def _data_url(path: Path) -> str:
    if not path.is_file():
        return ""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
