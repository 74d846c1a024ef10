"""Boosted trees as plain operators: all trees are walked at once, one level a step.

A row stands on one node of every tree. In each step it goes to the left or the right child, a leaf being its own; after
as many steps as the deepest tree has levels every row stands on leaves, whose values a product sums up by output. There
is an operator for trees in ONNX (``TreeEnsembleRegressor``, of another set of operators), and in no other format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Fitted
from headstart.exporting.graph_nodes import Operators, Value

LEAF = -1


def tree_nodes(nodes: Operators, features: Value, fitted: Fitted) -> Value:
    """Outputs ``(B, W)`` of trees on ``features`` ``(B, D)`` float32, NaN where missing."""
    arrays = fitted.arrays
    inner = arrays["feature"] != LEAF
    feature = nodes.constant(np.where(inner, arrays["feature"], 0), np.int64)
    left, right = nodes.constant(arrays["left"], np.int64), nodes.constant(arrays["right"], np.int64)
    threshold = nodes.constant(rounded_down(arrays["threshold"]))
    missing_left = nodes.constant(arrays["missing_left"], np.bool_)
    one = nodes("Slice", features, *(nodes.constant([k], np.int64) for k in (0, 1, 1)))  # (B, 1)
    rows = nodes.cast(nodes("IsNaN", one), np.int64)
    zeros = nodes("Mul", rows, nodes.constant(0, np.int64))
    place = nodes("Add", zeros, nodes.constant(arrays["root"][None, :], np.int64))  # (B, T)
    for _ in range(depth(arrays)):
        given = nodes("GatherElements", features, nodes("Gather", feature, place, axis=0), axis=1)
        below = nodes("LessOrEqual", given, nodes("Gather", threshold, place, axis=0))
        sent = nodes("And", nodes("IsNaN", given), nodes("Gather", missing_left, place, axis=0))
        children = nodes("Gather", left, place, axis=0), nodes("Gather", right, place, axis=0)
        place = nodes("Where", nodes("Or", below, sent), *children)
    values = nodes("Gather", nodes.constant(arrays["value"]), place, axis=0)
    width = int(fitted.spec["width"])
    sums = len(arrays["baseline"])
    first = width - sums  # of two classes the one sum is the logit of the second
    adds = np.zeros((len(arrays["root"]), width))
    adds[np.arange(len(adds)), arrays["output"] + first] = 1
    total = nodes("MatMul", values, nodes.constant(adds))
    return nodes("Add", total, nodes.constant(np.concatenate([np.zeros(first), arrays["baseline"]])))


def rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 that is no greater: a float32 value is below the one exactly where it is below the other."""
    with np.errstate(over="ignore"):  # beyond float32 it is infinite
        nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)


def depth(arrays: Mapping[str, NDArray[Any]]) -> int:
    """Levels below the roots of the deepest tree."""
    standing = np.unique(arrays["root"])
    levels = 0
    while (standing := standing[arrays["feature"][standing] != LEAF]).size:
        standing = np.unique(np.concatenate([arrays["left"][standing], arrays["right"][standing]]))
        levels += 1
    return levels
