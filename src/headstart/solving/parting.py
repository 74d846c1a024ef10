"""The data, parted: what may be learned from, its folds and weights, and the test targets under seal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.core.seeding import generator
from headstart.data.grouping import join_groups
from headstart.data.sealed import SealedTargets, seal
from headstart.data.splits import folds
from headstart.request.fit_config import FitConfig
from headstart.solving.domains import domain_folds, inseparable
from headstart.solving.solve import FOLDS
from headstart.solving.splitting import Split, make_split
from headstart.tasks.choose import configured, task_module

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset, LabeledDataset

CLASSES = ("class", "ordinal")  # kinds of targets of which each value must be known


@dataclass(frozen=True)
class Parts:
    """What may be learned from, the test inputs, and the test targets under seal.

    Attributes:
        groups: ``(N,)`` of the training part.
        duplicates: Group numbers of near-duplicates among all examples.
    """

    split: Split
    train: LabeledDataset
    test: Dataset
    sealed: SealedTargets
    groups: NDArray[np.int64]
    duplicates: NDArray[np.int64]


def parted(dataset: LabeledDataset, duplicates: Ints, strata: Ints, request: FitConfig) -> Parts:
    """By the given split or a new one; near-duplicates (group numbers ``(N,)``) are on one side."""
    # copies in several domains do not make them one domain: a new domain may hold copies, too
    together = duplicates if request.domains is None else np.arange(len(dataset))
    try:
        split = make_split(dataset, together, strata, resplit=request.resplit, seed=request.seed)
    except DataError:
        if request.domains is not None:
            raise DataError(inseparable(join_groups(dataset.groups), strata)) from None  # type: ignore[arg-type]  # read
        raise
    train, test, sealed = seal(dataset, split.train, split.test)
    return Parts(split, train, test, sealed, split.groups[split.train], duplicates)


@dataclass(frozen=True)
class Problem:
    """What there is to learn of examples whose targets may be seen, and who is held out from whom.

    Attributes:
        strata: ``(N,)`` what folds balance, by these targets alone.
        folds: ``(N,)`` fold numbers, -1 for rows that are never held out.
        weights: ``(N,)`` where rare classes weigh as much as common ones in learning, else None.
    """

    task: Task
    targets: Targets
    strata: Ints
    folds: Ints
    weights: Floats | None


def problem_of(
    train: LabeledDataset, task_name: str, groups: Ints, request: FitConfig, kept: Ints | None = None
) -> Problem:
    """The same for a fit, an audit and a ranking of the same examples.

    Args:
        train: N examples.
        task_name: As it was understood.
        groups: ``(N,)``: rows of one group are in one fold.
        request: Seed and balance.
        kept: ``(N,)`` folds that some rows have already, see :func:`headstart.data.splits.folds`.

    Raises:
        DataError: targets that the task cannot take.
        ConfigError: a decision that its classes do not allow.
    """
    task = configured(task_name, train.targets, request.decision, request.balance)
    targets = task.encode(train.targets)
    # not those of the split: where targets are numbers, bins of all of them would tell of the sealed ones
    strata = task_module(task_name).strata(train.targets)
    rng = generator(request.seed, "folds")
    if request.domains is None:
        fold = folds(strata, groups, FOLDS, rng, kept)
    else:  # each domain is a fold whatever was held out before
        fold = domain_folds(groups, strata if targets.kind in CLASSES else np.zeros_like(strata), rng)
    return Problem(task, targets, strata, fold, class_weights(targets) if is_weighted(request, task) else None)


def is_weighted(request: FitConfig, task: Task) -> bool:
    """Whether rare classes weigh as much as common ones in learning: only where that was asked for.

    Weights move decisions and spoil probabilities; decisions are moved after learning, by less and where held-out rows
    gain by it (:mod:`headstart.tasks.rare_classes`).
    """
    return task.kind == "class" and request.balance in ("loss", "sampler")


def class_weights(targets: Targets) -> Floats:
    """``(N,)`` weights with mean 1 under which every class that occurs has the same total."""
    counts = np.bincount(targets.values, minlength=targets.width)
    present = int((counts > 0).sum())
    return np.asarray(len(targets.values) / (present * counts[targets.values]), np.float64)
