"""Cells: the groups that are evened out, or each group's examples of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from headstart.core.learning import Floats, Ints
from headstart.mitigation.grouped import UNKNOWN, Grouped

By = Literal["auto", "group", "group_class"]
CLASSES = ("class", "ordinal")


@dataclass(frozen=True)
class Cells:
    """C cells that have an example, numbered from 0.

    Attributes:
        code: ``(N,)`` the cell of each row, or UNKNOWN where its group is.
        group: ``(C,)`` group numbers.
        target: ``(C,)`` class numbers; 0 where cells are groups alone.
    """

    code: Ints
    group: Ints
    target: Ints

    def __len__(self) -> int:
        return len(self.group)

    def sizes(self, weights: Floats) -> Floats:
        """``(C,)`` sums of row weights ``(N,)``."""
        known = self.code >= 0
        return np.asarray(np.bincount(self.code[known], weights=weights[known], minlength=len(self)), np.float64)

    def means(self, values: Floats, weights: Floats) -> Floats:
        """``(C,)`` weighted means of ``(N,)`` values; NaN in a cell without weight."""
        known = self.code >= 0
        sums = np.bincount(self.code[known], weights=(values * weights)[known], minlength=len(self))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(sums / self.sizes(weights))


def cells_of(given: Grouped, by: By = "auto") -> Cells:
    """The cells of some rows.

    Args:
        given: The rows.
        by: "group_class" (auto, where targets are classes): a group in which a class is rare is not helped by weighing
            the group alone. "group" (auto elsewhere): groups alone.
    """
    is_by_class = by == "group_class" or (by == "auto" and given.targets.kind in CLASSES)
    width = given.targets.width if is_by_class else 1
    target = given.targets.values.astype(np.int64) if is_by_class else np.zeros(len(given.groups), dtype=np.int64)
    number = np.where(given.groups >= 0, given.groups * width + target, UNKNOWN)
    present = np.unique(number[number >= 0])
    code = np.where(number >= 0, np.searchsorted(present, number), UNKNOWN)
    return Cells(code, present // width, present % width)
