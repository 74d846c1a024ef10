"""From features to outputs and probabilities: every form of head that is written as operators, and calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted, TargetKind
from headstart.exporting.graph_nodes import Operators, Value
from headstart.exporting.tree_nodes import tree_nodes
from headstart.postprocessing.postprocessing import CALIBRATOR, Postprocessing

ISOTONIC = "isotonic"


def head_nodes(nodes: Operators, features: Value, head: Fitted) -> Value:
    """Outputs ``(B, W)`` of features ``(B, D)``; see ``exportable.FORMS``."""
    form, arrays = head.spec["form"], head.arrays
    if form == "roots":
        for _ in range(int(head.spec["roots"])):  # of the size, the sign kept
            features = nodes("Mul", nodes("Sign", features), nodes("Sqrt", nodes("Abs", features)))
    if form == "trees":
        return tree_nodes(nodes, features, head)
    if form == "directions_trees":
        away = nodes("Sub", features, nodes.constant(arrays["mean"]))
        return tree_nodes(nodes, nodes("MatMul", away, nodes.constant(arrays["across"])), head)
    if form == "blend":
        return _blend(nodes, features, head)
    if form == "waves":
        away = nodes("Sub", features, nodes.constant(arrays["mean"]))
        angle = nodes("Add", nodes("MatMul", away, nodes.constant(arrays["scaled"])), nodes.constant(arrays["phases"]))
        features = nodes("Mul", nodes("Cos", angle), nodes.constant(np.sqrt(2 / len(arrays["phases"]))))
    across = nodes("MatMul", features, nodes.constant(np.ascontiguousarray(arrays["weight"].T)))
    return nodes("Add", across, nodes.constant(arrays["bias"]))


def _blend(nodes: Operators, features: Value, head: Fitted) -> Value:
    """The weighted mean of a linear model's outputs and trees', each on features of its own or on all."""
    see, width, share = (head.spec[name] for name in ("trees_see", "width", "weight"))
    bounds = ((0, width), (width, width + see)) if see else ((0, width), (0, width))
    found = []
    for (name, spec), (low, high), weight in zip(head.spec["parts"].items(), bounds, (1 - share, share), strict=True):
        arrays = {key.partition(".")[2]: each for key, each in head.arrays.items() if key.startswith(f"{name}.")}
        seen = nodes("Slice", features, *(nodes.constant([each], np.int64) for each in (low, high, 1)))
        found.append(nodes("Mul", head_nodes(nodes, seen, Fitted(arrays, spec)), nodes.constant(weight)))
    return nodes("Add", *found)


def probability_nodes(nodes: Operators, logits: Value, kind: TargetKind, postprocessing: Postprocessing) -> Value:
    """Sigmoid or softmax of ``(B, K)``; a calibrator that the head does not hold comes between."""
    name, arrays = postprocessing.record.calibrator, postprocessing.under(CALIBRATOR)
    if name != ISOTONIC:
        return _usual(nodes, logits if name == "none" else _affine(nodes, logits, name, arrays, kind), kind)
    shares = _curves(nodes, _usual(nodes, logits, kind), arrays)
    if kind == "multilabel":
        return shares
    return nodes("Div", shares, nodes("ReduceSum", shares, nodes.constant([1], np.int64), keepdims=1))


def _usual(nodes: Operators, values: Value, kind: TargetKind) -> Value:
    """Sigmoid for labels, softmax for classes and grades."""
    return nodes("Sigmoid", values) if kind == "multilabel" else nodes("Softmax", values, axis=1)


def _affine(nodes: Operators, logits: Value, name: str, arrays: Mapping[str, NDArray[Any]], kind: TargetKind) -> Value:
    """Logits times a scale plus a shift, of classes centred first; heads that are not linear keep them outside."""
    values = logits
    if kind != "multilabel":
        values = nodes("Sub", logits, nodes("ReduceMean", logits, axes=[1], keepdims=1))
    if name == "temperature":
        return nodes("Div", values, nodes.constant(arrays["temperature"]))
    if name == "vector":
        scaled = nodes("Mul", values, nodes.constant(arrays["scale"]))
        return nodes("Add", scaled, nodes.constant(arrays["shift"]))
    raise ConfigError(f"the calibrator {name!r} cannot be written as operators; it is none of those of this version.")


def _curves(nodes: Operators, probabilities: Value, arrays: Mapping[str, NDArray[Any]]) -> Value:
    """Each column through its own curve of straight pieces: a piece adds its slope times what of it lies below."""
    ends = arrays["ends"]
    corners, heights = np.asarray(arrays["probability"], np.float64), np.asarray(arrays["share"], np.float64)
    width = len(ends) - 1
    column, low, high, slopes = [], [], [], []
    for k in range(width):
        for at in range(int(ends[k]), int(ends[k + 1]) - 1):
            column.append(k)
            low.append(corners[at])
            high.append(corners[at + 1])
            slopes.append((heights[at + 1] - heights[at]) / (corners[at + 1] - corners[at]))
    first = nodes.constant(heights[ends[:-1]][None, :])
    if not column:  # every curve is one level
        return nodes("Add", nodes("Mul", probabilities, nodes.constant(0)), first)
    spread = np.zeros((len(column), width))
    spread[np.arange(len(column)), column] = slopes
    own = nodes("Gather", probabilities, nodes.constant(column, np.int64), axis=1)
    below = nodes(
        "Sub", nodes("Min", nodes("Max", own, nodes.constant(low)), nodes.constant(high)), nodes.constant(low)
    )
    return nodes("Add", nodes("MatMul", below, nodes.constant(spread)), first)
