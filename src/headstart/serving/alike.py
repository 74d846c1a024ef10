"""The training examples of a bundle that are most like an input, where it was made with some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.kept_examples import KeptExamples, finite
from headstart.core.pairs import Matrix
from headstart.explanation.neighbours import closeness_of

NEAREST = 3


def nearest(kept: KeptExamples, features: Matrix, count: int = NEAREST) -> list[dict[str, Any]]:
    """The ``count`` nearest to one example, features ``(1, D)``, the nearest first.

    Each with "target", "closeness" (a cosine, at most 1: of dense features less their mean and by their spread over
    those that are kept, as ``headstart explain`` has it; of sparse ones, as words are counted, of these themselves) and
    its excerpt: "thumbnail", "text", "caption".
    """
    if isinstance(kept.features, np.ndarray):
        closeness = closeness_of(finite(features), kept.features)
    else:
        closeness = _cosines(features, kept.features)
    return [
        {"target": kept.targets[row], "closeness": round(float(closeness[row]), 4), **kept.excerpts[row]}
        for row in np.argsort(-closeness, kind="stable")[:count]
    ]


def _cosines(one: Matrix, all_: Matrix) -> NDArray[np.float64]:
    """``(N,)`` of ``(1, D)`` with ``(N, D)``, both sparse; 0 for what is empty."""
    products = np.asarray((one @ all_.T).toarray(), np.float64).ravel()
    lengths = np.sqrt(np.asarray(all_.multiply(all_).sum(axis=1), np.float64).ravel() * one.multiply(one).sum())
    return products / np.where(lengths > 0, lengths, 1.0)
