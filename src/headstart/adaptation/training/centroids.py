"""Labels by the nearest centroid of a class, where centroids are weighted by what is predicted.

Liang, Hu & Feng, ICML 2020, arXiv:2002.08546: a prediction may be wrong where its neighbours are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def centroid_labels(features: Tensor, probabilities: Tensor) -> Tensor:
    """``(N,)`` int64 classes, by cosine distance to centroids that are computed twice.

    First from all rows, weighted by their probabilities, then from the rows that were nearest. A class that is never
    the most probable one is never a label.

    Args:
        features: ``(N, D)``; a column of ones is added, so that their length counts.
        probabilities: ``(N, K)``.
    """
    import torch
    from torch.nn import functional

    rows = functional.normalize(torch.cat([features, torch.ones_like(features[:, :1])], 1), dim=1)
    seen = torch.bincount(probabilities.argmax(1), minlength=probabilities.shape[1]) > 0
    shares = probabilities
    for _ in range(2):
        centroids = shares.T @ rows / shares.sum(0)[:, None].clamp_min(1e-8)
        likeness = rows @ functional.normalize(centroids, dim=1).T
        labels = likeness.masked_fill(~seen, float("-inf")).argmax(1)
        shares = functional.one_hot(labels, probabilities.shape[1]).to(rows.dtype)
    return labels
