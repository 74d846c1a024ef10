"""What is measured of an entrant's features: read once, probed, asked for neighbours, voted on, and let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.core.pairs import Matrix
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.ranking.entrant_features import EntrantFeatures
from headstart.selection.votes import votes
from headstart.solving.candidates import default_method

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

ERRORS = ("real",)  # kinds of targets whose scores are squared errors


@dataclass(frozen=True)
class TrainingPart:
    """What every entrant is scored on: the training part, as a fit would part it.

    Attributes:
        folds: ``(N,)`` fold numbers.
        groups: ``(N,)``: rows that stay together.
        weights: ``(N,)`` or None.
    """

    train: LabeledDataset
    task: Task
    targets: Targets
    folds: Ints
    groups: Ints
    weights: Floats | None
    seed: int

    @property
    def held(self) -> Ints:
        """Rows that are held out once, and so are scored."""
        return np.flatnonzero(self.folds >= 0)

    @property
    def is_error(self) -> bool:
        """Whether scores are squared errors, the root of whose mean is the metric."""
        return self.task.kind in ERRORS

    def worth(self, means: Floats) -> Floats:
        """Means of shares as the metric, turned so that higher is better."""
        return -np.sqrt(np.maximum(-means, 0)) if self.is_error else np.asarray(means)


@dataclass(frozen=True)
class Scored:
    """An entrant's scores.

    Attributes:
        value: The primary metric of the probe's out-of-fold outputs.
        shares: ``(n,)`` of the rows held out, turned so that higher is better.
        knn: The metric of the neighbours' out-of-fold outputs; None where they cannot be asked.
        votes: By name.
        width: D.
    """

    features: EntrantFeatures
    value: float
    shares: Floats
    knn: float | None = None
    votes: Mapping[str, float | None] = field(default_factory=dict)
    width: int = 0


@dataclass(frozen=True)
class Probed:
    """What a probe says of the rows that are held out once.

    Attributes:
        outputs: ``(n, W)`` of the held-out rows.
        known: Their targets.
        task: Settled on all out-of-fold outputs.
        value: The primary metric.
        losses: ``(n,)`` log-losses, of numbers squared errors; as the guard of a fit computes them.
    """

    outputs: Floats
    known: Targets
    task: Task
    value: float
    losses: Floats

    @property
    def loss(self) -> float:
        """Their mean."""
        return float(self.losses.mean())


def probed(found: EntrantFeatures, features: Matrix, part: TrainingPart) -> Probed:
    """The probe of one entrant's features ``(N, D)``, N rows of the training part, solved on the folds."""
    held, targets = part.held, part.targets
    solution = found.method.fit(features, targets, part.folds, generator(part.seed, found.method_name), part.weights)
    task = part.task.settle(targets, solution.out_of_fold)
    outputs, known = solution.out_of_fold[held], targets.take(held)
    losses = np.asarray(part.task.loss(known, outputs), np.float64)
    return Probed(outputs, known, task, float(task.score(known, outputs)), losses)


def scored(found: EntrantFeatures, part: TrainingPart) -> Scored:
    """All scores of one entrant's features."""
    features = found.read()
    held, targets = part.held, part.targets
    with one_blas_thread():
        probe = probed(found, features, part)
        shares = np.asarray(probe.task.scores(probe.known, probe.outputs), np.float64) * (-1 if part.is_error else 1)
        value = probe.value
        if not found.is_dense:
            return Scored(found, value, shares, width=features.shape[1])
        knn = default_method("knn").fit(features, targets, part.folds, generator(part.seed, "knn"), part.weights)
    nearest = part.task.settle(targets, knn.out_of_fold).score(probe.known, knn.out_of_fold[held])
    return Scored(found, value, shares, float(nearest), votes(features, targets, part.seed), features.shape[1])
