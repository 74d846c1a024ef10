"""What the targets mean, decided before anything is split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.tasks.choose import choose_task_name, configured, task_module

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.tasks.decision_request import DecisionRequest


@dataclass(frozen=True)
class Meaning:
    """Task, reason, and what splits balance.

    Attributes:
        reason: Why this task, a clause.
        description: Of the targets, for the plan: "10 classes".
        strata: ``(N,)`` what a new split balances; 0 for rows of a given test part, whose targets stay sealed.
        notes: Sentences about the targets, for the plan.
    """

    task_name: str
    reason: str
    description: str
    strata: NDArray[np.int64]
    notes: tuple[str, ...]


def meaning_of(
    dataset: LabeledDataset, task: str, *, resplit: bool, decision: DecisionRequest | None = None
) -> Meaning:
    """The task by the targets that are not sealed; whether it can be learned at all is checked here.

    Raises:
        DataError: nothing can be learned.
        ConfigError: no such task, or a ``decision`` that its classes do not allow.
    """
    is_test = (dataset.split == "test") & (not resplit)
    known = dataset.targets[~is_test]
    name, reason = choose_task_name(known, task)
    module = task_module(name)
    given = [split for split in ("val", "test") if (dataset.split == split).any() and not resplit]
    others = {split: dataset.targets[dataset.split == split] for split in given}
    train = dataset.targets if resplit else dataset.targets[(dataset.split == "train") | (dataset.split == "")]
    module.check(train, others)
    configured(name, train, decision)  # a class that is not there is told before any work
    notes = tuple(module.notes(train, others))
    strata = np.zeros(len(dataset), np.int64)
    strata[~is_test] = module.strata(known)
    return Meaning(name, reason, module.describe(known), strata, notes)
