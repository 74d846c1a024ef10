"""Which class is taken for which: a matrix up to 20 classes, the most confused pairs beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import count, percent
from headstart.reports.packed import LONGEST_NAME
from headstart.reports.run_files import RunFiles, listing
from headstart.reports.sections.section import Section
from headstart.reports.task_facts import kind_of

LARGEST_MATRIX = 20  # beyond, cells are too small to hold a number on a page
MOST_PAIRS = 15
SHADES = 9  # steps of colour, as many as style.css defines
FEW_CLASSES = 5
FEW_GIVEN, HARDLY = 5, 0.5  # examples of a grade from which it counts; share of them below which it is hardly predicted
WIDE_NAME = 12  # characters; longer column heads are set upright


@dataclass(frozen=True)
class Cell:
    """One count. ``tone`` is a style class: d1-d9 on the diagonal, e1-e9 beside it, by share of the row; "" for 0.

    ``answer`` names the predicted class of mistakes, as the table of predictions does; empty for other cells.
    """

    count: int
    tone: str
    text: str
    answer: str = ""


@dataclass(frozen=True)
class MatrixRow:
    """A true class with its predictions and the share that is right."""

    name: str
    truth: str
    cells: tuple[Cell, ...]
    total: int
    found: str


@dataclass(frozen=True)
class Pair:
    """A true class taken for another; ``share`` of the true class's examples, ``width`` the same in percent."""

    truth: str
    predicted: str
    count: int
    share: str
    width: float


@dataclass(frozen=True)
class Confusion:
    """A matrix with its largest wrong cells, or these ``pairs`` alone; ``rest`` counts mistakes outside of them."""

    names: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    style: str
    pairs: tuple[Pair, ...]
    rest: int
    size: int


def build(run: RunFiles) -> Section | None:
    """None when the evidence has no square matrix that fits its class names."""
    names = [str(name) for name in listing(run.section("confusion").get("class_names"))]
    counts = listing(run.section("confusion").get("counts"))
    if not names or not _fits(names, counts):
        return None
    wrong = _wrong_pairs(counts)
    pairs = tuple(_pair(names, counts, *where) for where in wrong[:MOST_PAIRS])
    is_small = len(names) <= LARGEST_MATRIX
    rows = tuple(_row(names, counts, i) for i in range(len(names))) if is_small else ()
    short = tuple(shorten(name, 24) for name in names)
    rest = sum(counts[i][j] for i, j in wrong[MOST_PAIRS:])
    content = Confusion(short, rows, _style(short), pairs, rest, len(names))
    read = (
        "Each row is a true class, each column what the model said. Blue on the diagonal is right, orange is wrong; "
        "the darker, the larger the share of its row. Empty cells are 0."
        if is_small
        else f"With {len(names)} classes a matrix cannot be read, so these are its largest wrong cells."
    )
    says, most = _says(counts, wrong), _most(counts, wrong, names)
    ends = _ends(counts, names) if kind_of(run.evidence.get("task")) == "ordinal" else ""
    return Section(
        "confusion",
        "What is taken for what?",
        "Confusions",
        " ".join(part for part in (says, most, ends) if part),
        read,
        content,
        glance=most or says,
    )


def _style(names: Sequence[str]) -> str:
    """Style class of the matrix: few short names stand over wide cells, others are set upright over narrow ones."""
    return "upright" if len(names) > FEW_CLASSES or max(map(len, names)) > WIDE_NAME else "roomy"


def _fits(names: Sequence[str], counts: Sequence[object]) -> bool:
    rows = [row for row in counts if isinstance(row, list) and len(row) == len(names)]
    return len(rows) == len(counts) == len(names) and all(isinstance(cell, int) for row in rows for cell in row)


def _wrong_pairs(counts: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Places of wrong cells that are not 0: largest count first, then largest share of its row."""
    places = [(i, j) for i, row in enumerate(counts) for j, cell in enumerate(row) if i != j and cell > 0]
    return sorted(places, key=lambda at: (-counts[at[0]][at[1]], -counts[at[0]][at[1]] / sum(counts[at[0]]), at))


def _row(names: Sequence[str], counts: Sequence[Sequence[int]], i: int) -> MatrixRow:
    total = sum(counts[i])
    cells = []
    for j, cell in enumerate(counts[i]):
        step = math.ceil(SHADES * cell / total) if total else 0
        tone = f"{'d' if i == j else 'e'}{step}" if step else ""
        text = f"{count(cell)} of {count(total)} {names[i]} predicted as {names[j]}"
        cells.append(Cell(cell, tone, text, shorten(names[j], LONGEST_NAME) if i != j and cell else ""))
    return MatrixRow(
        shorten(names[i], 24),
        shorten(names[i], LONGEST_NAME),
        tuple(cells),
        total,
        percent(counts[i][i] / total, 0) if total else "\u2013",
    )


def _pair(names: Sequence[str], counts: Sequence[Sequence[int]], i: int, j: int) -> Pair:
    share = counts[i][j] / sum(counts[i])
    return Pair(shorten(names[i], 60), shorten(names[j], 60), counts[i][j], percent(share, 0), round(100 * share, 1))


def _says(counts: Sequence[Sequence[int]], wrong: Sequence[tuple[int, int]]) -> str:
    errors = sum(counts[i][j] for i, j in wrong)
    total = count(sum(map(sum, counts)))
    right = f"All {total} test examples got the right class."
    return f"{count(errors)} of {total} test examples got a wrong class." if errors else right


def _ends(counts: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Which end of a scale of grades is hardly ever predicted; empty where both are, or have few examples."""
    rare = []
    for end in (0, len(names) - 1):
        given, said = sum(counts[end]), sum(row[end] for row in counts)
        if given >= FEW_GIVEN and said < HARDLY * given:
            rare.append(f"{quoted(names[end])} was given to {count(given)} and predicted of {count(said)}")
    if not rare:
        return ""
    what = "The ends of the scale are" if len(rare) == 2 else "An end of the scale is"
    return (
        f"{what} hardly ever predicted: {' and '.join(rare)} test examples. Predictions crowd towards the middle, so "
        "do not look for the best or worst examples by this grade alone; the probabilities of the grades tell more."
    )


def _most(counts: Sequence[Sequence[int]], wrong: Sequence[tuple[int, int]], names: Sequence[str]) -> str:
    """The most confused pair; empty without a mistake."""
    if not wrong:
        return ""
    i, j = wrong[0]
    of_all = f"{count(counts[i][j])}\u00a0of\u00a0{count(sum(counts[i]))}"
    return f"Most often, {quoted(names[i])} is taken for {quoted(names[j])}: {of_all}."
