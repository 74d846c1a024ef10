"""Every prediction of the test: the first ones as a plain table, all of them for a script of the page to search."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.numbers import count
from headstart.reports.packed import Column, pack_within
from headstart.reports.predictions import Predictions
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section

SHOWN = 20  # rows without a script


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and whether it is a number or says that the answer is wrong."""

    text: str
    is_number: bool
    is_wrong: bool


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    label: str
    is_number: bool


@dataclass(frozen=True)
class PredictionTable:
    """``packed`` holds ``held`` of ``total`` rows; without a script the first rows are shown."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    packed: str
    held: str
    total: str
    is_whole: bool
    about_ids: str


def build(run: RunFiles) -> Section | None:
    """None without predictions, and where no names of examples may be in the page."""
    found = run.predictions
    if found is None or not len(found):
        return None
    order = found.telling()
    packed, columns = pack_within(found.take(order))
    held = len(columns[0].values)
    content = PredictionTable(
        tuple(Head(each.label, _is_number(each)) for each in columns),
        tuple(_row(columns, row) for row in range(min(SHOWN, held))),
        packed,
        count(held),
        count(len(found)),
        held == len(found),
        run.about_ids,
    )
    return Section(
        "predictions", "What was said of each example?", "Predictions", _says(found), _read(columns), content, True
    )


def _row(columns: list[Column], row: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(text := each.text(row), _is_number(each), each.label == "Right" and text == "wrong") for each in columns
    )


def _is_number(column: Column) -> bool:
    return column.kind in ("share", "number")


def _says(found: Predictions) -> str:
    total = count(len(found))
    if found.kind == "number":
        return f"All {total} test examples with what was predicted of them, the largest errors first."
    wrong = sum(not found.is_right(row) for row in range(len(found)))
    first = "mistakes first, of these the surest" if found.sure else "mistakes first"
    return f"All {total} test examples with what was predicted of them, {first}; {count(wrong)} are wrong."


def _read(columns: list[Column]) -> str:
    labels = {each.label for each in columns}
    parts = [
        ("Sure", "\u201cSure\u201d is the probability that the model gives to its own answer."),
        ("Abstains", "\u201cAbstains\u201d: below the probability from which answers are given."),
        ("Out of domain", "\u201cOut of domain\u201d: unlike what the model learned from, so its answer is a guess."),
        ("Interval", "\u201cInterval\u201d marks true values outside of the interval that was predicted."),
    ]
    return " ".join(text for label, text in parts if label in labels)
