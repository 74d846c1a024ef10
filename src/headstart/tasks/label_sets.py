"""Several labels in one target: a JSON list, or names joined by ``|`` or ``;``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from headstart.core.errors import DataError
from headstart.tasks.written import as_name

SEPARATORS = ("|", ";")
RECURRING = 0.5  # share of parts that come in two or more combinations from which on they are labels


def are_label_sets(distinct: set[str]) -> bool:
    """Whether distinct targets are sets of labels: JSON lists, or names joined and joined again otherwise."""
    return bool(distinct) and (are_lists(distinct) or separator_of(distinct) is not None)


def are_lists(distinct: set[str]) -> bool:
    """Whether all are JSON lists."""
    return all(name.startswith("[") for name in distinct) and all(isinstance(_json(n), list) for n in distinct)


def separator_of(distinct: set[str]) -> str | None:
    """The sign that joins labels; None where there is none.

    In prose, or in a class called "Heart; lung", a part hardly ever comes back beside other parts. Labels do: there
    are fewer different parts than wholes, or half of the parts come in two wholes or more.

    >>> separator_of({"a|b", "b|c", "a"}), separator_of({"good; but late", "bad; and late", "fine"})
    ('|', None)
    """
    for separator in SEPARATORS:
        joined = [name for name in distinct if separator in name]
        if len(joined) < 2 or any(not part.strip() for name in joined for part in name.split(separator)):
            continue
        wholes = Counter(part for name in distinct for part in {part.strip() for part in name.split(separator)})
        recurring = sum(1 for count in wholes.values() if count > 1)
        if len(wholes) < len(distinct) or recurring >= RECURRING * len(wholes):
            return separator
    return None


def labels_in(value: Any, separator: str | None) -> tuple[str, ...]:
    """The labels of one target, sorted, each once; an empty list or text has none.

    Args:
        value: As written.
        separator: What joins names in this data set; None where they are JSON lists.

    Raises:
        DataError: a JSON list that holds other things than names and numbers.
    """
    text = as_name(value).strip()
    if text.startswith("[") and isinstance(found := _json(text), list):
        if wrong := [part for part in found if not isinstance(part, str | int | float) or isinstance(part, bool)]:
            raise DataError(f"a list of labels must hold names; {text[:80]!r} holds {wrong[0]!r}. Write names only.")
        parts: Iterable[str] = (as_name(part).strip() for part in found)
    else:
        parts = (part.strip() for part in (text.split(separator) if separator else [text]))
    return tuple(sorted({part for part in parts if part}))


def joined(labels: Iterable[str]) -> str:
    """Labels in one text, as tables of predictions hold them: ``a|b``; empty for none."""
    return "|".join(labels)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
