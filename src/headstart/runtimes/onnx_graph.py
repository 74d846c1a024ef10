"""The ONNX graph of a slice of stages: exported once, kept by the digest of its weights.

The input is a prepared batch under the backbone's name for it (``pixels`` uint8 ``(B, H, W, 3)``, ``tokens`` int32
``(B, T, 2)``, ``waveform`` float32 ``(B, S)``), or ``values`` float32 when the slice starts at a later boundary; the
output is ``features`` ``(B, ...)``; any B, and any T or S.
"""

from __future__ import annotations

import hashlib
import io
import logging
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.errors import BackendError
from headstart.core.files import sha256_file, sha256_json, write_bytes

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

logger = logging.getLogger(__name__)

EXPORT_VERSION = 2  # raised whenever the exported graph of the same weights changes
OPSET = 17  # the first with LayerNormalization; onnxruntime 1.20 and OpenVINO 2025 read it
FEATURES = "features"
HASH_LETTERS = 16  # of the content's hash in the file name


def input_name(backbone: Backbone, start: int) -> str:
    """The graph's input: the backbone's name for a prepared batch, or "values" for a later boundary."""
    return backbone.input_name if start == 0 else "values"


def _free_axes(backbone: Backbone, start: int, stop: int) -> dict[str, dict[int, str]]:
    """Axes of any length, by the name of input and output."""
    taken, given = {0: "batch"}, {0: "batch"}
    if backbone.variable_axis is not None:
        taken[backbone.variable_axis] = "length"
        if stop < len(backbone.stages):
            given[backbone.variable_axis] = "length_out"  # stages may shorten it
    return {input_name(backbone, start): taken, FEATURES: given}


def export(backbone: Backbone, start: int, stop: int, cache_folder: Path) -> Path:
    """The graph of ``stages[start:stop]``, exported unless it is kept already.

    A kept file carries its content's hash in its name and is checked; one that was damaged is exported anew.

    Raises:
        BackendError: the exporter cannot follow this backbone.
    """
    folder = cache_folder / "graphs"
    name = _address(backbone, start, stop)
    for kept in sorted(folder.glob(f"{name}-*.onnx")):
        if sha256_file(kept).startswith(kept.stem.rpartition("-")[2]):
            return kept
        logger.warning("the kept graph %s is damaged; it is exported again", kept.name)
        kept.unlink(missing_ok=True)
    began = time.perf_counter()
    content = _exported(backbone, start, stop)
    path = folder / f"{name}-{_content_hash(content)}.onnx"
    write_bytes(path, content)
    logger.info("exported stages %d to %d to ONNX in %.1f s", start, stop, time.perf_counter() - began)
    return path


def _address(backbone: Backbone, start: int, stop: int) -> str:
    import torch

    return sha256_json(
        {
            "weights": backbone.weights_digest(stop),
            "slice": [start, stop],
            "preprocessing": backbone.preprocessing.model_dump(mode="json"),
            "exporter": [EXPORT_VERSION, OPSET, torch.__version__],
        }
    )[:32]


def _content_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_LETTERS]


def _exported(backbone: Backbone, start: int, stop: int) -> bytes:
    import torch

    from headstart.runtimes.torch_slice import Slice, example_input

    module = Slice(backbone, start, stop)
    # Two rows: with one, a tracer takes the batch for an axis of length one that it may broadcast or squeeze.
    example = example_input(backbone, start, 2)
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter by tracing is called deprecated; the new one takes ten times as long for the same graph.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.onnx|headstart\.runtimes")
        # Shapes in Python are frozen into the trace; parity checks other batch sizes and lengths.
        tracer_warning = torch.jit.TracerWarning  # type: ignore[attr-defined]  # public, but not in its __all__
        warnings.filterwarnings("ignore", category=tracer_warning)
        # Some networks warn about their own code while they are traced; nothing a user could do about it.
        warnings.filterwarnings("ignore", category=UserWarning)
        try:
            with torch.inference_mode():
                torch.onnx.export(
                    module,
                    (example,),
                    stream,  # type: ignore[arg-type]  # the exporter by tracing writes to streams too
                    dynamo=False,
                    opset_version=OPSET,
                    input_names=[input_name(backbone, start)],
                    output_names=[FEATURES],
                    dynamic_axes=_free_axes(backbone, start, stop),
                )
        except Exception as error:  # the exporter raises anything, from its own errors to RuntimeError
            raise BackendError(f"the ONNX exporter cannot follow this backbone: {error}") from error
    return stream.getvalue()
