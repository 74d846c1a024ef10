"""A bundle's graph made runnable in a process without torch: prepared inputs in, features out.

The graph's logits are for other programs; here the head is applied in NumPy, as during fit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph import FEATURES
from headstart.bundle.manifest import NetworkRecord
from headstart.runtimes.contract import Array, Compute, Precision, fixed_batch
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph


def run_in_onnxruntime(graph: Path, record: NetworkRecord, precision: Precision, threads: int) -> Compute:
    """Features by ONNX Runtime, in float32: it has no other precision on the processor."""
    session = open_session(graph, threads)

    def run(values: Array) -> NDArray[np.float32]:
        features: NDArray[np.float32] = session.run([FEATURES], {record.input_name: values})[0]
        return features

    return fixed_batch(run, record.runtime.batch_size, np.dtype(record.input_dtype).type)


def run_in_openvino(graph: Path, record: NetworkRecord, precision: Precision, threads: int) -> Compute:
    """Features by OpenVINO; the head behind them in the graph does not change their bits."""
    compiled = compile_graph(graph, precision, record.runtime.batch_size, threads)

    def run(values: Array) -> NDArray[np.float32]:
        return compiled(values)[0]  # outputs come in the graph's order: features, logits

    return fixed_batch(run, record.runtime.batch_size, np.dtype(record.input_dtype).type)
