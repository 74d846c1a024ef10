"""Post-training quantization by nncf with its defaults: an ONNX graph and calibration inputs to OpenVINO's IR.

    ENV/bin/python nncf_quantize.py GRAPH.onnx INPUTS.npz OUT.xml

The inputs are arrays ``(B, ...)`` of one name each.
"""

from __future__ import annotations

import sys

import nncf
import numpy as np
import openvino


def main() -> None:
    """Quantize and write."""
    graph, inputs, out = sys.argv[1:]
    batches = list(np.load(inputs).values())
    rows = [batch[row : row + 1] for batch in batches for row in range(len(batch))]
    model = openvino.Core().read_model(graph)
    openvino.save_model(nncf.quantize(model, nncf.Dataset(rows)), out)


if __name__ == "__main__":
    main()
