"""Run the file with LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.parts.fitting import fitting


class Model:
    """The exported file: prepared inputs (B, ...) by name in, its answers (B, K) out, one after another."""

    def __init__(self, folder: Path, facts: dict[str, Any], threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(str(folder / facts["file"]), num_threads=threads or None)
        self.entries: dict[str, Any] = {}
        self.facts = facts

    def __call__(self, batch: dict[str, np.ndarray]) -> np.ndarray:
        """Probabilities, or the number predicted."""
        count = len(next(iter(batch.values())))
        return np.concatenate([self.answer({name: each[row] for name, each in batch.items()}) for row in range(count)])

    def answer(self, one: dict[str, np.ndarray]) -> np.ndarray:
        """(1, K) of one input."""
        entry, tensors = fitting(one, self.facts)
        if entry not in self.entries:
            self.entries[entry] = self.interpreter.get_signature_runner(entry)
        found = self.entries[entry](**{f"args_{place}": each for place, each in enumerate(tensors)})
        answers: np.ndarray = found["output_0"]
        return answers
