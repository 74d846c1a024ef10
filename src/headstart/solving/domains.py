"""Domains held out in turn: the folds of data whose model will meet a domain that it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import DataError
from headstart.core.learning import NEVER_HELD_OUT, Ints

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

MOST = 20  # domains with a fold of their own; more are dealt to folds of several whole domains
SHARED = 10  # folds then
LEAST = 2  # examples that most domains must have
SHOWN = 5


def domain_folds(domains: Ints, strata: Ints, rng: np.random.Generator) -> Ints:
    """A fold for each domain, or for several whole ones where they are many.

    Args:
        domains: ``(N,)`` numbers of the training part.
        strata: ``(N,)`` classes, of which each must stay among the rest; of numbers all alike.
        rng: Deals many domains to folds.

    Returns:
        ``(N,)`` fold numbers from 0; NEVER_HELD_OUT for a domain without which a class would have no example.

    Raises:
        DataError: fewer than two domains can be held out.
    """
    names, number = np.unique(domains, return_inverse=True)
    if len(names) < 2:
        raise DataError(
            f"a domain is held out from other domains, so at least two must be left to learn from; got {len(names)} "
            "beside the test part. Give three domains or more, or two and a test set of another one (--test); for "
            "one domain leave --domains out."
        )
    only = sole_owners(number, strata)
    if len(names) - len(only) < 2:
        raise DataError(inseparable(number, strata))
    if len(names) > MOST:
        from headstart.data.splits import folds

        return folds(strata, domains, SHARED, rng)
    fold = number.astype(np.int64)
    fold[np.isin(number, only)] = NEVER_HELD_OUT
    held = np.unique(fold[fold >= 0])
    return np.where(fold >= 0, np.searchsorted(held, fold), NEVER_HELD_OUT).astype(np.int64)


def sole_owners(number: Ints, strata: Ints) -> Ints:
    """Numbers of the domains that have all examples of some class."""
    pairs = np.unique(np.stack([strata, number], axis=1), axis=0)
    classes, counts = np.unique(pairs[:, 0], return_counts=True)
    alone = np.isin(pairs[:, 0], classes[counts == 1])
    return np.unique(pairs[alone, 1])


def inseparable(number: Ints, strata: Ints) -> str:
    """Why domains ``(N,)`` cannot be held out, by the classes ``(N,)`` that they have."""
    count, only = len(np.unique(number)), len(sole_owners(number, strata))
    one_class = all(len(np.unique(strata[number == each])) == 1 for each in range(count))
    says = (
        "each domain here has one class and each class one domain, so what tells classes apart cannot be told from "
        "what tells domains apart"
        if one_class and count == len(np.unique(strata))
        else f"{only} of {count} domains have all examples of some class"
    )
    return (
        f"at least two domains must be such that the others know their classes; {says}. Collect examples of each class "
        "in several domains, or leave --domains out: then nothing is known about a domain that was not seen."
    )


def require_domains(dataset: LabeledDataset, column: str) -> None:
    """Raise DataError for a column that names no domains: gaps, one value, or values that say which example it is."""
    named = [] if dataset.groups is None else dataset.groups.tolist()
    missing = sum(value is None for value in named)
    if missing:
        raise DataError(
            f"every example must say which domain it is from; {missing:,} of {len(named):,} have nothing in the column "
            f"{column!r}. Fill it in, or leave those examples out."
        )
    values, counts = np.unique(np.asarray([str(value) for value in named]), return_counts=True)
    if len(values) < 2:
        raise DataError(
            f"domains are held out in turn, so there must be several; the column {column!r} holds one: "
            f"{', '.join(values[:SHOWN])}. Leave --domains out: what happens elsewhere cannot be told from one domain."
        )
    if float(np.median(counts)) < LEAST:
        raise DataError(
            f"a domain is where several examples come from; in the column {column!r} {len(values):,} values stand "
            f"beside {len(named):,} examples, most of them once. Name a column that is coarser (a site, a person, a "
            "day), or leave --domains out."
        )
