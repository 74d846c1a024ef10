"""Contenders made by hand: what they say on folds and on the test split is stated in a line."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Fitted, Solution, Targets
from headstart.evidence.contender import Contender
from headstart.tasks.classification import Classification, ClassificationConfig

NAMES = ("no", "yes")


def task(primary: str = "accuracy") -> Classification:
    return Classification(ClassificationConfig(class_names=NAMES, primary=primary))


def targets(values) -> Targets:
    return Targets(np.asarray(values, np.int64), "class", 2)


def logits(classes, sure: float = 2.0) -> np.ndarray:
    """Logits that predict these classes, each ``sure`` above the other."""
    classes = np.asarray(classes)
    return np.stack([np.where(classes == 0, sure, 0.0), np.where(classes == 1, sure, 0.0)], axis=1)


def contender(
    name: str,
    *,
    folds=(0, 1),
    test=(0, 1),
    rows=None,
    kind: str = "transfer",
    can_ship: bool = True,
    report=None,
    settled=None,
) -> Contender:
    """``folds`` and ``test`` are classes to predict, or logits; ``settled`` is the task, two classes by default."""
    held_out = logits(folds) if np.ndim(folds) == 1 else np.asarray(folds, float)
    tested = logits(test) if np.ndim(test) == 1 else np.asarray(test, float)
    return Contender(
        name=name,
        candidate=f"a network + {name}",
        kind=kind,
        what=f"What {name} is.",
        can_ship=can_ship,
        n_train=len(held_out),
        solution=Solution(Fitted({}, {"method": name}), held_out, report or {}),
        test_rows=np.arange(len(tested)) if rows is None else np.asarray(rows),
        test_outputs=tested,
        task=settled or task(),
    )
