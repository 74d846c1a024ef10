"""What every score is given and gives back, and the checks that all of them need."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, ShapeError, choice_message
from headstart.core.learning import Targets

Floats = NDArray[np.float64]
LARGEST = 1e60  # fourth powers of features, summed, stay within float64
CLASSES = frozenset({"class", "ordinal"})  # of grades the order is not used


class TransferabilityScore(Protocol):
    """Judges features without training a model on them."""

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """Higher is better; finite.

        Args:
            features: ``(N, D)`` of any floating dtype, finite; not changed.
            targets: Of the N rows, of a kind that the plugin's ``targets`` names.
            rng: The only source of chance; scores without any leave it alone.

        Raises:
            ShapeError: features are not ``(N, D)`` or not finite, N differs, or the targets are all the same.
            ConfigError: the score does not take this kind of targets.
        """


def checked_features(features: NDArray[Any], targets: Targets, kinds: frozenset[str]) -> Floats:
    """``features`` as float64 ``(N, D)``, after the checks that :class:`TransferabilityScore` promises."""
    if targets.kind not in kinds:
        message = choice_message("the kind of targets of this score", targets.kind, kinds)
        raise ConfigError(f"{message} Choose a score whose plugin names that kind.")
    features = np.asarray(features)
    if features.ndim != 2 or 0 in features.shape:
        raise ShapeError(f"features must be (N, D) with N and D above 0; got shape {features.shape}.")
    if targets.values.shape[:1] != features.shape[:1]:
        raise ShapeError(
            f"targets must have one entry for each of {len(features)} rows of features; got shape "
            f"{targets.values.shape}. Take the same rows of both."
        )
    rows: Floats = np.asarray(features, dtype=np.float64)
    bad = int((~(np.abs(rows) < LARGEST)).any(axis=1).sum())  # NaN is not below either
    if bad:
        raise ShapeError(
            f"features must be finite numbers below {LARGEST:g} in size; {bad} of {len(rows)} rows hold others. "
            "Leave those rows out, or compute the features again in float32."
        )
    return rows


def present_classes(targets: Targets) -> NDArray[np.int64]:
    """``(N,)`` class numbers 0..C-1 of the C classes that have examples.

    Raises:
        ShapeError: fewer than two classes have examples.
    """
    found, classes = np.unique(np.asarray(targets.values), return_inverse=True)
    if len(found) < 2:
        raise ShapeError(
            f"a transferability score needs examples of two classes; got {len(found)} in {len(targets)} rows. "
            "Give rows of more classes."
        )
    return classes.astype(np.int64)


def one_hot(classes: NDArray[np.int64]) -> Floats:
    """``(N, C)`` of 0 and 1; C is the largest class number + 1."""
    return np.asarray(classes[:, None] == np.arange(classes.max() + 1), dtype=np.float64)


def class_means(rows: Floats, classes: NDArray[np.int64]) -> Floats:
    """``(C, D)`` means of the rows ``(N, D)`` of each class; every class must have an example."""
    members = one_hot(classes)
    return np.asarray(members.T @ rows / members.sum(axis=0)[:, None], dtype=np.float64)


def varying(rows: Floats) -> Floats:
    """``(N, D')``: without the dimensions in which all rows are equal, as a dead unit's are."""
    return np.asarray(rows[:, rows.max(axis=0) > rows.min(axis=0)], dtype=np.float64)
