"""Which targets are classes, what the classes are called, and what must hold of them before anything is learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.tasks.grade_numbers import are_letter_grades
from headstart.tasks.known import require_in_train
from headstart.tasks.label_sets import are_label_sets
from headstart.tasks.numbers import FEW_VALUES, HANDFUL, MOSTLY, are_measured
from headstart.tasks.written import as_name, number, some

Ints = NDArray[np.int64]
AS_NUMBERS = " (--task regression takes them as numbers, --task ordinal as grades)"


def matches(targets: Iterable[Any]) -> str | None:
    """Why these targets are classes, as a clause to print; None when they are not.

    Text is; numbers are unless they are measured (``tasks.numbers``). JSON lists, and names joined by ``|`` or ``;``,
    are several labels per example and are not.
    """
    names = [as_name(value) for value in targets]
    distinct = set(names)
    if not names or are_label_sets(distinct) or are_measured(names):
        return None
    if any(number(name) is None for name in distinct):
        as_grades = " (--task ordinal takes them as grades)" if are_letter_grades(distinct) else ""
        return f"the targets are text with {len(distinct)} distinct values{as_grades}"
    if len(distinct) > FEW_VALUES:
        return f"the targets are the codes 0 to {len(distinct) - 1}{AS_NUMBERS}"
    return f"the targets are numbers with only {len(distinct)} distinct values{AS_NUMBERS}"


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Distinct names in output order: numeric order if all are numbers, else by code point.

    >>> in_order(["10", "9", "9"]), in_order(["b10", "b9"])
    (('9', '10'), ('b10', 'b9'))
    """
    distinct = set(names)
    numbers = {name: value for name in distinct if (value := number(name)) is not None}
    if len(numbers) == len(distinct):
        return tuple(sorted(distinct, key=lambda name: (numbers[name], name)))
    return tuple(sorted(distinct))


def class_sizes(targets: Iterable[Any]) -> Counter[str]:
    """Examples by class.

    Raises:
        DataError: fewer than two classes.
    """
    counts = Counter(as_name(value) for value in targets)
    if len(counts) < 2:
        raise DataError(
            f"classification needs at least two classes; got {sorted(counts)}. "
            "Add examples of another class, or check which column or folder level holds the classes."
        )
    return counts


def strata(targets: NDArray[Any]) -> Ints:
    """``(N,)`` class numbers: what splits and folds balance."""
    names = [as_name(value) for value in targets]
    place = {name: k for k, name in enumerate(in_order(names))}
    return np.array([place[name] for name in names], np.int64)


def check(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> None:
    """Raise DataError for fewer than two classes, many that never come twice, or a split with ones that train lacks.

    Args:
        train: ``(N,)`` objects as users wrote them.
        others: Likewise of each other split, by name.
    """
    named = {split: [as_name(value) for value in values] for split, values in others.items()}
    sizes = class_sizes(train)
    if len(sizes) > max(HANDFUL, MOSTLY * len(train)) and "test" not in others:
        raise DataError(
            f"a class needs two examples to be learned and tested; the {len(train)} targets are {len(sizes)} different "
            f"ones: {some(sizes)}. If they measure something, write plain numbers without a unit; else name the "
            "column that holds the classes with --target."
        )
    require_in_train(sizes, named, "classes")


def notes(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> list[str]:
    """What stands out, as sentences: classes with one training example, classes that a split lacks.

    Args:
        train: ``(N,)`` objects as users wrote them.
        others: Likewise of each other split, by name.
    """
    sizes = Counter(as_name(value) for value in train)
    found = []
    if single := [name for name in in_order(sizes) if sizes[name] == 1]:
        found.append(f"classes with one example, which cannot be tested: {', '.join(single)}")
    for split, values in others.items():
        there = {as_name(value) for value in values}
        if there and (missing := [name for name in in_order(sizes) if name not in there]):
            found.append(f"classes that the {split} split lacks: {', '.join(missing)}")
    return found


def describe(targets: NDArray[Any]) -> str:
    """What the targets are, of ``(N,)`` objects as users wrote them, in words about the data: "10 classes"."""
    return f"{len({as_name(value) for value in targets})} classes"
