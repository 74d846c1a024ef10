"""A model as one file for other programs, beside a reader of a few lines, both held against the run before they ship.

For: ``write``: from a bundle to a folder that holds the model in one of the ``formats``, ``reader.py`` (its own
runtime, NumPy, and what decodes inputs: no Headstart), of ONNX ``reader.mjs`` and a page for
browsers, ``model.json`` with all that a reader must know, and ``gate.json``: how far its answers are from the run's.

What can be in the file is in the file: of pictures resize, crop, padding and colours (``picture_graph``), of columns
levels and curves (``column_nodes``), of counted words their weights (``term_nodes``), networks, heads of every form
(``head_nodes``), calibration, softmax. ``model_nodes`` describes it once, as calls of operators: ``graph_nodes`` writes
them as ONNX, ``torch_nodes`` computes them for PyTorch to record. What no format holds is in the reader: decoding,
tokens, samples, cells. Formats whose runtimes plan their memory before they run take prepared inputs of sizes that are
fixed (``fixed_sizes``), and their readers resize, count and pad.

Must not know: data sets, splits, the command line; which examples it is judged on comes from above.

To add: a format is a file in ``formats/`` that says how the model is written and which part of ``parts/`` runs it; a
kind of input is a decoding part in ``parts/`` named in ``reader.DECODING``, and made examples in ``made_inputs``.
"""

from headstart.exporting.comparing import Limits
from headstart.exporting.gate import Example
from headstart.exporting.writing import Written, write

__all__ = ["Example", "Limits", "Written", "write"]
