"""What is shipped: a folder that predicts anywhere, written as a whole, verified when read, run without torch.

For: ``write``, ``read`` and ``Bundle.predictor``. A bundle is exactly these files::

    manifest.json         schema, task, class names with their hash, preprocessing, backbone card, method, runtime of
                          the fit, parity of the runtimes, sha256 and size of the other files; ends with its own sha256
    weights.safetensors   "backbone." tensors and buffers, "head." arrays
    model.onnx            resized pixels to features and logits
    evidence.json         the evidence of the run

Must not know: data sets, splits, the activation store, how a candidate was chosen. It holds no inputs and no features
of single examples. Torch, timm, onnx and the runtimes are imported inside functions: reading a bundle and predicting
through model.onnx works where torch is not installed.

To add: another form of head is nothing here (its method predicts in NumPy); to have it in model.onnx too, add its
nodes in ``graph.py``. A runtime that takes a torch module is one file in ``runtimes/``; one that runs model.onnx is
that file and one line in ``runners.py``. Anything new in the manifest is a field with a default in ``manifest.py``;
raise ``SCHEMA`` when an older version would misread it.
"""

from headstart.bundle.bundle import Bundle
from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.predictor import Predictor
from headstart.bundle.reading import read
from headstart.bundle.writing import write

__all__ = ["Bundle", "FittedBackbone", "Predictor", "read", "write"]
