"""Whether a network that adapts to its own answers has begun to give one answer to everything.

Two signs, looked at over the last few hundred rows: answers became much surer than those of the same rows by the
network as it was would allow, or one class takes over. Either means back to the start, as SAR recovers
(arXiv:2302.12400).
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

ROWS = 256  # that are looked at
FEWEST = 64
SUREST = 0.2  # mean entropy in nats below which answers are too sure; the paper's
FEWER = 0.5  # of the classes that were answered, measured as exp of the entropy of their shares


class Collapse:
    """Watches entropies and shares of the classes."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self.begin()

    def begin(self) -> None:
        """Forget the rows, not how it was at the start."""
        self._entropies: deque[float] = deque(maxlen=ROWS)
        self._answers: deque[int] = deque(maxlen=ROWS)

    def saw(self, first: NDArray[np.floating], now: NDArray[np.floating]) -> bool:
        """Tell it of a batch; True: it has collapsed.

        Args:
            first: ``(B, K)`` logits of the network as it was.
            now: ``(B, K)`` of the network as it is.
        """
        before, after = (_entropies(each) for each in (first, now))
        self._entropies.extend((after - before).tolist())
        self._answers.extend((now.argmax(axis=1) + self._classes * first.argmax(axis=1)).tolist())
        if len(self._answers) < FEWEST:
            return False
        pairs = np.array(self._answers)
        kinds = [_kinds(np.bincount(each, minlength=self._classes)) for each in
                 (pairs // self._classes, pairs % self._classes)]  # fmt: skip
        too_sure = float(np.mean(self._entropies)) < -max(SUREST, 0.35 * np.log(self._classes))
        return too_sure or (kinds[0] > 1.5 and kinds[1] < FEWER * kinds[0])


def _entropies(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    z = np.asarray(logits, np.float64)
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return np.asarray(-(p * np.log(np.maximum(p, 1e-300))).sum(axis=1))


def _kinds(counts: NDArray[np.int64]) -> float:
    """How many classes there seem to be: exp of the entropy of their shares.

    >>> round(_kinds(np.array([5, 5, 0])), 6)
    2.0
    """
    p = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.exp(-(p * np.log(p)).sum()))
