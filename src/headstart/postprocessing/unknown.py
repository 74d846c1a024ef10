"""The answer "unknown": of an input the head knows so little that it belongs to none of the classes it learned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.evaluation.softmax import log_softmax

UNKNOWN = "unknown"


def knowledge(outputs: Floats) -> Floats:
    """``(n,)`` nats: the mean over classes of -log p, log K where all are as likely; the more, the more is known.

    It is the energy (Liu, Wang, Owens & Li, NeurIPS 2020, arXiv:2010.03759) of outputs whose mean is 0: as any
    function of probabilities it does not change where a constant is added to the outputs ``(n, K)`` of a row.

    >>> knowledge(np.array([[0.0, 0.0], [9.0, 0.0]])).round(3).tolist()
    [0.693, 4.5]
    """
    return np.asarray(-log_softmax(np.asarray(outputs, np.float64)).mean(axis=1))


def is_unknown(outputs: Floats, below: float) -> NDArray[np.bool_]:
    """``(n,)``: of which rows less is known than ``below``."""
    return np.asarray(knowledge(outputs) < below)
