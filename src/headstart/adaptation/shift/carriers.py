"""What differs between two domains in terms that people know: columns, words, how pictures and recordings look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.core.table import Table
from headstart.evaluation.multiple_testing import holm

LEVEL = 0.01
MOST_NAMED = 20
FEWEST_TIMES = 5  # that a word comes in both domains together
PRIOR = 500.0  # words that the prior of the log odds is worth


def numbers_that_differ(source: Mapping[str, Floats], target: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """Names whose values differ, by the Kolmogorov-Smirnov test corrected after Holm; the farthest apart first."""
    from scipy.stats import ks_2samp

    found = []
    for name in (each for each in source if each in target):
        ours, theirs = (np.asarray(each[name], np.float64) for each in (source, target))
        ours, theirs = ours[np.isfinite(ours)], theirs[np.isfinite(theirs)]
        if len(ours) and len(theirs):
            tested = ks_2samp(ours, theirs, method="asymp")
            found.append(
                {
                    "name": name,
                    "distance": float(tested.statistic),
                    "p": float(tested.pvalue),
                    "source": float(np.median(ours)),
                    "target": float(np.median(theirs)),
                }
            )
    return _surest(found)


def columns_that_differ(source: Table, target: Table) -> list[dict[str, Any]]:
    """Columns whose values differ: numbers by Kolmogorov-Smirnov, categories by chi-square."""
    found = []
    numbers: list[dict[str, Floats]] = [{}, {}]
    for name, column in source.columns.items():
        other = target.columns.get(name)
        if other is None:
            continue
        if column.kind == "category":
            found.append(_categories(name, column.values, other.values))
        else:
            numbers[0][name], numbers[1][name] = column.values, other.values
    return _surest([*found, *numbers_that_differ(numbers[0], numbers[1])], corrected=False)


def _categories(name: str, source: NDArray[Any], target: NDArray[Any]) -> dict[str, Any]:
    from scipy.stats import chi2_contingency

    ours, theirs = Counter(source.tolist()), Counter(target.tolist())
    levels = [each for each, _ in (ours + theirs).most_common(50)]
    counts = np.array([[ours[each] for each in levels], [theirs[each] for each in levels]], np.float64)
    rest = np.array([[len(source)], [len(target)]]) - counts.sum(axis=1, keepdims=True)
    counts = np.hstack([counts, rest])[:, np.hstack([counts, rest]).sum(axis=0) > 0]
    p = 1.0 if counts.shape[1] < 2 else float(chi2_contingency(counts).pvalue)
    shares = counts / counts.sum(axis=1, keepdims=True)
    moved = int(np.abs(shares[0] - shares[1])[: len(levels)].argmax()) if levels else 0
    told = [f"{levels[moved]!r} in {shares[side][moved]:.0%}" if levels else "" for side in (0, 1)]
    return {"name": name, "distance": float(np.abs(shares[0] - shares[1]).sum() / 2), "p": p,
            "source": told[0], "target": told[1]}  # fmt: skip


def words_that_differ(source: Iterable[str], target: Iterable[str]) -> list[dict[str, Any]]:
    """Words that come clearly more often in one domain: log odds with an informative prior, beyond 3.3 spreads.

    Monroe, Colaresi & Quinn, Political Analysis 16(4), 2008. The prior is how often a word comes in both together,
    worth PRIOR words.
    """
    ours, theirs = (Counter(word for text in texts for word in words_of(text)) for texts in (source, target))
    both = ours + theirs
    total, n, m = sum(both.values()), sum(ours.values()), sum(theirs.values())
    if not n or not m:
        return []
    found: list[tuple[float, dict[str, Any]]] = []
    for word, count in both.items():
        if count < FEWEST_TIMES:
            continue
        prior = PRIOR * count / total
        odds = [
            np.log((each[word] + prior) / (size + PRIOR - each[word] - prior))
            for each, size in ((ours, n), (theirs, m))
        ]
        z = (odds[1] - odds[0]) / np.sqrt(1 / (ours[word] + prior) + 1 / (theirs[word] + prior))
        if abs(z) > 3.3:
            told = {"name": word, "z": float(z), "source": ours[word] / n, "target": theirs[word] / m}
            found.append((-abs(float(z)), told))
    return [told for _, told in sorted(found, key=lambda each: each[0])[:MOST_NAMED]]


def words_of(text: str) -> Sequence[str]:
    """Words in small letters."""
    import re

    return re.findall(r"\w+", text.lower())


def _surest(found: list[dict[str, Any]], *, corrected: bool = True) -> list[dict[str, Any]]:
    """Those that chance does not explain, the farthest apart first."""
    if not found:
        return []
    if corrected:
        found = [{**each, "p": float(p)} for each, p in zip(found, holm([each["p"] for each in found]), strict=True)]
    there = [each for each in found if each["p"] < LEVEL]
    return sorted(there, key=lambda each: -each["distance"])[:MOST_NAMED]
