"""Who an example is about: the groups of each column, and of columns together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, ShapeError

Ints = NDArray[np.int64]
GAPS = ("", "nan", "NaT", "<NA>")  # how values that are none are written
MISSING = "(missing)"  # the group of examples whose value is not known
LEAST = 10  # examples that a group needs to be measured
LEAST_TOGETHER = 30  # the same for groups of several columns: there are many, and each makes all claims harder
MOST_GROUPS = 100  # values of one column beyond which it names examples rather than groups
TOGETHER = " & "  # between the names of columns that are taken together
ALL_TOGETHER = 2  # columns: of more than two the pairs are looked at, and all of them


@dataclass(frozen=True)
class Grouping:
    """The groups of one column, or of several together.

    Attributes:
        name: Of the column; several are joined by " & ".
        columns: Their names.
        group_names: G names in the order of their values; of several columns joined by " & ".
        values: What each group has in each column, G tuples of text.
        code: ``(N,)`` which group an example is in, or -1: one of the ``too_few``.
        least: Examples that a group needs.
        too_few: Groups that have fewer, and how many they have.
        refused: Why nothing can be compared here, a sentence; "" where something can.
        repeats: Of several columns together: the one, or those, whose groups these are, name for name; else "".
    """

    name: str
    columns: tuple[str, ...]
    group_names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    code: Ints
    least: int
    too_few: Mapping[str, int]
    refused: str = ""
    repeats: str = ""


def groupings(
    columns: Mapping[str, NDArray[Any]], least: int = LEAST, least_together: int | None = LEAST_TOGETHER
) -> list[Grouping]:
    """Each column alone, then pairs of columns, then all of them where they are more than two.

    Columns together that give the groups of one of them again (each speaker has one accent) come with ``repeats`` set:
    to compare their groups once more would only make every claim harder.

    Args:
        columns: By name, ``(N,)`` values each. None, NaN and empty texts are the group "(missing)".
        least: Examples that a group of one column needs, 2 or more.
        least_together: The same for groups of several columns, of those that were not refused; None looks at each
            column alone.

    Raises:
        ConfigError: no column, or fewer than 2 examples.
        ShapeError: columns that are not ``(N,)`` of one N above 0.
    """
    smallest = min(least, least_together or least)
    if smallest < 2 or not columns:
        raise ConfigError(
            f"groups need a column and at least 2 examples each; got {len(columns)} columns and least = {smallest}."
        )
    words = {name: _words(name, values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in words.items()}
    if len(set(lengths.values())) > 1 or not max(lengths.values()):
        raise ShapeError(f"every column must have one value for each example; got {lengths}.")
    found = [_grouping((name,), [values], least) for name, values in words.items()]
    if least_together is not None:
        usable = [grouping.name for grouping in found if not grouping.refused]
        for some in _sets(usable):
            together = _grouping(some, [words[name] for name in some], least_together)
            found.append(replace(together, repeats=_repeated(some, words, found)))
    return found


def together(columns: Mapping[str, NDArray[Any]], least: int = LEAST) -> Grouping:
    """All columns together that are not refused, or the one that is; arguments as of :func:`groupings`."""
    found = groupings(columns, least, least)
    alone = [grouping for grouping in found if len(grouping.columns) == 1]
    usable = [grouping for grouping in alone if not grouping.refused]
    return found[-1] if len(usable) > 1 else (usable or alone)[0]


def _repeated(some: tuple[str, ...], words: Mapping[str, NDArray[np.object_]], found: Sequence[Grouping]) -> str:
    """The first grouping of some of these columns that has as many groups: more columns only part them further."""
    count = _many(some, words)
    inside = (each for each in found if set(each.columns) < set(some))
    return next((each.name for each in inside if _many(each.columns, words) == count), "")


def _many(names: Sequence[str], words: Mapping[str, NDArray[np.object_]]) -> int:
    return len(set(zip(*(words[name].tolist() for name in names), strict=True)))


def _sets(names: Sequence[str]) -> list[tuple[str, ...]]:
    pairs: list[tuple[str, ...]] = list(itertools.combinations(names, 2))
    return [*pairs, tuple(names)] if len(names) > ALL_TOGETHER else pairs


def _words(name: str, values: NDArray[Any]) -> NDArray[np.object_]:
    given = np.asarray(values)
    if given.ndim != 1:
        raise ShapeError(f"column {name!r} must hold one value for each example; got an array of shape {given.shape}.")
    return np.array([group_name(value) for value in given.tolist()], dtype=object)


def group_name(value: Any) -> str:
    """What the examples with this value of a column are called; "(missing)" where it is not known.

    >>> group_name(" north "), group_name(float("nan"))
    ('north', '(missing)')
    """
    is_gap = value is None or (isinstance(value, float) and value != value) or str(value).strip() in GAPS
    return MISSING if is_gap else str(value).strip()


def _grouping(names: tuple[str, ...], words: Sequence[NDArray[np.object_]], least: int) -> Grouping:
    rows = list(zip(*(column.tolist() for column in words), strict=True))
    sizes: dict[tuple[str, ...], int] = {}
    for row in rows:
        sizes[row] = sizes.get(row, 0) + 1
    kept = sorted(row for row, size in sizes.items() if size >= least)
    number = {row: index for index, row in enumerate(kept)}
    name = TOGETHER.join(names)
    refused = _refusal(name, sizes, len(kept), least, is_alone=len(names) == 1)
    small = {} if refused else {TOGETHER.join(row): size for row, size in sorted(sizes.items()) if size < least}
    return Grouping(
        name=name,
        columns=names,
        group_names=() if refused else tuple(TOGETHER.join(row) for row in kept),
        values=() if refused else tuple(kept),
        code=np.array([-1 if refused else number.get(row, -1) for row in rows], dtype=np.int64),
        least=least,
        too_few=small,
        refused=refused,
    )


def _refusal(name: str, sizes: Mapping[tuple[str, ...], int], kept: int, least: int, *, is_alone: bool) -> str:
    """A sentence, or "" where two groups can be compared."""
    examples = sum(sizes.values())
    if len(sizes) == 1:
        (only,) = sizes
        return f"All {examples:,} examples have the same {name}: {TOGETHER.join(only)!r}. There is nothing to compare."
    if is_alone and len(sizes) > MOST_GROUPS:
        return (
            f"{name} has {len(sizes):,} different values in {examples:,} examples, so it names examples or numbers "
            f"rather than groups (at most {MOST_GROUPS} are taken). Give a column of few values, or ranges."
        )
    if kept == 0 or (kept == 1 and examples - max(sizes.values()) < least):
        return f"No two groups of {name} have {least} examples each; the largest has {max(sizes.values()):,}."
    return ""
