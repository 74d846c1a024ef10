"""Which targets are grades, in which order, and what must hold of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.tasks.class_names import notes
from headstart.tasks.grade_numbers import grade_numbers
from headstart.tasks.known import require_in_train
from headstart.tasks.written import as_name, some

__all__ = ["check", "describe", "grades_of", "matches", "notes", "strata"]
MOST_GRADES = 50  # distinct values above which a scale is a measurement


def matches(targets: Iterable[Any]) -> str | None:
    """None: numbers with few values may be codes as well as grades, so this task is chosen by name only."""
    return None


def grades_of(targets: Iterable[Any]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Names, lowest first, and the number in each; letters from A count from 1.

    Raises:
        DataError: fewer than two grades, a name without a number of its own, or too many grades.
    """
    names = list(dict.fromkeys(as_name(value) for value in targets))
    values = grade_numbers(names)
    if len(names) < 2:
        raise DataError(
            f"ordinal needs at least two grades; got {names}. Add examples of another grade, or check the target."
        )
    without = [name for name in names if values[name] is None]
    numbers = {name: value for name, value in values.items() if value is not None}
    if without or len(set(numbers.values())) < len(names):
        got = some(without) if without else f"names with equal numbers, {_equal(numbers)}"
        raise DataError(
            f"ordinal needs grades that are numbers, letters from A to G, or names with one number each (such as '3 "
            f"stars'), which give their order; got {got}. Write the grades as numbers (2.3 for one between 2 and 3), "
            "or take them as names with --task classification."
        )
    if len(names) > MOST_GRADES:
        raise DataError(
            f"ordinal takes up to {MOST_GRADES} grades; got {len(names)} different ones, which is a measurement. "
            "Use --task regression."
        )
    ordered = sorted(names, key=lambda name: numbers[name])
    return tuple(ordered), tuple(numbers[name] for name in ordered)


def _equal(numbers: Mapping[str, float]) -> str:
    """The first names that hold one number: "'2' and '2-'"."""
    values = list(numbers.values())
    repeated = next(value for value in values if values.count(value) > 1)
    first, second, *_ = [repr(name) for name, value in numbers.items() if value == repeated]
    return f"such as {first} and {second}"


def strata(targets: NDArray[Any]) -> NDArray[np.int64]:
    """``(N,)`` numbers of the grades: what splits and folds balance."""
    names = [as_name(value) for value in targets]
    values = grade_numbers(sorted(set(names)))
    ordered = sorted(values, key=lambda name: (values[name] or 0.0, name))
    place = {name: k for k, name in enumerate(ordered)}
    return np.array([place[name] for name in names], np.int64)


def check(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> None:
    """Raise DataError for targets that are no grades, or grades of another split that train lacks.

    Args:
        train: ``(N,)`` objects as users wrote them.
        others: Likewise of each other split, by name.
    """
    names, _ = grades_of(train)
    require_in_train(names, {split: [as_name(v) for v in values] for split, values in others.items()}, "grades")


def describe(targets: NDArray[Any]) -> str:
    """What the targets are, of ``(N,)`` objects as users wrote them, in words about the data: "grades 0 to 5"."""
    names, _ = grades_of(targets)
    return f"grades {names[0]} to {names[-1]}"
