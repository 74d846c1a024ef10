"""Run a few training pictures through what a bundle may be run with, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.graph import DESCRIPTORS, FEATURES, LOGITS, PIXELS
from headstart.bundle.heads import Head, load_head
from headstart.bundle.manifest import GRAPH, Manifest
from headstart.bundle.parity import FLOAT32, Logits, Side, check
from headstart.bundle.runners import REFERENCE, prepare_fit_runner
from headstart.bundle.torch_backbone import run_all_stages
from headstart.core.errors import MissingExtraError
from headstart.core.learning import Fitted
from headstart.runtimes.contract import runtime
from headstart.runtimes.onnxruntime import open_session

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

ROWS = 32  # pictures: rounding varies little beyond these
EAGER_ROWS = 8  # where onnxruntime stands between: float32 sides differ by a graph or not at all, and eager is slow
ONNXRUNTIME = "onnxruntime"


def measure_parity(
    folder: Path,
    manifest: Manifest,
    backbone: Backbone | FittedBackbone,
    fitted: Fitted,
    pixels: NDArray[np.uint8],
    features: NDArray[np.float32] | None,
) -> dict[str, Any]:
    """Compare the fit's runtime with ONNX Runtime on the written graph, and that with eager torch.

    Returns:
        The manifest's ``parity``.

    Raises:
        BackendError: two of them disagree.
    """
    pixels, record = pixels[:ROWS], manifest.runtime
    if len(pixels) == 0:
        return check([Side(record.name, record.precision, None, "no pictures were given")])
    if features is None:
        features = prepare_fit_runner(folder, manifest).compute(pixels)
    features, head = features[: len(pixels)], load_head(fitted)
    inputs = {DESCRIPTORS: features} if isinstance(backbone, FittedBackbone) else {PIXELS: pixels}
    sides = [Side(record.name, record.precision, head(features))]
    sides.append(_onnxruntime(folder / GRAPH, inputs, head, record.threads))
    if not isinstance(backbone, FittedBackbone) and record.name != REFERENCE:
        few = pixels if sides[-1].logits is None else pixels[:EAGER_ROWS]
        eager = run_all_stages(runtime(REFERENCE, FLOAT32), backbone, len(few), record.threads)
        sides.append(Side(REFERENCE, FLOAT32, head(eager(few))))
    return check(sides)


def _onnxruntime(graph: Path, inputs: dict[str, Any], head: Head, threads: int) -> Side:
    try:
        session = open_session(graph, threads)
    except MissingExtraError as error:
        return Side(ONNXRUNTIME, FLOAT32, None, str(error))
    if LOGITS in [output.name for output in session.get_outputs()]:
        logits: Logits = session.run([LOGITS], inputs)[0]
    else:
        logits = head(session.run([FEATURES], inputs)[0])
    return Side(ONNXRUNTIME, FLOAT32, logits)
