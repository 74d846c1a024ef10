"""Which column holds the targets, and what kind of targets they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data.cells import text_of
from headstart.data.class_names import NUMBER, spell

TARGET_COLUMNS = ("label", "target")
FEW = 20  # distinct numbers up to which a column of numbers is taken for class numbers in any case


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


def class_targets(values: Sequence[Any], column: str) -> tuple[str | None, ...]:
    """Class names of a column, None where a row has none.

    Raises:
        DataError: the column holds several names a row, or real numbers; both are other tasks than classification.
    """
    for value in values:
        if isinstance(value, list | tuple | set | dict):
            _refuse(column, f"lists of names, like {value!r}")
    names = [None if (text := text_of(value)) is None else spell(text) for value in values]
    distinct = {name for name in names if name is not None}
    if not distinct:
        raise DataError(f"the target column {column!r} must hold class names; all {len(names)} rows are blank in it.")
    if _are_joined(distinct):
        _refuse(column, f"several names joined in one value, like {next(n for n in sorted(distinct) if _parts(n))!r}")
    if _are_measured(distinct, len(names)):
        _refuse(column, f"{len(distinct)} different numbers in {len(names)} rows, which is a quantity")
    return tuple(names)


def _refuse(column: str, came: str) -> None:
    raise DataError(
        f"the target column {column!r} must hold one class name per row; it holds {came}. "
        "This version learns classes only: name another column with --target, or make classes of its values."
    )


def _parts(name: str) -> list[str]:
    for separator in "|;":
        if separator in name:
            return [part.strip() for part in name.split(separator)]
    return []


def _are_joined(distinct: set[str]) -> bool:
    """Names joined by | or ; repeat: there are fewer different parts than different wholes."""
    joined = [parts for name in distinct if (parts := _parts(name))]
    if not joined or not all(part for parts in joined for part in parts):
        return False
    atoms = {part for parts in joined for part in parts} | {name for name in distinct if not _parts(name)}
    return len(joined) > 1 and len(atoms) < len(distinct)


def _are_measured(distinct: set[str], n: int) -> bool:
    """Numbers that are a quantity: many different ones, with fractions or hardly ever the same twice."""
    if len(distinct) <= FEW or not all(NUMBER.fullmatch(name) for name in distinct):
        return False
    has_fractions = any(not float(name).is_integer() for name in distinct)
    return has_fractions or len(distinct) > n / 2
