"""A bundle's graph made runnable in a process without torch: prepared inputs in, features out.

The graph's logits are for other programs; here the head is applied in NumPy, as during fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph import FEATURES, MAPS
from headstart.bundle.manifest import NetworkRecord
from headstart.runtimes.contract import Array, Compute, Precision, fixed_batch, stepped_batch
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph

Maps = Callable[[Array], NDArray[np.float32]]
# What one picture needs fills a processor's caches: on one core EfficientNet-Lite0 takes 11.0 ms alone, of 8 at once
# 12.8 each. Texts take 4.9 ms alone, of 8 at once 3.6.
ALONE = "image"


@dataclass(frozen=True)
class GraphCompute:
    """Features of a graph, and what else it gives.

    Attributes:
        compute: ``(B, ...)`` to features ``(B, D)``.
        maps: ``(B, H, W, 3)`` to ``(B, D, h, w)``, whose mean over the plane the features are; None: there is none.
    """

    compute: Compute
    maps: Maps | None

    def __call__(self, values: Array) -> NDArray[np.float32]:
        """Features."""
        return self.compute(values)


def run_in_onnxruntime(
    graph: Path, record: NetworkRecord, precision: Precision, threads: int, sizes: Sequence[int] | None = None
) -> Compute:
    """Features by ONNX Runtime, in float32, or in INT8 where the graph is quantized.

    Args:
        graph: The file.
        record: Of the network.
        precision: "float32" or "int8"; it is the graph that decides.
        threads: Processor threads.
        sizes: Rows that are computed at once, one of these; None: as many as during fit.
    """
    session = open_session(graph, threads)

    def run(values: Array) -> NDArray[np.float32]:
        features: NDArray[np.float32] = session.run([FEATURES], {record.input_name: values})[0]
        return features

    def maps(values: Array) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run([MAPS], {record.input_name: values})[0]
        return found

    has_maps = any(output.name == MAPS for output in session.get_outputs())
    return GraphCompute(_batched(run, record, sizes), maps if has_maps else None)


def run_in_openvino(
    graph: Path, record: NetworkRecord, precision: Precision, threads: int, sizes: Sequence[int] | None = None
) -> Compute:
    """Features by OpenVINO, as above; the head behind them in the graph does not change their bits."""
    wanted = sorted(_fitting(record, sizes) or (record.runtime.batch_size,))
    compiled = {size: compile_graph(graph, precision, size, threads) for size in wanted}

    def run(values: Array) -> NDArray[np.float32]:
        request = compiled.get(len(values), compiled[wanted[-1]])  # of long sequences fewer rows come at once
        return request(values)[0]  # outputs come in the graph's order: features, logits, maps

    def maps(values: Array) -> NDArray[np.float32]:
        size = wanted[0]
        filled = np.concatenate([values, np.repeat(values[-1:], -len(values) % size, axis=0)])
        parts = [compiled[size](filled[low : low + size])[-1] for low in range(0, len(filled), size)]
        return np.concatenate(parts)[: len(values)]

    has_maps = compiled[wanted[0]].outputs[-1] == MAPS
    return GraphCompute(_batched(run, record, sizes), maps if has_maps else None)


def _batched(run: Callable[[Array], Array], record: NetworkRecord, sizes: Sequence[int] | None) -> Compute:
    dtype = np.dtype(record.input_dtype).type
    wanted = _fitting(record, sizes)
    if wanted is None:
        return fixed_batch(run, record.runtime.batch_size, dtype)
    return stepped_batch(run, wanted, dtype)


def _fitting(record: NetworkRecord, sizes: Sequence[int] | None) -> Sequence[int] | None:
    """Of pictures the smallest size: what one needs fills a processor's caches, so more at once take longer each."""
    return [min(sizes)] if sizes and record.preprocessing.kind == ALONE else sizes
