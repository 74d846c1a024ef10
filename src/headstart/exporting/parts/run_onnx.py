"""Run the file with ONNX Runtime."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np


class Model:
    """The exported file: prepared inputs (B, ...) by name in, its answers (B, K) out."""

    def __init__(self, folder: Path, facts: dict[str, Any], threads: int) -> None:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when onnxruntime is imported
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(folder / facts["file"]), options, ["CPUExecutionProvider"])
        self.facts = facts

    def __call__(self, batch: dict[str, np.ndarray]) -> np.ndarray:
        """Probabilities, or the number predicted."""
        found: np.ndarray = self.session.run([self.facts["output"]], batch)[0]
        return found
