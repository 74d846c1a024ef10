"""Run the file with OpenVINO."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np


class Model:
    """The exported file: prepared inputs (B, ...) by name in, its answers (B, K) out."""

    def __init__(self, folder: Path, facts: dict[str, Any], threads: int) -> None:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # it would report the import
        import openvino

        # In float32: where a processor has bfloat16 it would be taken, and even the places of pixels are lost in it.
        settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        self.model = openvino.Core().compile_model(str(folder / facts["file"]), "CPU", settings)
        self.output = self.model.output(facts["output"])

    def __call__(self, batch: dict[str, np.ndarray]) -> np.ndarray:
        """Probabilities, or the number predicted."""
        return np.array(self.model(batch)[self.output])
