"""A bundle's graph made runnable in a process without torch: prepared inputs in, features out.

The graph's logits are for other programs; here the head is applied in NumPy, as during fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph import FEATURES
from headstart.bundle.manifest import NetworkRecord
from headstart.runtimes.contract import Array, Compute, Precision, fixed_batch, stepped_batch
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph

ALONE = (
    "image"  # on one core EfficientNet-Lite0 takes 11.0 ms a picture, of 8 at once 12.8 ms each; texts 4.9, then 3.6
)


def run_in_onnxruntime(
    graph: Path, record: NetworkRecord, precision: Precision, threads: int, sizes: Sequence[int] | None = None
) -> Compute:
    """Features by ONNX Runtime, in float32: it has no other precision on the processor.

    Args:
        graph: The file.
        record: Of the network.
        precision: "float32".
        threads: Processor threads.
        sizes: Rows that are computed at once, one of these; None: as many as during fit.
    """
    session = open_session(graph, threads)

    def run(values: Array) -> NDArray[np.float32]:
        features: NDArray[np.float32] = session.run([FEATURES], {record.input_name: values})[0]
        return features

    return _batched(run, record, sizes)


def run_in_openvino(
    graph: Path, record: NetworkRecord, precision: Precision, threads: int, sizes: Sequence[int] | None = None
) -> Compute:
    """Features by OpenVINO, as above; the head behind them in the graph does not change their bits."""
    wanted = sorted(_fitting(record, sizes) or (record.runtime.batch_size,))
    compiled = {size: compile_graph(graph, precision, size, threads) for size in wanted}

    def run(values: Array) -> NDArray[np.float32]:
        request = compiled.get(len(values), compiled[wanted[-1]])  # of long sequences fewer rows come at once
        return request(values)[0]  # outputs come in the graph's order: features, logits

    return _batched(run, record, sizes)


def _batched(run: Callable[[Array], Array], record: NetworkRecord, sizes: Sequence[int] | None) -> Compute:
    dtype = np.dtype(record.input_dtype).type
    wanted = _fitting(record, sizes)
    if wanted is None:
        return fixed_batch(run, record.runtime.batch_size, dtype)
    return stepped_batch(run, wanted, dtype)


def _fitting(record: NetworkRecord, sizes: Sequence[int] | None) -> Sequence[int] | None:
    """Of pictures the smallest size: what one needs fills a processor's caches, so more at once take longer each."""
    return [min(sizes)] if sizes and record.preprocessing.kind == ALONE else sizes
