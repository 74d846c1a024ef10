"""Answers that follow how often each class comes now, in a stream without labels.

The shares of the latest examples are found by expectation maximisation in the answers themselves (Saerens, Latinne &
Decaestecker, 2002; ``adapters/prior_em.py``). That holds where a class looks as it did: while more examples than
usual are strange to the model, nothing is corrected.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.adapters.prior_em import shares_by_em
from headstart.core.errors import ConfigError
from headstart.core.learning import Floats
from headstart.evaluation.softmax import softmax
from headstart.postprocessing.answers import Answers

ROWS = 500  # latest examples
FEWEST = 100  # below, nothing is corrected
LEARNED = 50.0  # examples that the learned shares count for
STRANGE = 0.15  # share of strange examples from which nothing is corrected; 0.05 is usual
LEVEL = 0.05
EVERY = 20  # examples between two estimates


@dataclass
class FollowedShares:
    """Bounded in memory: probabilities of the latest examples, no inputs.

    Attributes:
        learned: ``(K,)`` shares of the examples learned from.
        now: ``(K,)`` shares that answers are corrected for.
        is_held: Whether nothing is corrected because too many examples are strange.
    """

    learned: Floats
    now: Floats = field(init=False)
    is_held: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.now = self.learned.copy()
        self._latest: deque[NDArray[np.float64]] = deque(maxlen=ROWS)
        self._strange: deque[bool] = deque(maxlen=ROWS)
        self._since = 0

    def moved(self, outputs: Floats, strange: Floats | None) -> Floats:
        """``(n, K)`` outputs, corrected, after they were looked at.

        Args:
            outputs: Calibrated, for the shares that were learned.
            strange: ``(n,)`` shares of held-out examples as strange; None where nobody looks.
        """
        self._latest.extend(softmax(outputs))
        self._strange.extend([False] * len(outputs) if strange is None else (strange <= LEVEL).tolist())
        self._since += len(outputs)
        if len(self._latest) >= FEWEST and self._since >= EVERY:
            self._since = 0
            self._estimate()
        return np.asarray(outputs + np.log(self.now / self.learned))

    def _estimate(self) -> None:
        self.is_held = bool(np.mean(self._strange) > STRANGE)
        if self.is_held:
            self.now = self.learned.copy()
            return
        m = len(self._latest)
        found = shares_by_em(np.array(self._latest), self.learned)
        self.now = (m * found + LEARNED * self.learned) / (m + LEARNED)


@dataclass(frozen=True)
class FollowedAnswers(Answers):
    """Answers of a model whose shares of classes are followed; in place of its own."""

    shares: FollowedShares

    def said(self, outputs: Floats, strange: Floats | None = None) -> dict[str, list[Any]]:
        """As the model's own, of corrected outputs."""
        return super().said(self.shares.moved(outputs, strange), strange)


def followed(answers: Answers) -> FollowedAnswers:
    """Answers of a bundle, following the shares from those of its held-out examples, one more of each class.

    Raises:
        ConfigError: the model tells no classes, or its bundle does not say how often they came.
    """
    from headstart.monitoring.reference import Reference

    counts = np.zeros(0)
    if answers.task.kind in ("class", "ordinal"):
        counts = Reference.of(answers.postprocessing).confusion.sum(axis=0).astype(np.float64)
    if not counts.sum():
        raise ConfigError(
            "shares of classes can be followed where a model tells classes and examples were held out from it; this "
            f"one is of the kind {answers.task.kind!r} with {int(counts.sum())} held-out examples. Leave it out."
        )
    return FollowedAnswers(
        answers.task, answers.postprocessing, FollowedShares((counts + 1) / (counts.sum() + len(counts)))
    )
