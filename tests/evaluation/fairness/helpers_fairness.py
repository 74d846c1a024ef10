"""Groups with known rates."""

from __future__ import annotations

import numpy as np

# rows by (group, truth, decision), as counted in a sample of three groups
COUNTS = [[[43, 7], [0, 17]], [[37, 5], [7, 41]], [[24, 11], [12, 36]]]


def rows_of(counts):
    """Groups, truths and decisions, ``(N,)`` each."""
    cells = [
        (group, truth, decision)
        for group, by_truth in enumerate(counts)
        for truth, by_decision in enumerate(by_truth)
        for decision, count in enumerate(by_decision)
        for _ in range(count)
    ]
    return tuple(np.array(column) for column in zip(*cells, strict=True))


def right_in(hits, sizes):
    """A column of groups a, b, ..., classes and predictions that are right in so many of each."""
    names = np.repeat([chr(97 + index) for index in range(len(sizes))], sizes)
    right = np.concatenate([np.arange(size) < hit for hit, size in zip(hits, sizes, strict=True)])
    truth = np.arange(len(names)) % 3
    return names, truth, np.where(right, truth, (truth + 1) % 3)
