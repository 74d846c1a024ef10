"""A calibrator that is a linear map of the outputs, put into the weights of a linear head.

Then every program that runs the head gives calibrated outputs, and nothing is left to apply behind it.
"""

from __future__ import annotations

import numpy as np

from headstart.core import plugins
from headstart.core.learning import Fitted, TargetKind
from headstart.evaluation.calibrators.choose import ROOM
from headstart.postprocessing.postprocessing import Postprocessing

AFFINE = "affine"  # kind of a calibrator's plugin: its outputs are a matrix times the logits, and a shift


def folded(fitted: Fitted, postprocessing: Postprocessing, kind: TargetKind) -> Fitted | None:
    """The head with the calibrator in it; None where the head is not linear, or the calibrator is not."""
    name = postprocessing.record.calibrator
    if fitted.spec.get("form") != "linear" or plugins.load(ROOM, name).kind != AFFINE:
        return None
    weight, bias = (np.asarray(fitted.arrays[name], np.float64) for name in ("weight", "bias"))
    width = len(bias)
    shift = postprocessing.outputs(np.zeros((1, width)), kind)[0]
    across = (postprocessing.outputs(np.eye(width), kind) - shift).T  # (W, W): outputs = across @ outputs + shift
    arrays = {
        **fitted.arrays,
        "weight": np.asarray(across @ weight, np.float32),
        "bias": np.asarray(across @ bias + shift, np.float32),
    }
    return Fitted(arrays, {**fitted.spec, "calibrator": name})
