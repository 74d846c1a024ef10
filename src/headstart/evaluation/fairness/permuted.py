"""Tests by permuting who belongs to which group: exact where groups differ in nothing.

With D random permutations the p-value is (1 + those at least as extreme) / (1 + D), which is valid for any D (Phipson &
Smyth, Statistical Applications in Genetics and Molecular Biology 2010). Means of very many numbers are not permuted:
their statistics have their limiting distribution, normal and chi-square.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from headstart.core.seeding import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DRAWS = 4_999
MANY = 20_000  # numbers from which on the limiting distribution is taken: permuting them would take a minute
BLOCK = 1 << 21  # numbers permuted together, so that memory stays small
SAME = 1 - 1e-9  # sums in another order differ from the observed one by rounding alone


def permuted_differences_p(values: Floats, code: Ints, seed: int, *purpose: str) -> dict[int, float]:
    """Two-sided p-values of "this group's mean is that of all others", by its code.

    The statistic is the difference over its standard error (Welch's), so that groups of other spread do not look
    different. All groups are looked at in the same permutations. Groups of one example, or against one other, are left
    out.

    Args:
        values: ``(N,)``.
        code: ``(N,)`` which group a value is of.
        seed: Of the permutations.
        purpose: Names their stream.
    """
    groups, sizes = np.unique(code, return_counts=True)
    centred = values - values.mean()  # so that squares keep their digits
    observed = _welch(centred[np.argsort(code, kind="stable")][None], sizes)[0]
    if len(values) >= MANY:
        from scipy.special import ndtr

        p_values = 2 * ndtr(-observed)
    else:
        extreme = np.zeros(len(groups), dtype=np.int64)
        for drawn in _permutations(centred, seed, *purpose):
            extreme += (_welch(drawn, sizes) >= observed * SAME).sum(axis=0)
        p_values = (1 + extreme) / (1 + DRAWS)
    return {
        int(group): float(p_value)
        for group, p_value, size in zip(groups, p_values, sizes, strict=True)
        if 2 <= size <= len(values) - 2
    }


def permuted_means_p(members: tuple[Floats, ...], seed: int, *purpose: str) -> float:
    """p-value of "no group differs from another", from the spread of the means of G groups of any sizes above 0."""
    values = np.concatenate(members)
    values = values - values.mean()
    sizes = np.array([len(group) for group in members])
    observed = _between(values[None], sizes)[0]
    if len(values) >= MANY:
        from scipy.special import chdtrc

        return float(chdtrc(len(sizes) - 1, observed / values.var())) if observed > 0 else 1.0
    extreme = sum(
        int((_between(drawn, sizes) >= observed * SAME).sum()) for drawn in _permutations(values, seed, *purpose)
    )
    return (1 + extreme) / (1 + DRAWS)


def permuted_rates_p(parts: list[tuple[Ints, Ints]], seed: int, *purpose: str) -> float:
    """p-value of "no group differs from another in any of these rates", by the sum of their chi-square statistics.

    Permuting flags over groups of known sizes is a draw from a multivariate hypergeometric distribution.

    Args:
        parts: For each rate ``(hits, trials)``, ``(G,)`` each. Rates are permuted apart, so they must be of different
            examples (positive and negative ones).
        seed: Of the permutations.
        purpose: Names their stream.
    """
    rng = generator(seed, "permutations", *purpose)
    observed, drawn = 0.0, np.zeros(DRAWS)
    for hits, trials in parts:
        total, n = int(hits.sum()), int(trials.sum())
        if 0 < total < n:
            again = rng.multivariate_hypergeometric(trials, total, size=DRAWS)
            observed += float(_chi_square(hits, trials))
            drawn += _chi_square(again, trials)
    return float((1 + (drawn >= observed * SAME).sum()) / (1 + DRAWS))


def _chi_square(hits: Ints, trials: Ints) -> Floats:
    share = hits.sum(axis=-1, keepdims=True) / trials.sum()
    return np.asarray(((hits - share * trials) ** 2 / trials).sum(axis=-1) / (share * (1 - share))[..., 0])


def _permutations(values: Floats, seed: int, *purpose: str) -> Iterator[Floats]:
    """Blocks ``(b, N)`` of permutations of ``values``, DRAWS in all."""
    rng, rows = generator(seed, "permutations", *purpose), max(1, BLOCK // len(values))
    for start in range(0, DRAWS, rows):
        yield rng.permuted(np.tile(values, (min(rows, DRAWS - start), 1)), axis=1)


def _welch(values: Floats, sizes: Ints) -> Floats:
    """``(b, G)`` how many standard errors each group's mean is off all others', of ``(b, N)`` group by group."""
    starts, total = np.concatenate([[0], np.cumsum(sizes)[:-1]]), values.shape[1]
    sums = np.add.reduceat(values, starts, axis=1)
    squares = np.add.reduceat(values**2, starts, axis=1)
    rest = np.maximum(total - sizes, 1)
    others = values.sum(axis=1, keepdims=True) - sums
    other_squares = (values**2).sum(axis=1, keepdims=True) - squares
    error = _squared_error(sums, squares, sizes) + _squared_error(others, other_squares, rest)
    gap = np.abs(sums / sizes - others / rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(gap > 0, gap / np.sqrt(error), 0.0))


def _squared_error(sums: Floats, squares: Floats, n: Ints) -> Floats:
    """Of a mean, from sums and sums of squares of ``n`` values."""
    return np.asarray(np.maximum(squares - sums**2 / n, 0) / np.maximum(n - 1, 1) / n)


def _between(values: Floats, sizes: Ints) -> Floats:
    """``(b,)`` sum of squares between groups, of ``(b, N)`` centred values in the order of the groups."""
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.asarray((np.add.reduceat(values, starts, axis=1) ** 2 / sizes).sum(axis=1))
