"""Many explanations put together: which words, columns, bands or cells speak for each class.

The mean over examples of what a unit adds to the margin, with its interval; of columns also the mean size (global
importance by Shapley values: Lundberg et al., Nature Machine Intelligence 2020, doi:10.1038/s42256-019-0138-9) and
whether large values speak for the class or small ones. An association within the model: what it uses, not what is true.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.spearman import spearman, spearman_interval
from headstart.explanation.explaining import Explained

MOST = 15  # units that are named for a class, and against it
LEVELS = 5  # values of a category that are named
TOO_FEW = "fewer than two examples, or all alike"


@dataclass
class _OfOneClass:
    """What was gathered of one class.

    Attributes:
        examples: How many were explained.
        values: By unit what it added, one figure for each example that has it.
        cells: Of each example the map, as shares of what speaks for the class in it.
        columns: By column its value in each example.
    """

    examples: int = 0
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cells: list[NDArray[np.float64]] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))


class ByClass:
    """Gathers explanations of one kind of input, in bounded memory for each of them."""

    def __init__(self, modality: str, at_least: int) -> None:
        self.modality, self.at_least = modality, at_least
        self.found: dict[int, _OfOneClass] = defaultdict(_OfOneClass)

    def count(self, column: int) -> int:
        """Examples of a class so far."""
        return self.found[column].examples

    def add(self, explained: Explained, columns: Mapping[str, Any]) -> None:
        """One more example, with the values of its plain columns."""
        of = self.found[explained.column]
        of.examples += 1
        values = explained.attribution.values
        if self.modality == "image":
            for_it = np.maximum(values, 0)
            of.cells.append(for_it / (for_it.sum() or 1.0))
            return
        for name, value in unit_values(self.modality, explained.units.names, values).items():
            of.values[name].append(value)
        for name, value in columns.items():
            of.columns[name].append(value)

    def document(self, class_names: Sequence[str]) -> list[dict[str, Any]]:
        """One entry for each class that was explained, in the order of the classes."""
        return [
            {
                "class": class_names[column] if class_names else None,
                "examples": of.examples,
                **(mean_map(of.cells) if self.modality == "image" else self._units(of)),
            }
            for column, of in sorted(self.found.items())
            if of.examples
        ]

    def _units(self, of: _OfOneClass) -> dict[str, Any]:
        entries = [
            {"name": name, "examples": len(values), "mean": mean_of(values), **self._of_column(of, name, values)}
            for name, values in of.values.items()
            if len(values) >= self.at_least or self.modality != "text"
        ]
        if self.modality == "table":
            return {"units": sorted(entries, key=lambda each: -each["size"]["value"])}
        entries.sort(key=lambda each: -each["mean"]["value"])
        if self.modality != "text" or len(entries) <= 2 * MOST:
            return {"units": entries}
        return {"units": [*entries[:MOST], *(each for each in entries[-MOST:] if each["mean"]["value"] < 0)]}

    def _of_column(self, of: _OfOneClass, name: str, values: list[float]) -> dict[str, Any]:
        if self.modality != "table":
            return {}
        return {"size": mean_of(np.abs(values), floor=0.0), **follows(of.columns.get(name), np.asarray(values))}


def unit_values(modality: str, names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    """What each unit added, by the name under which examples share it: words without case, bands over all of time.

    >>> unit_values("text", ["Red", "hat", "red"], np.array([1.0, 2.0, 0.5]))
    {'red': 1.5, 'hat': 2.0}
    """
    found: dict[str, float] = defaultdict(float)
    for name, value in zip(names, values.reshape(-1).tolist(), strict=True):
        shared = {"text": name.casefold(), "sound": name.rsplit(", ", 1)[0]}.get(modality, name)
        found[shared] += value
    return dict(found)


def mean_of(values: Sequence[float] | NDArray[Any], floor: float = -np.inf) -> dict[str, Any]:
    """Mean with its 95 % interval (Student's, corrected for skewness)."""
    array = np.asarray(values, np.float64)
    bounds = mean_interval(array, floor=floor)
    return interval(float(array.mean()), bounds, "" if bounds else TOO_FEW)


def mean_map(cells: Sequence[NDArray[np.float64]]) -> dict[str, Any]:
    """Mean share of what speaks for the class in each cell, its standard error, and the share in the outer cells.

    Much in the outer cells (a watermark, a frame) beside little area there is worth a look.
    """
    all_ = np.stack(cells)
    outer = np.ones(all_.shape[1:], bool)
    outer[2:-2, 2:-2] = False
    error = all_.std(axis=0, ddof=1) / np.sqrt(len(all_)) if len(all_) > 1 else np.full(outer.shape, np.nan)
    return {
        "shape": list(all_.shape[1:]),
        "mean_map": all_.mean(axis=0).round(6).tolist(),
        "standard_error": None if np.isnan(error).any() else error.round(6).tolist(),
        "outer": {"share": mean_of(all_[:, outer].sum(axis=1), floor=0.0), "area": float(outer.mean())},
    }


def follows(column: Sequence[Any] | None, values: NDArray[np.float64]) -> dict[str, Any]:
    """Whether large values of a column speak for the class: rank correlation of numbers, means of categories."""
    if column is None:
        return {}
    known = [(value, added) for value, added in zip(column, values, strict=True) if not _is_missing(value)]
    if not known:
        return {}
    if all(isinstance(value, int | float | np.number) for value, _ in known):
        numbers, added = np.array(known, np.float64).T
        correlation = spearman(numbers, added)
        if correlation is None:
            return {}
        return {"follows": interval(correlation, spearman_interval(numbers, added), "")}
    levels: dict[str, list[float]] = defaultdict(list)
    for value, added in known:
        levels[str(value)].append(added)
    order = sorted(levels, key=lambda level: (-len(levels[level]), level))[:LEVELS]
    return {"levels": [{"name": each, "examples": len(levels[each]), "mean": mean_of(levels[each])} for each in order]}


def _is_missing(value: Any) -> bool:
    return value is None or value != value
