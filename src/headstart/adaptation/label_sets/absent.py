"""Which classes the target lacks, from answers without labels, and only where that is sure.

Shares of the classes are found by expectation maximisation (Saerens, Latinne & Decaestecker 2002, as ``prior_em``),
which does for answers what the class weights of partial domain adaptation do for the source (Cao, Ma, Long & Wang,
ECCV 2018): what hardly a target row is taken for weighs nothing. Domains that look different blur answers, so two heads
are asked: the model as it is, and one for features that were standardised in each domain by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.adapters.prior_em import shares_by_em
from headstart.core.learning import Floats
from headstart.evaluation.proportions import clopper_pearson
from headstart.evaluation.softmax import softmax

FEWEST_PRESENT = 2
# Ours. A class that still comes half as often as it was learned is not absent, and one that is hardly the answer may
# be; both must hold of both heads, so that too few target rows, or one blurred head, leave the class in.
HALF, HARDLY = 0.5, 0.1
MISSED = 0.05  # of all classes together


@dataclass(frozen=True)
class Absent:
    """What was found.

    Attributes:
        present: ``(K,)``.
        shares: ``(K,)`` estimated in the target by the head that sees most of the class.
        highest: ``(K,)`` their upper bounds, which hold together at 95 % where answers are as they were learned.
        needed: Target rows from which on a class of average share could be found absent.
    """

    present: NDArray[np.bool_]
    shares: Floats
    highest: Floats
    needed: int

    def rows(self, names: Sequence[str], learned: Floats) -> list[Mapping[str, Any]]:
        """JSON for each class."""
        return [
            {"class": str(name), "learned": float(learned[k]), "now": float(self.shares[k]),
             "high": float(self.highest[k]), "absent": not bool(self.present[k])}
            for k, name in enumerate(names)
        ]  # fmt: skip


def absent_classes(heads: Sequence[Floats], learned: Floats) -> Absent:
    """Classes that every head hardly ever answers, where there are target rows enough to be sure.

    A class is absent if its share in the target is at most a tenth of the share it was learned with, and the exact
    upper bound of its share (Clopper & Pearson 1934 on the rows that it holds, at 5 % of all classes together) at
    most half of that. Where fewer than two classes would be left, nothing is absent.

    Args:
        heads: Calibrated outputs ``(m, K)`` of each head.
        learned: ``(K,)`` shares among the examples learned from; above 0.
    """
    before = np.asarray(learned, np.float64)
    width, m = len(before), len(heads[0])
    found = np.array([shares_by_em(softmax(outputs), before) for outputs in heads])
    shares = found.max(axis=0)
    highest = clopper_pearson(shares * m, m, MISSED / width)[1]
    absent = (shares <= HARDLY * before) & (highest <= HALF * before)
    needed = int(np.ceil(np.log(width / MISSED) / -np.log1p(-HALF / width)))
    present = ~absent if (~absent).sum() >= FEWEST_PRESENT else np.ones(width, bool)
    return Absent(present, shares, highest, needed)
