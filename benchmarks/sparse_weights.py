"""Do runtimes here gain from weights that are 0? Half or four fifths of them, one by one or two of each four (N:M).

    python benchmarks/sparse_weights.py [--texts 32] [--tokens 32]

The bundled sentence encoder in 8-bit integers, as ``headstart compress`` makes it, with the smallest weights of each
layer set to 0; OpenVINO with and without its decompression of sparse weights (8-bit linear layers on processors with
AMX), and ONNX Runtime, one thread, in turns. What is lost by it is not looked at: it would only be worth knowing if
something were gained. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from comparison import machine
from onnx import numpy_helper

from headstart.backbones.pretrained.find import find_card
from headstart.backbones.pretrained.load import load_card
from headstart.compression.quantizing import calibrated, quantized
from headstart.compression.timing import milliseconds
from headstart.core.resources import cache_folder
from headstart.runtimes.onnx_graph import export
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.process_settings import settle_process

PATTERNS = {"dense": 0.0, "half": 0.5, "two of four": 0.5, "four fifths": 0.8}


def sparse(content: bytes, pattern: str) -> bytes:
    """The graph with zeros in its tables of 8-bit weights of layers."""
    model = onnx.load_from_string(content)
    for each in model.graph.initializer:
        weight = numpy_helper.to_array(each).copy()
        if weight.dtype != np.int8 or weight.ndim != 2 or weight.shape[0] > 4096:  # not the table of embeddings
            continue
        size = np.abs(weight.astype(np.int16))
        if pattern == "two of four":  # along the inputs
            groups = size.reshape(-1, 4, weight.shape[1])
            gone = (groups.argsort(1).argsort(1) < 2).reshape(weight.shape)
        else:
            gone = size.argsort(0).argsort(0) < PATTERNS[pattern] * len(weight)
        weight[gone] = 0
        each.CopyFrom(numpy_helper.from_array(weight, each.name))
    return bytes(model.SerializeToString())


def in_openvino(graph: Path, rate: float | None) -> Any:
    """Compiled on one thread; ``rate``: share of zeros from which on weights are decompressed, None: never."""
    import openvino

    core = openvino.Core()
    asked: dict[str, Any] = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}
    if rate is not None:
        asked["CPU_SPARSE_WEIGHTS_DECOMPRESSION_RATE"] = rate
    compiled = core.compile_model(core.read_model(graph), "CPU", asked)
    return lambda rows: compiled(rows)


def in_onnxruntime(graph: Path) -> Any:
    """On one thread."""
    session = open_session(graph, 1)
    name = session.get_inputs()[0].name
    return lambda rows: session.run(None, {name: rows})


def main() -> None:
    """Every pattern on every runtime."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=32)
    args = parser.parse_args()
    settle_process()
    backbone = load_card(find_card("all_minilm_l6_v2"))
    rng = np.random.default_rng(0)
    batch = np.zeros((args.texts, args.tokens, 2), np.int32)
    batch[:, :, 0] = rng.integers(1000, 20000, batch.shape[:2])
    content = quantized(calibrated(export(backbone, 0, len(backbone.stages), cache_folder()), [batch]))
    with TemporaryDirectory() as folder:
        runs = {}
        for pattern, share in PATTERNS.items():
            graph = Path(folder) / f"{pattern}.onnx"
            graph.write_bytes(sparse(content, pattern))
            runs[f"onnxruntime, {pattern}"] = (in_onnxruntime(graph), [batch])
            runs[f"openvino, {pattern}"] = (in_openvino(graph, None), [batch])
            if share:
                runs[f"openvino, {pattern}, decompressed"] = (in_openvino(graph, share - 0.05), [batch])
        print(json.dumps({"machine": machine.describe(), "milliseconds a text": milliseconds(runs)}, indent=2))


if __name__ == "__main__":
    main()
