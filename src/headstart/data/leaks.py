"""Columns that tell the target: copies of it, codes for it, facts known only afterwards. Found by measurement.

A column is a leak when it alone tells the target nearly perfectly:

- it is written like the target, or each of its values goes with one target (a lookup, learned on one half of the rows
  and tried on the other, makes hardly any mistakes), or one threshold parts the classes;
- it is a flag (two values, or filled in and empty), and one of its values goes with one rarer class nearly always;
- for targets that are quantities: it is the same quantity in another unit, or its values tell it.

Weaker signs are named and the column is kept: it may be the best honest input there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.table import Column

TELLS = 0.98  # share of the mistakes of always naming the largest class that a lookup avoids: a leak
SUSPICIOUS = 0.9  # the same, from which on it is worth a look; for quantities the correlation
SAME_QUANTITY = 0.999  # correlation (of values or of ranks) from which on it is the target in another unit
PURE = 0.98  # share of one class among the rows of a flag
BY_CHANCE = 1e-6  # a flag's rows being of one class by chance: less likely than that
ENOUGH = 10  # rows outside the largest class, below which nothing but a copy is concluded
BINS = 256  # of a column of numbers with more distinct values than that
FEWEST_COPIED = 4  # rows from which on equal columns are no accident

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Suspicion:
    """One column that says too much.

    Attributes:
        is_leak: It should not be an input; else it is only worth a look.
        why: A clause: "all 46 rows with '1' are 'failed', of all rows 3.4 %".
    """

    column: str
    is_leak: bool
    why: str


def suspicion(
    name: str, column: Column, targets: Sequence[str], measured: NDArray[np.float64] | None
) -> Suspicion | None:
    """What is suspicious about one column, or None.

    Args:
        name: Of the column.
        column: ``(N,)``, of the rows that are learned from.
        targets: N targets, as written.
        measured: ``(N,)`` targets that are quantities, as numbers; None for classes.
    """
    if _is_copy(column, targets):
        return Suspicion(name, True, "it is the target again")
    if measured is not None:
        return _about_quantity(name, column, measured)
    classes = _numbered(targets)
    sizes = np.bincount(classes)
    if len(sizes) < 2 or len(classes) - sizes.max() < ENOUGH:
        return None
    told = max(avoided_mistakes(codes, classes) for codes in _codes(column))
    if len(sizes) == 2 and column.kind != "category":
        told = max(told, _by_threshold(column.values, classes))
    if told >= TELLS:
        return Suspicion(
            name, True, f"alone it tells the right target in {_percent(_accuracy(told, classes))} of the rows"
        )
    if flag := _flag(column, classes, targets):
        return Suspicion(name, True, flag)
    if told >= SUSPICIOUS:
        return Suspicion(
            name, False, f"alone it tells the right target in {_percent(_accuracy(told, classes))} of the rows"
        )
    (own,) = _codes(column)[:1]
    if len(sizes) > 2 and len(np.unique(own)) > 1 and avoided_mistakes(classes, own, only_known=True) >= TELLS:
        return Suspicion(name, False, "the target alone tells its value, as if it were made from it")
    return None


def avoided_mistakes(codes: Codes, classes: Codes, *, only_known: bool = False) -> float:
    """How much better a lookup by code is than always naming the largest class: 1 is perfect, 0 no better.

    The lookup is learned on every other row of a fixed shuffle and tried on the rest, and the other way round; a code
    that the first half does not hold gets the largest class. With ``only_known`` such rows do not count, unless most
    rows are of that kind.

    Args:
        codes: ``(N,)`` int64 from 0.
        classes: ``(N,)`` int64 from 0.
        only_known: Whether rows of codes that the other half does not hold are left out.
    """
    order = np.random.default_rng(0).permutation(len(codes))
    halves = order[::2], order[1::2]
    wrong = plain = counted = 0
    for learned, tried in (halves, halves[::-1]):
        largest = np.bincount(classes[learned]).argmax()
        guess = np.full(int(codes.max()) + 1, largest)
        pairs, counts = np.unique(np.stack([codes[learned], classes[learned]]), axis=1, return_counts=True)
        rising = np.argsort(counts, kind="stable")
        guess[pairs[0, rising]] = pairs[1, rising]  # of several the last one stays: the most frequent
        if only_known:
            tried = tried[np.isin(codes[tried], pairs[0])]
        counted += len(tried)
        wrong += int((guess[codes[tried]] != classes[tried]).sum())
        plain += int((classes[tried] != largest).sum())
    return 1 - wrong / plain if plain and 2 * counted >= len(codes) else 0.0


def _is_copy(column: Column, targets: Sequence[str]) -> bool:
    if column.kind != "category" or len(targets) < FEWEST_COPIED or len(set(targets)) < 2:
        return False
    same = sum(value == target for value, target in zip(column.values, targets, strict=True))
    return bool(same >= 0.99 * len(targets))


def _codes(column: Column) -> list[Codes]:
    """Values as numbers from 0, missing ones as one value of their own; many numbers in bins too."""
    if column.kind == "category":
        return [_numbered([value or "" for value in column.values])]
    distinct, exact = np.unique(column.values, return_inverse=True)
    if len(distinct) <= BINS:
        return [exact]
    edges = np.quantile(column.values[~np.isnan(column.values)], np.linspace(0, 1, BINS + 1)[1:-1])
    return [exact, np.where(np.isnan(column.values), BINS, np.searchsorted(edges, column.values, side="right"))]


def _numbered(values: Sequence[str]) -> Codes:
    """The place of each among the sorted distinct ones; an array of texts would give each the longest one's room."""
    places = {value: place for place, value in enumerate(sorted(set(values)))}
    return np.asarray([places[value] for value in values], np.int64)


def _by_threshold(values: NDArray[np.float64], classes: Codes) -> float:
    """The same for one threshold that parts two classes; rows without a value count as mistakes."""
    known = ~np.isnan(values)
    order = np.argsort(values[known], kind="stable")
    ordered, ones = values[known][order], classes[known][order].astype(np.int64)
    if not len(ones):
        return 0.0
    below = np.concatenate([[0], np.cumsum(ones)])  # of class 1 among the lowest i rows
    zeros_above = (len(ones) - ones.sum()) - (np.arange(len(ones) + 1) - below)
    wrong = below + zeros_above  # class 0 is said below the threshold
    between = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    best = min(int(wrong[between].min()), int((len(ones) - wrong[between]).min())) + int((~known).sum())
    rarer = int(np.bincount(classes).min())
    return 1 - best / rarer


def _flag(column: Column, classes: Codes, targets: Sequence[str]) -> str:
    """Why a flag tells a class; "" when it does not, or the column is no flag."""
    is_missing = np.asarray([value is None or value != value for value in column.values])
    (codes, *_) = _codes(column)
    shares = np.bincount(classes) / len(classes)
    marks: list[tuple[NDArray[np.bool_], str]] = []
    if len(np.unique(codes)) == 2 and not is_missing.any():
        marks = [(codes == code, repr(_shown(column, codes == code))) for code in np.unique(codes)]
    elif is_missing.any() and not is_missing.all():
        marks = [(is_missing, "no value"), (~is_missing, "a value")]
    for rows, called in marks:
        counts = np.bincount(classes[rows], minlength=len(shares))
        found = int(counts.argmax())
        n, share = int(rows.sum()), shares[found]
        is_rarer = found != shares.argmax() and share <= 0.5
        if is_rarer and counts[found] >= PURE * n and n * np.log(share) < np.log(BY_CHANCE):
            name = targets[int(np.flatnonzero(classes == found)[0])]
            how_many = f"all {n:,}" if counts[found] == n else f"{counts[found]:,} of {n:,}"
            return f"{how_many} rows with {called} are {name!r}, of all rows {_percent(share)}"
    return ""


def _about_quantity(name: str, column: Column, measured: NDArray[np.float64]) -> Suspicion | None:
    if column.kind == "category":
        told = _explained(_codes(column)[0], measured)
        if told < SUSPICIOUS:
            return None
        return Suspicion(name, told >= SAME_QUANTITY, f"its values tell {_percent(told)} of how the target varies")
    known = ~np.isnan(column.values)
    values, target = column.values[known], measured[known]
    if known.sum() < ENOUGH or np.ptp(values) == 0 or np.ptp(target) == 0:
        return None
    correlation = max(_correlation(values, target), _correlation(_ranks(values), _ranks(target)), key=abs)
    if abs(correlation) < SUSPICIOUS:
        return None
    return Suspicion(name, abs(correlation) >= SAME_QUANTITY, f"its correlation with the target is {correlation:.3f}")


def _explained(codes: Codes, measured: NDArray[np.float64]) -> float:
    """Share of the variance that means by code, of one half of the rows, explain in the other."""
    order = np.random.default_rng(0).permutation(len(codes))
    halves = order[::2], order[1::2]
    left = total = 0.0
    for learned, tried in (halves, halves[::-1]):
        if not len(learned) or not len(tried):
            return 0.0
        sums = np.bincount(codes[learned], measured[learned], minlength=int(codes.max()) + 1)
        counts = np.bincount(codes[learned], minlength=len(sums))
        mean = measured[learned].mean()
        means = np.where(counts > 0, sums / np.maximum(counts, 1), mean)
        left += float(((measured[tried] - means[codes[tried]]) ** 2).sum())
        total += float(((measured[tried] - mean) ** 2).sum())
    return 1 - left / total if total and len(codes) >= ENOUGH else 0.0


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / scale) if scale else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean ranks, equal values alike."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + last - 1) / 2)[inverse]


def _accuracy(told: float, classes: Codes) -> float:
    largest = np.bincount(classes).max() / len(classes)
    return float(largest + told * (1 - largest))


def _shown(column: Column, rows: NDArray[np.bool_]) -> str:
    value = column.values[int(np.flatnonzero(rows)[0])]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _percent(share: float) -> str:
    if share == 1 or 0.1 <= share <= 0.99:
        return f"{share * 100:.0f} %"
    return f"{min(share, 0.999) * 100:.1f} %"
