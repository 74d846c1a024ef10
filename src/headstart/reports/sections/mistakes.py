"""The worst mistakes, beside the training examples that look most alike to the model."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Any

from headstart.reports.excerpts import Excerpt, read_excerpt
from headstart.reports.names import shorten
from headstart.reports.numbers import is_number, number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.explained import is_explained
from headstart.reports.sections.section import Section

SHOWN_AT_ONCE = 6  # mistakes before the rest is folded away


@dataclass(frozen=True)
class Example:
    """What can be shown of an example, its target and its name."""

    excerpt: Excerpt
    target: str
    name: str
    remark: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong prediction and its nearest training examples."""

    example: Example
    prediction: str
    sure: str
    nearest: tuple[Example, ...]


@dataclass(frozen=True)
class Mistakes:
    """Empty with ``left_out`` when the run was asked to show no examples; ``layout`` "words" without any picture.

    ``folded`` are those after the first ones.
    """

    items: tuple[Mistake, ...]
    folded: tuple[Mistake, ...] = ()
    left_out: bool = False
    layout: str = ""


def build(run: RunFiles) -> Section | None:
    """None when there are no mistakes to show beside those that are explained."""
    title, short = "The worst mistakes", "Mistakes"
    if run.mistakes is None:
        says = "Examples of the data were left out of this page, as asked."
        return Section("mistakes", title, short, says, "", Mistakes((), left_out=True))
    of_numbers = "residuals" in run.evidence
    items = tuple(_mistake(mapping(item), of_numbers) for item in run.mistakes if not is_explained(run, item))
    if not items:
        return None
    if len(items) < len(run.mistakes):
        title, short = "Further mistakes", "Further mistakes"
    says = (
        "The wrong answers the model was surest of. Often the label is wrong, the example is two things at once, "
        "or nothing like it was among the training examples."
    )
    if "within_one" in run.section("test"):  # grades
        says = (
            "The grades that are farthest off, of equally far ones first those the model was surest of. Often the "
            "grade given is wrong, or nothing like the example was among the training examples."
        )
    if "residuals" in run.evidence:
        says = "The largest errors. Often the value is wrong, or nothing like it was among the training examples."
    read = (
        "First the test example, then the training examples that look most alike to the model, with their labels. "
        "Distance 0 is the same direction of features, 1 means nothing in common."
    )
    layout = "" if any(item.example.excerpt.source for item in items) else "words"
    content = Mistakes(items[:SHOWN_AT_ONCE], items[SHOWN_AT_ONCE:], layout=layout)
    return Section("mistakes", title, short, says, read, content)


def _mistake(item: Any, are_numbers: bool) -> Mistake:
    sure = item.get("probability")
    nearest = tuple(
        _example(mapping(near), are_numbers, _distance(mapping(near).get("distance")))
        for near in listing(item.get("nearest"))
    )
    return Mistake(
        _example(item, are_numbers, ""),
        _target(item.get("prediction", ""), are_numbers),
        percent(sure, 0) if is_number(sure) else "",
        nearest,
    )


def _example(item: Any, are_numbers: bool, remark: str) -> Example:
    target = _target(item.get("target", ""), are_numbers)
    return Example(read_excerpt(item), target, shorten(item.get("id", ""), 48), remark)


def _target(value: Any, are_numbers: bool) -> str:
    """As elsewhere in the page: a number with four digits, any other one as it is called."""
    with contextlib.suppress(TypeError, ValueError):
        if are_numbers and math.isfinite(float(value)):
            return number(float(value))
    return shorten(value, 60)


def _distance(value: Any) -> str:
    return f"{value:.2g}" if is_number(value) else ""
