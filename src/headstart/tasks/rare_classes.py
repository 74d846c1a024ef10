"""How far decisions lean towards rare classes, where these count as much as common ones.

Probabilities stay what they are, frequencies; only the choice changes: each class's probability is divided by a power
of the class's share, and the largest quotient decides (logit adjustment after learning: Menon et al., Long-tail
learning via logit adjustment, ICLR 2021, arXiv:2007.07314). The power is the one of largest macro-F1 on held-out rows,
0 (the most probable class) to 1 (as if all classes were equally common). Weights in learning do the same to the choice
and spoil the probabilities (van den Goorbergh et al., The harm of class imbalance corrections for risk prediction
models, JAMIA 2022, doi:10.1093/jamia/ocac093).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.macro_f1 import macro_f1
from headstart.tasks.decision import DecisionRule

POWERS = tuple(step / 8 for step in range(9))
FEWEST_ROWS = 30  # below, one row of a rare class decides


def rare_class_rule(targets: NDArray[np.int64], truth: NDArray[np.int64], probabilities: Floats) -> DecisionRule | None:
    """The rule of largest macro-F1; None where that is the most probable class, or held-out rows are too few.

    Args:
        targets: ``(N,)`` class numbers of all training examples: how common each class is.
        truth: ``(n,)`` class numbers of the held-out rows.
        probabilities: ``(n, K)`` of them, calibrated where that was done.
    """
    k = probabilities.shape[1]
    if len(truth) < FEWEST_ROWS:
        return None
    found = [macro_f1_of(truth, (probabilities * factors(targets, k, power)).argmax(axis=1), k) for power in POWERS]
    best = int(np.argmax(found))  # the smallest of equal ones
    if best == 0:
        return None
    held_out = {"n": len(truth), "macro_f1": found[best], "macro_f1_of_the_most_probable": found[0]}
    return DecisionRule(
        factors=tuple(factors(targets, k, POWERS[best]).tolist()), power=POWERS[best], held_out=held_out
    )


def factors(targets: NDArray[np.int64], k: int, power: float) -> Floats:
    """``(K,)`` what probabilities are multiplied by: 1 for the commonest class, more for the others."""
    counts = np.maximum(np.bincount(targets, minlength=k), 1)
    return np.asarray((counts.max() / counts) ** power, np.float64)


def macro_f1_of(truth: NDArray[Any], decided: NDArray[Any], k: int) -> float:
    """Of class numbers ``(n,)``."""
    return macro_f1(class_counts(truth, decided, k))
