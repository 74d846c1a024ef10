"""The targets of the test split, behind one door that opens once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadstartError
from headstart.data.dataset import Dataset, LabeledDataset


class SealedTargets:
    """Holds test targets until the choice is on disk.

    Attributes:
        reads: How often the targets were handed out, 0 or 1.
        slices: Columns to report by; they are no targets and are open.
    """

    def __init__(self, targets: NDArray[np.object_], slices: Mapping[str, NDArray[np.object_]]) -> None:
        self.reads = 0
        self.slices = dict(slices)
        self._targets = targets

    def __len__(self) -> int:
        return len(self._targets)

    def __repr__(self) -> str:
        return f"SealedTargets(n={len(self)}, reads={self.reads})"

    def unseal(self, choice_file: Path) -> NDArray[np.object_]:
        """The targets ``(N,)``, objects as ``LabeledDataset`` has them, once.

        Args:
            choice_file: The file in which the choice is written down; it must exist and not be empty.

        Raises:
            HeadstartError: there is no such file yet, or the targets were read before.
        """
        if self.reads:
            raise HeadstartError("test targets are read once per run; they were read already. Start a new run.")
        if not choice_file.is_file() or choice_file.stat().st_size == 0:
            raise HeadstartError(
                f"the choice must be on disk before test targets are read; {choice_file.name} is missing or empty."
            )
        self.reads = 1
        return self._targets


def seal(
    dataset: LabeledDataset, train_rows: NDArray[Any], test_rows: NDArray[Any]
) -> tuple[LabeledDataset, Dataset, SealedTargets]:
    """Part a data set: what may be learned from, the test inputs, and the test targets under seal.

    Args:
        dataset: N examples.
        train_rows: An index array ``(n,)`` or a boolean mask ``(N,)``.
        test_rows: Likewise.
    """
    test = dataset.take(test_rows)
    return dataset.take(train_rows), test.without_targets(), SealedTargets(test.targets, test.slices)
