"""One candidate as the evidence sees it: what it is, what it learned on, what it says about the test inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Solution, Task


@dataclass(frozen=True)
class Apart:
    """Outputs on rows that took no part in learning or choosing.

    Attributes:
        rows: ``(n,)`` positions in the training part.
        outputs: ``(n, W)``.
    """

    rows: NDArray[np.int64]
    outputs: Floats


@dataclass(frozen=True)
class Contender:
    """A solved candidate with its outputs on (some of) the test inputs.

    Attributes:
        name: The name in ``comparisons`` and ``verdict.chosen``.
        candidate: ``backbone + method`` in words.
        kind: "transfer" uses pretrained weights, "ablation" removes them, "baseline" never had a network.
        what: One plain sentence for people who train no models.
        can_ship: Whether the guard may choose it.
        n_train: Rows it learned from.
        solution: The solver's result.
        test_rows: Positions within the test split that ``test_outputs`` covers.
        test_outputs: ``(len(test_rows), W)``.
        task: Settled on its own out-of-fold outputs, so its decisions are its own.
        apart: Of a trained one, where there are enough rows; None: nothing was kept apart.
        train_rows: ``(n,)`` positions in the training part that ``solution.out_of_fold`` is about; None: all of it.
    """

    name: str
    candidate: str
    kind: Literal["transfer", "ablation", "baseline"]
    what: str
    can_ship: bool
    n_train: int
    solution: Solution
    test_rows: NDArray[np.int64]
    test_outputs: Floats
    task: Task
    apart: Apart | None = None
    train_rows: NDArray[np.int64] | None = None

    @property
    def is_transfer(self) -> bool:
        """Whether pretrained weights are in it."""
        return self.kind == "transfer"

    @property
    def report(self) -> Mapping[str, Any]:
        """The solver's own account."""
        return self.solution.report
