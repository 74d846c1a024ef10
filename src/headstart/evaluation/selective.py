r"""Answering only where the model is sure: how often it then answers, and how often it is right.

El-Yaniv & Wiener, JMLR 2010 (risk and coverage); Geifman & El-Yaniv, NeurIPS 2017, https://arxiv.org/abs/1705.08500 (a
bound on the risk of what is answered). The threshold is chosen as Angelopoulos, Bates, Candès, Jordan & Lei, Learn then
Test, 2021, https://arxiv.org/abs/2110.01052, choose theirs: by tests in a fixed order that stop at the first one that
fails, so that many tests cost no more than one.

Ours: the hypotheses are "at least so many rows were answered", from the surest few to all, at numbers that depend on N
and on the accuracy wanted alone. The promise, that the accuracy on all that will be answered is below what is wanted in
at most 5 of 100 draws of the held-out rows, rests on one assumption beside independent rows: being less sure never
makes the model right more often, taken over all rows above a threshold. (Then a row below the last threshold that meets
the promise is wrong at least as often as allowed, and the first test that should fail is an exact binomial one.)
benchmarks/promised_coverage.py has how often it is kept, also where the assumption is broken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.conformal_report import share
from headstart.evaluation.intervals import LEVEL

Floats = NDArray[np.float64]
SHARES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.1)  # of the rows answered, in a table without thresholds
# Of the first test's rows, in units of the fewest that could pass: at 1 a single error among the surest rows ends it.
# On 60 made problems (50 to 1000 rows) 1.6 answered most: 0.222 of the rows, against 0.212 at 1 and 0.195 at 2.5.
START = 1.6
STEP = 1.3  # from one test's rows to the next one's


def answered_table(
    confidence: NDArray[Any], right: NDArray[Any], thresholds: Sequence[float] | None = None
) -> list[dict[str, Any]]:
    """What answering from each threshold on would give, on rows that had no part in the model.

    Args:
        confidence: ``(N,)``, higher is surer; finite.
        right: ``(N,)`` bool.
        thresholds: Answered is what is at least as sure; None takes those that answer :data:`SHARES` of the rows.

    Returns:
        One row each: ``threshold``, ``n`` (rows answered), ``answered`` and ``accuracy``, shares with their exact
        intervals; the accuracy is null with a note where nothing is answered. Intervals hold for each row of the table,
        not for all at once.
    """
    c, r = _checked(confidence, right)
    if thresholds is None:
        ordered = np.sort(c)[::-1]
        thresholds = sorted({float(ordered[max(math.ceil(part * len(c)), 1) - 1]) for part in SHARES})
    rows = []
    for threshold in thresholds:
        is_answered = c >= threshold
        rows.append(
            {
                "threshold": float(threshold),
                "n": int(is_answered.sum()),
                "answered": share(is_answered),
                "accuracy": share(r[is_answered]),
            }
        )
    return rows


def area_under_risk_coverage(confidence: NDArray[Any], right: NDArray[Any]) -> float:
    """Mean over k = 1..N of the share of errors among the k surest of rows ``(N,)``, 0-1; smaller is better.

    Rows that are equally sure enter in every order alike: their errors are spread evenly over them. Arguments as for
    :func:`answered_table`.

    >>> area_under_risk_coverage(np.array([0.9, 0.8]), np.array([True, False]))
    0.25
    """
    c, r = _checked(confidence, right)
    _, place, counts = np.unique(-c, return_inverse=True, return_counts=True)
    wrong = np.bincount(place, weights=~r)
    errors = np.cumsum(np.repeat(wrong / counts, counts))
    return float((errors / np.arange(1, len(c) + 1)).mean())


@dataclass(frozen=True)
class Abstaining:
    """From which confidence on to answer.

    Attributes:
        threshold: Answered is what is at least as sure; None where nothing can be promised.
        answered: Held-out rows that it answers.
        right: Of these, those that are right.
        n: All held-out rows.
        why: What was found, a clause.
    """

    threshold: float | None
    answered: int
    right: int
    n: int
    why: str


def abstain_threshold(confidence: NDArray[Any], right: NDArray[Any], wanted_accuracy: float) -> float | None:
    """The threshold of :func:`abstaining` alone; ``(N,)`` confidences and flags."""
    return abstaining(confidence, right, wanted_accuracy).threshold


def abstaining(confidence: NDArray[Any], right: NDArray[Any], wanted_accuracy: float) -> Abstaining:
    """The lowest threshold above which the accuracy is at least what is wanted, with 95 % confidence.

    Args:
        confidence: ``(N,)`` of held-out rows, higher is surer; finite.
        right: ``(N,)`` bool.
        wanted_accuracy: Of what is answered, in (0, 1).

    Returns:
        Without a threshold where N is too small for any (below 59 for 0.95), or the surest rows err too often.
    """
    from scipy.special import bdtr

    if not 0 < wanted_accuracy < 1:
        raise ConfigError(f"the accuracy wanted must lie between 0 and 1; got {wanted_accuracy}. 0.95 is usual.")
    c, r = _checked(confidence, right)
    fewest, n = fewest_answered(wanted_accuracy), len(c)
    if n < fewest:
        return Abstaining(
            None, 0, 0, n, f"{n} held-out rows can show no such accuracy; {fewest} that are right are needed"
        )
    ordered = np.sort(c)[::-1]
    found = Abstaining(None, 0, 0, n, "the rows that the model is surest of are wrong too often")
    for count in _counts(fewest, n):
        is_answered = c >= ordered[count - 1]
        answered, hits = int(is_answered.sum()), int(r[is_answered].sum())
        if bdtr(answered - hits, answered, 1 - wanted_accuracy) > 1 - LEVEL:
            break
        why = f"{hits} of {answered} rows as sure as this are right"
        found = Abstaining(float(ordered[count - 1]), answered, hits, n, why)
    return found


def fewest_answered(wanted_accuracy: float) -> int:
    """Rows, all of them right, that show an accuracy with 95 % confidence: 29 for 0.9, 59 for 0.95, 299 for 0.99."""
    return math.ceil(math.log(1 - LEVEL) / math.log(wanted_accuracy) - 1e-9)


def _counts(fewest: int, n: int) -> list[int]:
    """How many of the surest rows each test is on, rising to all of them; nothing here depends on the rows."""
    counts, count = [], min(START * fewest, n)
    while count < n:
        counts.append(math.ceil(count))
        count *= STEP
    return [*counts, n]


def _checked(confidence: NDArray[Any], right: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    c, r = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=bool)
    if c.ndim != 1 or c.shape != r.shape or not len(c):
        raise ShapeError(f"confidence and right must both be (N,), N above 0; got {c.shape} and {r.shape}.")
    if not np.isfinite(c).all():
        raise ShapeError("confidence must be finite. Leave out rows that were never held out.")
    return c, r
