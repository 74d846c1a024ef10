"""Run the file with ExecuTorch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.parts.fitting import fitting


class Model:
    """The exported file: prepared inputs (B, ...) by name in, its answers (B, K) out, one after another."""

    def __init__(self, folder: Path, facts: dict[str, Any], threads: int) -> None:
        import torch  # holds the tensors that this runtime is given in Python; on a phone it is not needed
        from executorch.extension.pybindings.portable_lib import _unsafe_reset_threadpool
        from executorch.runtime import Runtime

        if threads:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that this may change in later versions
                _unsafe_reset_threadpool(threads)
        self.tensor = torch.from_numpy
        self.program = Runtime.get().load_program(folder / facts["file"])
        self.methods: dict[str, Any] = {}
        self.facts = facts

    def __call__(self, batch: dict[str, np.ndarray]) -> np.ndarray:
        """Probabilities, or the number predicted."""
        count = len(next(iter(batch.values())))
        return np.concatenate([self.answer({name: each[row] for name, each in batch.items()}) for row in range(count)])

    def answer(self, one: dict[str, np.ndarray]) -> np.ndarray:
        """(1, K) of one input."""
        entry, tensors = fitting(one, self.facts)
        if entry not in self.methods:
            self.methods[entry] = self.program.load_method(entry)
        found: np.ndarray = self.methods[entry].execute([self.tensor(each) for each in tensors])[0].numpy().copy()
        return found
