"""The bare loop: each file decoded and run by ONNX Runtime, one after another, in one thread; prints inputs a second
and milliseconds of processor time an input.

python benchmarks/load/bare.py BUNDLE SECONDS FILE...
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

from headstart.bundle import read
from headstart.data.modalities import modality
from headstart.runtimes.process_settings import settle_process


def main() -> None:
    folder, seconds, *files = sys.argv[1:]
    settle_process()
    shipped = read(folder)
    [network] = shipped.manifest.networks.values()
    preparer = modality(network.preprocessing.kind).preparer(
        network.preprocessing,
        {name: (shipped.folder / path).read_bytes() for name, path in network.assets.items()},
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(shipped.folder / network.graph), options, ["CPUExecutionProvider"])
    contents = [Path(file).read_bytes() for file in files]
    for content in contents[:5]:
        session.run(None, {network.input_name: preparer.prepare(content)[None]})
    done, began, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < float(seconds):
        prepared = preparer.prepare(contents[done % len(contents)])
        session.run(None, {network.input_name: np.ascontiguousarray(prepared[None])})
        done += 1
    print(done / (time.perf_counter() - began), 1000 * (time.process_time() - used) / done)


if __name__ == "__main__":
    main()
