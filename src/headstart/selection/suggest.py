"""Which unlabelled examples to label next: those that stand for many others of which the model is unsure.

Uncertainty alone picks many examples of one confusion, distance alone picks what is odd; with few labels both are no
better than chance (Hacohen, Dekel & Weinshall, ICML 2022, arXiv:2202.02794). So the examples are covered: each pick is
the one that brings most of the unsure ones nearer to something labelled, which is the greedy solution of a facility
location problem, at least 63 % of the best there is (Nemhauser, Wolsey & Fisher, Mathematical Programming 14, 1978,
doi:10.1007/BF01588971; for active learning Wei, Iyer & Bilmes, ICML 2015). What it reaches beside random picks:
``benchmarks/results/suggest.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.resources import one_blas_thread

MOST_CANDIDATES = 20_000  # of a larger pool so many are drawn; with COVERED rows 160 MiB of similarities
COVERED = 2_000  # examples of the pool that are to be covered
BLOCK = 1024  # rows compared with all labelled ones at a time
TINY = 1e-12

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Suggestion:
    """One example of the pool.

    Attributes:
        row: Position in the pool.
        margin: How far the first answer is ahead of the second, 0-1; 1 where there are no probabilities.
        gain: Share of the unsure mass of the pool that it brings nearer, 0-1.
    """

    row: int
    margin: float
    gain: float


def suggest(
    labelled: Float32, pool: Float32, margins: NDArray[np.float64] | None, count: int, rng: np.random.Generator
) -> list[Suggestion]:
    """The ``count`` examples whose labels should help most, the most useful first.

    Args:
        labelled: Features ``(L, D)`` of labelled examples.
        pool: ``(U, D)`` of those without a label.
        margins: ``(U,)`` in 0-1 of the model's probabilities; None: coverage alone.
        count: At most so many; fewer in a smaller pool.
        rng: Draws from a large pool.

    Raises:
        ShapeError: widths or lengths that do not fit together.
    """
    if labelled.ndim != 2 or pool.ndim != 2 or labelled.shape[1] != pool.shape[1]:
        raise ShapeError(f"features must be (L, D) and (U, D); got {labelled.shape} and {pool.shape}.")
    if margins is not None and margins.shape != (len(pool),):
        raise ShapeError(f"margins must have shape ({len(pool)},); got {margins.shape}.")
    if not len(pool):
        return []
    centre = np.concatenate([labelled, pool]).mean(0, dtype=np.float64).astype(np.float32)
    known, others = _unit(labelled - centre), _unit(pool - centre)
    candidates = np.sort(rng.permutation(len(pool))[:MOST_CANDIDATES])
    covered = np.sort(rng.permutation(len(pool))[:COVERED])
    unsure = np.ones(len(pool)) if margins is None else 1 - margins
    with one_blas_thread():
        likeness = np.maximum(others[covered] @ others[candidates].T, 0)
        already = nearest(others[covered], known)
        picked = facility_location(likeness, already, unsure[covered], count)
    return [
        Suggestion(int(candidates[place]), 1.0 if margins is None else float(margins[candidates[place]]), gain)
        for place, gain in picked
    ]


def facility_location(
    likeness: Float32, already: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> list[tuple[int, float]]:
    """Columns picked greedily so that rows are alike to one of them, and the share of the total each adds.

    Args:
        likeness: ``(T, C)`` in 0-1 of rows to columns.
        already: ``(T,)`` the largest likeness of each row to what is there.
        weights: ``(T,)`` of the rows, at least 0.
        count: Columns to pick.
    """
    best = already.astype(np.float32)
    mass = weights.astype(np.float32)
    total = float(mass.sum()) or 1.0
    open_ = np.ones(likeness.shape[1], bool)
    found = []
    for _ in range(min(count, likeness.shape[1])):
        gains = np.where(open_, mass @ np.maximum(likeness - best[:, None], 0), -1.0)
        place = int(gains.argmax())
        found.append((place, float(gains[place]) / total))
        open_[place] = False
        best = np.maximum(best, likeness[:, place])
    return found


def nearest(rows: Float32, among: Float32) -> NDArray[np.float64]:
    """``(T,)`` largest cosine, at least 0, to one of ``among``, of rows of length 1; 0 where there is none."""
    found = np.zeros(len(rows))
    for low in range(0, len(rows) if len(among) else 0, BLOCK):
        found[low : low + BLOCK] = (rows[low : low + BLOCK] @ among.T).max(axis=1)
    return np.asarray(np.maximum(found, 0), np.float64)


def margins_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N,)`` largest probability minus the second largest, of ``(N, K)`` with K at least 2.

    >>> margins_of(np.array([[0.7, 0.1, 0.2]])).round(6).tolist()
    [0.5]
    """
    two = np.sort(probabilities, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def _unit(rows: Float32) -> Float32:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), TINY), np.float32)
