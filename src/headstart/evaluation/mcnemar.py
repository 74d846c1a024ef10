"""Do two classifiers err on different examples more often than chance would have it? McNemar's test."""

from __future__ import annotations

from typing import Any


def mcnemar(only_one: int, only_other: int) -> dict[str, Any]:
    """The exact two-sided test: of the examples that one alone gets right, each side has half in the mean.

    McNemar, Psychometrika 1947; the binomial form needs no least number of examples.

    Args:
        only_one: Examples that only the first gets right, 0 or more.
        only_other: Examples that only the second gets right.

    Returns:
        ``only_one``, ``only_other`` and ``p``, 0-1; 1 where they differ on no example.

    >>> mcnemar(5, 0)["p"], mcnemar(0, 0)["p"]
    (0.0625, 1.0)
    """
    from scipy.special import bdtr

    n = only_one + only_other
    p = 1.0 if n == 0 else min(1.0, 2 * float(bdtr(min(only_one, only_other), n, 0.5)))
    return {"only_one": only_one, "only_other": only_other, "p": p}
