"""Which rows are source and which are target: real pairs of domains, corruptions, other shares of classes, no shift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.seeding import derive_seed, generator

from .features import CLEAN, Rows
from .sets import Source

MOST_SOURCE, MOST_TARGET = 500, 500
RARE_TIMES = 3  # so many more rows where one class is rare
KEPT = 0.15  # of the rows of half of the classes, where shares change
LEAST_OF_CLASS = 2
# What is done to the classes of the target: nothing; half of them made rare; the other half.
SHARES = ("as_is", "fewer", "fewer_others")


@dataclass(frozen=True)
class Variation:
    """One shift.

    Attributes:
        name: Unique.
        set: The set's name.
        kind: "domain", "corruption" or "none"; "+shares" behind it where shares of classes were changed.
        source, target: Row numbers of the set.
        condition: Of the target rows.
        seed: Of all that is drawn on it.
    """

    name: str
    set: str
    kind: str
    source: Any
    target: Any
    condition: str
    seed: int


def variations(name: str, source: Source, rows: Rows) -> Iterator[Variation]:
    """All of one set, in an order in which any first part of them is a fair sample."""
    ways = [(f"{ours}_to_{theirs}", "domain", ours, theirs, CLEAN) for ours, theirs in source.pairs]
    ways += [(worse, "corruption", CLEAN, CLEAN, worse) for worse in source.worse]
    ways.append(("no_shift", "none", *_largest(rows), CLEAN))
    for shares in SHARES:
        for way, kind, ours, theirs, condition in ways:
            if kind == "domain" or shares != "fewer_others":
                full = f"{name}/{way}/{shares}".replace(" ", "_")
                more = "" if shares == "as_is" else "+shares"
                ends = _ends(rows, ours, theirs, shares, RARE_TIMES if source.rare else 1, full)
                if ends is not None:
                    yield Variation(full, name, kind + more, *ends, condition, derive_seed(0, full))


def _largest(rows: Rows) -> tuple[str, str]:
    names, counts = np.unique(rows.domain, return_counts=True)
    return (str(names[counts.argmax()]),) * 2


def _ends(rows: Rows, ours: str, theirs: str, shares: str, times: int, name: str) -> tuple[Any, Any] | None:
    """Rows of both ends, or None where too few classes are left; rows of one domain are divided between them."""
    rng = generator(0, "variation", name)
    here = rows.domain != theirs if ours == "*" else rows.domain == ours
    source, target = np.flatnonzero(here), np.flatnonzero(rows.domain == theirs)
    if ours == theirs:
        order = rng.permutation(source)
        source, target = order[len(order) // 2 :], order[: len(order) // 2]
    if shares != "as_is":
        target = fewer(target, rows.truth, shares == "fewer_others", rng)
    source, target = (
        np.sort(rng.permutation(each)[: times * most]) for each, most in ((source, MOST_SOURCE), (target, MOST_TARGET))
    )
    least = np.bincount(rows.truth[source], minlength=rows.truth.max() + 1)
    known = least >= LEAST_OF_CLASS  # a class that the source does not have cannot be learned from it
    source, target = source[known[rows.truth[source]]], target[known[rows.truth[target]]]
    return (source, target) if len(np.unique(rows.truth[source])) > 1 and len(target) > 1 else None


def fewer(target: Any, truth: Any, others: bool, rng: np.random.Generator) -> Any:
    """Target rows with a share KEPT of half of the classes; which half is drawn from the classes alone."""
    classes = np.random.default_rng(len(np.unique(truth))).permutation(np.unique(truth))
    half = classes[len(classes) // 2 :] if others else classes[: len(classes) // 2]
    return target[~np.isin(truth[target], half) | (rng.random(len(target)) < KEPT)]
