"""Which column holds the targets, and their texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data.cells import label_list, names_in, text_of
from headstart.data.class_names import spell
from headstart.data.number_text import number_in

TARGET_COLUMNS = ("label", "target")
FEW = 20  # distinct numbers up to which a column of numbers is taken for class numbers


def target_column(names: Iterable[str], target: str | None) -> str:
    """``target``, else the one column called "label" or "target".

    Raises:
        ConfigError: ``target`` is no column, with the nearest name.
        DataError: none, or both, of the two names are there.
    """
    columns = list(names)
    if target is not None:
        if target not in columns:
            raise ConfigError(choice_message("target", target, columns))
        return target
    found = [name for name in columns if name.strip().lower() in TARGET_COLUMNS]
    if len(found) == 1:
        return found[0]
    came = f"both {found[0]!r} and {found[1]!r} are there" if found else f"the columns are {columns}"
    raise DataError(f"one column must be called 'label' or 'target'; {came}. Name it with --target COLUMN.")


def target_texts(values: Sequence[Any], column: str) -> tuple[str | None, ...]:
    """Targets of a column as text, None where a row has none; a list of names as a JSON list of sorted names.

    An empty list is a target: none of the labels.

    Raises:
        DataError: all rows are blank, or a cell holds something that is neither a value nor a list of values.
    """
    known: dict[str, str | None] = {}  # a million rows hold few different names
    texts = tuple(_known_text(value, column, known) if type(value) is str else _text(value, column) for value in values)
    if all(text is None for text in texts):
        raise DataError(
            f"the target column {column!r} must hold what is to be learned; all {len(texts)} rows are blank in it. "
            "Name another column with --target."
        )
    return texts


def measured_values(targets: Sequence[str]) -> NDArray[np.float64] | None:
    """Targets that are a quantity, as ``(N,)`` numbers; None for names, and for few distinct numbers."""
    if not are_measured(targets):
        return None
    return np.asarray([number_in(target) for target in targets], dtype=np.float64)


def are_measured(targets: Sequence[str]) -> bool:
    """Numbers that are a quantity: many different ones, with fractions or hardly ever the same twice."""
    distinct = set(targets)
    numbers = [number_in(target) for target in distinct]
    if len(distinct) <= FEW or any(number is None for number in numbers):
        return False
    has_fractions = any(number is not None and not number.is_integer() for number in numbers)
    return has_fractions or len(distinct) > len(targets) / 2


def _known_text(value: str, column: str, known: dict[str, str | None]) -> str | None:
    if value not in known:
        known[value] = _text(value, column)
    return known[value]


def _text(value: Any, column: str) -> str | None:
    names = names_in(value)
    if names is not None:
        return label_list([spell(name) for name in names])
    if isinstance(value, dict) or getattr(value, "ndim", 0) > 1:
        raise DataError(
            f"the target column {column!r} must hold one value, or a list of names, per row; "
            f"it holds a {type(value).__name__}. Name another column with --target, or make one value of it."
        )
    text = text_of(value)
    return None if text is None else spell(text)
