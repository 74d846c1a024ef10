"""Tensors of an INT8 network as a bundle keeps them: 8 bits each, and a scale per output channel.

The network computes by its graph; the tensors are for what needs the torch module (explanations by gradients, training
again). They take a quarter of the bytes and come back within half a step of what they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.weights import Arrays

SCALES = "scales."
LARGEST = 127
FEWEST_AXES = 2  # weights of layers and tables; biases and statistics are small and stay as they are


def quantized_tensors(tensors: Arrays) -> tuple[Arrays, Arrays]:
    """Tensors with those of two axes or more in INT8, and the scales ``(out,)`` of these by the same names.

    A channel's largest size becomes 127; a channel of zeros has scale 1.

    >>> made, scales = quantized_tensors({"w": np.array([[1.27, -2.54], [0.0, 0.0]], np.float32)})
    >>> made["w"].tolist(), scales["w"].astype(float).round(4).tolist()
    ([[64, -127], [0, 0]], [0.02, 1.0])
    """
    made, scales = dict(tensors), dict[str, NDArray[Any]]()
    for name, tensor in tensors.items():
        if tensor.ndim >= FEWEST_AXES and np.issubdtype(tensor.dtype, np.floating) and tensor.size:
            largest = np.abs(tensor.reshape(len(tensor), -1)).max(axis=1)
            steps = (largest / LARGEST).astype(np.float32)
            scales[name] = np.where(steps >= np.finfo(np.float32).tiny, steps, np.float32(1))
            made[name] = np.rint(tensor / _beside(scales[name], tensor.ndim)).astype(np.int8)
    return made, scales


def dequantized_tensors(tensors: Arrays, scales: Arrays) -> dict[str, NDArray[Any]]:
    """The tensors in float32 again, those without scales as they are."""
    return {
        name: tensor.astype(np.float32) * _beside(scales[name], tensor.ndim) if name in scales else tensor
        for name, tensor in tensors.items()
    }


def _beside(scales: NDArray[Any], axes: int) -> NDArray[Any]:
    return scales.reshape(-1, *[1] * (axes - 1))
