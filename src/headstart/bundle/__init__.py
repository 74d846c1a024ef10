"""What is shipped: a folder that predicts anywhere, written as a whole, verified when read, run without torch.

For: ``write``, ``rehead``, ``read`` and ``Bundle.predictor``, and predictions as files of rows. A bundle is exactly
these files::

    manifest.json         schema, task, class names with their hash, what an example consists of, networks and fitted
                          backbones with their preprocessing, the order of their features, method, runtimes of the
                          fit, parity of the runtimes, sha256 and size of the other files; ends with its own sha256
    weights.safetensors   "network.<name>." tensors and buffers, "fitted.<name>." arrays, "head." arrays
    model.onnx            prepared inputs to features, and to logits where the head is linear and reads these features
                          alone; model-<name>.onnx where there are several networks, none where there is none
    assets/<name>/        files of a network beside its tensors: the tokenizer.json of a text network
    evidence.json         the evidence of the run
    examples.safetensors  where the fit was told to ``include_examples``: excerpts, targets and features of up to 200
                          training examples

Must not know: data sets, splits, the activation store, how a candidate was chosen. But for that last file it holds no
inputs and no features of single examples. What ``fit`` learned from inputs may hold pieces of them: of texts the
vocabulary of ``tfidf``, which keeps only terms that several texts share; of columns the names of categories. Torch,
timm, transformers, onnx and the runtimes are imported inside functions: reading a bundle and predicting through its
graphs works where torch is not installed.

To add: another form of head is nothing here (its method predicts in NumPy); to have it in the graph too, add its
nodes in ``graph.py``. A runtime that takes a torch module is one file in ``runtimes/``; one that runs the graph is
that file and one line in ``runners.py``. A kind of input is a file in ``data/modalities`` and nothing here. Anything
new in the manifest is a field with a default in ``manifest.py``; raise ``SCHEMA`` when an older version would misread
it, and bring the former one up to date as ``schema_1.py`` does.
"""

from headstart.bundle.bundle import Bundle
from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.kept_examples import KeptExamples
from headstart.bundle.predictor import Pass, Predictor
from headstart.bundle.reading import read
from headstart.bundle.rehead import rehead
from headstart.bundle.sources import Written, WrittenFitted, WrittenNetwork
from headstart.bundle.writing import write

__all__ = [
    "Bundle",
    "FittedBackbone",
    "KeptExamples",
    "Pass",
    "Predictor",
    "Written",
    "WrittenFitted",
    "WrittenNetwork",
    "read",
    "rehead",
    "write",
]
