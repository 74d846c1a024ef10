"""Run the file with PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


class Model:
    """The exported file: prepared inputs (B, ...) by name in, its answers (B, K) out."""

    def __init__(self, folder: Path, facts: dict[str, Any], threads: int) -> None:
        import torch

        if threads:
            torch.set_num_threads(threads)
        self.module = torch.export.load(folder / facts["file"]).module()
        self.names = [each["name"] for each in facts["inputs"]]

    def __call__(self, batch: dict[str, np.ndarray]) -> np.ndarray:
        """Probabilities, or the number predicted."""
        import torch

        with torch.inference_mode():
            found: np.ndarray = self.module(*(torch.from_numpy(batch[name]) for name in self.names))[0].numpy()
        return found
