"""Which targets are sets of labels, what the labels are called, and what must hold of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.tasks.class_names import in_order
from headstart.tasks.label_sets import SEPARATORS, are_lists, labels_in, separator_of
from headstart.tasks.written import as_name, near, some

FEW_EXAMPLES = 5  # training examples of a label below which it is noted


def matches(targets: Iterable[Any]) -> str | None:
    """Why these targets are sets of labels, as a clause to print; None when they are not."""
    distinct = {as_name(value) for value in targets}
    if not distinct:
        return None
    if are_lists(distinct):
        return "the targets are JSON lists"
    separator = separator_of(distinct)
    if separator is None:
        return None
    return (
        f"the targets are names joined by {separator!r}, in many combinations (--task classification keeps them whole)"
    )


def separator_in(targets: Iterable[Any]) -> str | None:
    """What joins labels in these targets, when the task was named and so need not be recognised."""
    texts = {as_name(value) for value in targets}
    plain = {text for text in texts if not text.startswith("[")}
    return separator_of(plain) or next((sign for sign in SEPARATORS if any(sign in text for text in plain)), None)


def label_sets(targets: Iterable[Any], separator: str | None = None) -> list[tuple[str, ...]]:
    """The labels of each target, sorted."""
    values = list(targets)
    sign = separator or separator_in(values)
    return [labels_in(value, sign) for value in values]


def label_sizes(targets: Iterable[Any]) -> Counter[str]:
    """Examples by label.

    Raises:
        DataError: there is no label at all.
    """
    counts = Counter(label for labels in label_sets(targets) for label in labels)
    if not counts:
        raise DataError(
            "multilabel needs at least one label; every training target is an empty set. "
            "Check which column holds the labels, and name it with --target."
        )
    return counts


def strata(targets: NDArray[Any]) -> NDArray[np.int64]:
    """``(N,)`` the rarest label of each example: balancing it balances the labels that need it most.

    Sechidis, Tsoumakas & Vlahavas, ECML 2011, also give rare labels out first. Examples without any label are one
    more stratum.
    """
    sets = label_sets(targets)
    counts = Counter(label for labels in sets for label in labels)
    place = {label: k + 1 for k, label in enumerate(in_order(counts))}
    return np.array([place[min(s, key=lambda label: (counts[label], label))] if s else 0 for s in sets], np.int64)


def check(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> None:
    """Raise DataError when there is no label, or another split's labels are mostly none that train has.

    A few labels that train lacks are no error where labels are many and rare: :func:`notes` names them, and encoding
    leaves them out.

    Args:
        train: ``(N,)`` objects as users wrote them, sets as JSON lists.
        others: Likewise of each other split, by name.
    """
    trained = set(label_sizes(train))
    for split, values in others.items():
        there = {label for labels in label_sets(values) for label in labels}
        unknown = sorted(there - trained)
        if unknown and 2 * len(unknown) >= len(there):
            raise DataError(
                f"the {split} split must hold the labels that train has, {some(sorted(trained))}; most of its own are "
                f"none of them: {some(unknown)}.{near(unknown[0], sorted(trained))} Give both splits the same names."
            )


def notes(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> list[str]:
    """What stands out, as sentences: rare labels, empty sets, labels that only another split holds.

    Args:
        train: ``(N,)`` objects as users wrote them, sets as JSON lists.
        others: Likewise of each other split, by name.
    """
    sets = label_sets(train)
    counts = Counter(label for labels in sets for label in labels)
    found = []
    if rare := [label for label in in_order(counts) if counts[label] < FEW_EXAMPLES]:
        found.append(f"labels with fewer than {FEW_EXAMPLES} training examples: {', '.join(rare)}")
    if always := [label for label in in_order(counts) if counts[label] == len(sets)]:
        found.append(f"labels that every training example has, so nothing tells them: {', '.join(always)}")
    if empty := sum(not labels for labels in sets):
        found.append(f"{empty} of {len(sets)} training examples have no label")
    for split, values in others.items():
        unknown = sorted({label for labels in label_sets(values) for label in labels} - set(counts))
        if unknown:
            found.append(f"labels of the {split} split that no training example has, left out: {', '.join(unknown)}")
    return found


def describe(targets: NDArray[Any]) -> str:
    """What the targets are, of ``(N,)`` objects as users wrote them, in words: "48 labels, 1.8 per example"."""
    sets = label_sets(targets)
    names = {label for labels in sets for label in labels}
    each = sum(len(labels) for labels in sets) / max(len(sets), 1)
    return f"{len(names)} labels, {each:.1f} per example"
