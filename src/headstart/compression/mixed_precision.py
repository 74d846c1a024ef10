"""Which layers 8 bits hurt: each is quantized alone, and what that changes in the features is its share of the damage.

A few layers often carry most of it: the first and the last, those whose activations have outliers that stretch one
range over all channels, a spectrum ahead of a logarithm. Left in float, the rest can be integers. Wang and others, HAQ,
CVPR 2019, https://arxiv.org/abs/1811.08886, search for such a division; Dong and others, HAWQ, ICCV 2019,
https://arxiv.org/abs/1905.03696, rank layers as here, by sensitivity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.layers import layers_of
from headstart.compression.quantizing import Calibration, inserted, quantized_tensors
from headstart.compression.ranges import Range, activations, copied

if TYPE_CHECKING:
    from onnx import ModelProto

FEATURES = "features"
SHARES = (0.5, 0.8, 0.95)  # of the damage that layers carry together
MOST = 0.5  # share of the layers that may stay in float: beyond that little is gained


def sensitivities(calibration: Calibration, judged: Sequence[NDArray[Any]]) -> dict[str, float]:
    """By name of each layer, the squared change of the features with that layer alone in 8 bits, as a share of theirs.

    Args:
        calibration: Of the graph.
        judged: Inputs ``(B, ...)`` whose features are compared; a dozen rows are enough.
    """
    model = calibration.model
    exact = _features(model, judged, calibration.threads)
    scale = float((exact**2).sum()) or 1.0
    found = {}
    for name in [each.node.name for each in layers_of(model)]:
        changed = _features(_alone(model, name, calibration.ranges), judged, calibration.threads) - exact
        found[name] = float((changed**2).sum()) / scale
    return found


def kept_in_float(damage: Mapping[str, float]) -> list[list[str]]:
    """Sets of layers to leave in float, the smallest first: the fewest that carry each of ``SHARES`` of the damage.

    Args:
        damage: Of :func:`sensitivities`.

    >>> kept_in_float({"a": 0.0, "b": 0.9, "c": 0.05, "d": 0.05})
    [['b'], ['b', 'c']]
    """
    order = sorted(damage, key=lambda name: (-damage[name], list(damage).index(name)))
    carried = np.cumsum([damage[name] for name in order])
    found: list[list[str]] = []
    for share in SHARES:
        count = int(np.searchsorted(carried, share * carried[-1] * (1 - 1e-12)) + 1)
        if carried[-1] > 0 and count <= MOST * len(order) and order[:count] not in found:
            found.append(order[:count])
    return found


def _alone(model: ModelProto, name: str, ranges: Mapping[str, Range]) -> ModelProto:
    """A copy with one layer quantized."""
    import onnx

    copy = copied(model)
    [layer] = [each for each in layers_of(copy) if each.node.name == name]
    return onnx.load_from_string(
        inserted(copy, [layer], {tensor: ranges[tensor] for tensor in quantized_tensors(copy, [layer])})
    )


def _features(model: ModelProto, judged: Sequence[NDArray[Any]], threads: int) -> NDArray[np.float64]:
    """``(n, D)``."""
    return np.concatenate([values for [values] in activations(model, [FEATURES], judged, threads)]).astype(np.float64)
