"""Fit a prepared input into a file of fixed sizes."""

from __future__ import annotations

from typing import Any

import numpy as np


def fitting(one: dict[str, np.ndarray], facts: dict[str, Any]) -> tuple[str, list[np.ndarray]]:
    """The smallest entry that takes tensors (...) of one input, and those as (1, ...), padded to its sizes."""
    entries = facts["entries"]
    smallest = next(
        (
            entry
            for entry, shapes in entries.items()
            if all(len(one[name]) <= shape[1] for name, shape in shapes.items())
        ),
        list(entries)[-1],
    )
    return smallest, [
        padded(one[each["name"]], entries[smallest][each["name"]], each["dtype"]) for each in facts["inputs"]
    ]


def padded(values: np.ndarray, shape: list[int], dtype: str) -> np.ndarray:
    """One tensor at its size; what is padded is -1, of numbers with a point NaN."""
    if dtype == "float32":
        values = np.clip(values, -np.finfo(np.float32).max, np.finfo(np.float32).max)
    around = [(0, shape[1] - len(values)), *[(0, 0)] * (values.ndim - 1)]
    filled = np.pad(values.astype(dtype), around, constant_values=np.nan if dtype == "float32" else -1)
    return filled[None]
