"""Domains among the classes that the target has, and heads found there as heads for all classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.contract import Adapted
from headstart.adaptation.domains import Domains
from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Fitted, Floats, Targets

FEWEST = 2  # classes that are present
LEFT_OUT = 100.0  # nats below the mean output of the present classes: never the answer, and still a finite number
LINEAR = "linear"


def restricted(domains: Domains, present: NDArray[np.bool_]) -> Domains:
    """The same rows without those of absent classes, which are never the answer.

    Args:
        domains: Of K classes.
        present: ``(K,)``, at least two of them.

    Raises:
        ShapeError: not one flag for each class.
        DataError: fewer than two classes, a head that is not linear, or labelled rows of one class alone.
    """
    if present.shape != (domains.classes,):
        raise ShapeError(f"present must have one flag for each of {domains.classes} classes; got {present.shape}.")
    if present.sum() < FEWEST:
        raise DataError(f"at least {FEWEST} classes must be present in the new domain; got {int(present.sum())}.")
    source, held = domains.source, present[domains.held_out_targets.values]
    if source is not None:
        source = source.take(present[source.targets.values])
        if len(np.unique(source.targets.values)) < FEWEST:
            raise DataError("labelled examples of at least two of the present classes are needed.")
    return replace(
        domains,
        source=source,
        start=without(domains.start, present),
        held_out=without(domains.held_out[held], present),
        held_out_targets=domains.held_out_targets.take(held),
        head=wide(narrow(domains.head, present), present),
        present=present,
    )


def without(outputs: Floats, present: NDArray[np.bool_]) -> Floats:
    """``(n, K)`` outputs in which absent classes are ``LEFT_OUT`` below the mean of the others.

    >>> without(np.array([[1.0, 9.0, 3.0]]), np.array([True, False, True])).tolist()
    [[1.0, -98.0, 3.0]]
    """
    found = np.array(outputs, np.float64)
    found[:, ~present] = found[:, present].mean(axis=1, keepdims=True) - LEFT_OUT
    return found


def among_present(domains: Domains) -> Domains:
    """The same of the present classes alone, numbered from 0: an adapter knows of no other."""
    present = domains.present
    assert present is not None  # noqa: S101 - asked where some class is absent
    number = np.cumsum(present) - 1
    source = domains.source

    def renumbered(targets: Targets) -> Targets:
        return Targets(number[targets.values].astype(np.int64), targets.kind, int(present.sum()))

    return replace(
        domains,
        source=None if source is None else replace(source, targets=renumbered(source.targets)),
        start=domains.start[:, present],
        held_out=domains.held_out[:, present],
        held_out_targets=renumbered(domains.held_out_targets),
        head=narrow(domains.head, present),
        present=None,
    )


def for_all(adapted: Adapted, present: NDArray[np.bool_]) -> Adapted:
    """What was found among the present classes as a head for all, which never answers the others."""
    shift = None
    if adapted.shift is not None:
        shift = np.zeros(len(present))
        shift[present] = adapted.shift
    return replace(adapted, fitted=None if adapted.fitted is None else wide(adapted.fitted, present), shift=shift)


def narrow(fitted: Fitted, present: NDArray[np.bool_]) -> Fitted:
    """A linear head without its rows of absent classes."""
    require_linear(fitted)
    arrays = {name: np.asarray(fitted.arrays[name])[present] for name in ("weight", "bias")}
    return Fitted({**fitted.arrays, **arrays}, fitted.spec)


def wide(fitted: Fitted, present: NDArray[np.bool_]) -> Fitted:
    """A linear head of the present classes with rows for the others, as :func:`without` has them for any input."""
    require_linear(fitted)
    weight, bias = (np.asarray(fitted.arrays[name], np.float64) for name in ("weight", "bias"))
    arrays: dict[str, Any] = {
        "weight": np.tile(weight.mean(axis=0), (len(present), 1)),
        "bias": np.full(len(present), bias.mean() - LEFT_OUT),
    }
    arrays["weight"][present], arrays["bias"][present] = weight, bias
    return Fitted({**fitted.arrays, **{name: each.astype(np.float32) for name, each in arrays.items()}}, fitted.spec)


def require_linear(fitted: Fitted) -> None:
    """Raise DataError for a head from which no class can be taken out."""
    if fitted.spec.get("form") != LINEAR:
        raise DataError(
            f"classes can be left out of a linear head; this one is {fitted.spec.get('form')!r}. Fit the run with "
            "--method linear_probe, or adapt without --setting partial."
        )
