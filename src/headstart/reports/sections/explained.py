"""What the worst mistakes rest on: each with its explanation, how far that holds, and training examples beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.excerpts import PICTURE, Excerpt, read_excerpt
from headstart.reports.explain_page import MEANS, NAMES, Bar, bars_of, pieces_of
from headstart.reports.names import shorten
from headstart.reports.numbers import decimal, is_number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Beside:
    """A training example beside a mistake."""

    excerpt: Excerpt
    name: str
    target: str
    distance: str


@dataclass(frozen=True)
class Explained:
    """A mistake and what it rests on.

    Attributes:
        overlay: Picture with its parts marked, as a data URL; "" where there is none.
        pieces: Of a text, each with the class of its mark.
        bars: Of columns.
        check: What taking the marked parts away does, a sentence; "" where it was not measured.
        otherwise: The nearest training example that the model answers otherwise.
    """

    name: str
    target: str
    prediction: str
    sure: str
    about: str
    excerpt: Excerpt
    overlay: str
    pieces: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    check: str
    nearest: tuple[Beside, ...]
    otherwise: Beside | None


@dataclass(frozen=True)
class Explanations:
    """``further``: mistakes that are not explained here."""

    items: tuple[Explained, ...]
    further: int


def build(run: RunFiles) -> Section | None:
    """None where no mistake was explained."""
    pairs = [(each, run.explanations[str(each.get("id"))]) for each in run.mistakes or () if is_explained(run, each)]
    if not pairs:
        return None
    method = str(pairs[0][1].get("method") or "")
    kept = [holds for _, found in pairs if (holds := _holds(_taken(found))) is not None]
    says = "The wrong answers the model was surest of, and what each of them rests on."
    if "residuals" in run.evidence:
        says = "The largest errors, and what each prediction rests on."
    if kept:
        says += (
            f" In {sum(kept)} of {len(kept)} it costs the answer more to take the marked parts away than any of three "
            "random sets of as many; do not rely on the drawing where it does not."
        )
    read = (
        f"Orange speaks for what the model answered, blue against it (by {NAMES.get(method, method)}: "
        f"{MEANS.get(method, 'see the method')}). An explanation shows what the model used, not what is true. "
        "Beside it are the training examples most alike to the model, and the nearest one that it answers otherwise."
    )
    items = tuple(_item(mistake, found) for mistake, found in pairs)
    content = Explanations(items, len(run.mistakes or ()) - len(items))
    return Section("explained", "What do the worst mistakes rest on?", "Mistakes explained", says, read, content, True)


def is_explained(run: RunFiles, mistake: Mapping[str, Any]) -> bool:
    """Whether a mistake of examples.json is shown with its explanation."""
    return str(mistake.get("id")) in run.explanations


def _item(mistake: Mapping[str, Any], found: Mapping[str, Any]) -> Explained:
    overlay, sure = found.get("overlay"), mistake.get("probability")
    values = [float(value) if is_number(value) else 0.0 for value in listing(found.get("values"))]
    pieces = [each for each in listing(found.get("pieces")) if _is_piece(each, len(values))]
    names = [str(name) for name in listing(found.get("names"))][: len(values)]
    explained, otherwise = found.get("explained"), mistake.get("otherwise")
    prediction = shorten(mistake.get("prediction", ""), 60)
    return Explained(
        name=shorten(mistake.get("id", ""), 48),
        target=shorten(mistake.get("target", ""), 60),
        prediction=prediction,
        sure=percent(sure, 0) if is_number(sure) else "",
        about="" if explained in (None, mistake.get("prediction")) else shorten(explained, 60),
        excerpt=read_excerpt(mistake),
        overlay=overlay if isinstance(overlay, str) and PICTURE.fullmatch(overlay) else "",
        pieces=pieces_of(pieces, values),
        bars=bars_of(names, values[: len(names)]),
        check=_check(_taken(found), str(found.get("unit") or "part"), is_share=explained is not None),
        nearest=tuple(_beside(mapping(each)) for each in listing(mistake.get("nearest"))),
        otherwise=_beside(mapping(otherwise)) if otherwise else None,
    )


def _is_piece(piece: Any, count: int) -> bool:
    """A text and the place of its figure, or None."""
    if not isinstance(piece, list) or len(piece) != 2:
        return False
    return piece[1] is None or (isinstance(piece[1], int) and 0 <= piece[1] < count)


def _beside(each: Mapping[str, Any]) -> Beside:
    distance = each.get("distance")
    return Beside(
        read_excerpt(each),
        shorten(each.get("id", ""), 48),
        shorten(each.get("target", ""), 60),
        decimal(distance, 2) if is_number(distance) else "",
    )


def _taken(found: Mapping[str, Any]) -> Mapping[str, Any]:
    taken = mapping(mapping(found.get("checks")).get("taken_away"))
    figures = ("taken", "units", "whole", "marked", "random", "random_low")
    return taken if all(is_number(taken.get(name)) for name in figures) else {}


def _holds(taken: Mapping[str, Any]) -> bool | None:
    """Whether the marked parts count for more than any random set; None where that was not measured."""
    return bool(taken["marked"] < taken["random_low"]) if taken else None


def _check(taken: Mapping[str, Any], unit: str, *, is_share: bool) -> str:
    if not taken:
        return ""

    def figure(name: str) -> str:
        return percent(taken[name], 0) if is_share else f"{taken[name]:.4g}"

    count = f"the {unit}" if taken["taken"] == 1 else f"the {taken['taken']} {unit}s"
    verb = "speaks" if taken["taken"] == 1 else "speak"
    return (
        f"Without {count} that {verb} most for it (of {taken['units']}) {figure('whole')} becomes "
        f"{figure('marked')}; without as many at random {figure('random')}."
    )
