"""What a mitigation changes: a solved model on all rows, or the last layer of a trained network on its validation rows.

A network that was trained fits its training rows, the rare ones too: on their features nothing is left to even out.
Kirichenko, Izmailov & Wilson (ICLR 2023, arXiv:2204.02937) solve the last layer again on rows that the network did not
learn from; that is what every mitigation does here to a trained network, whose other layers stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import ConfigError
from headstart.core.learning import Solution
from headstart.core.seeding import generator
from headstart.features.sources import joined

if TYPE_CHECKING:
    from headstart.core.learning import Fitted, Floats, Ints, SolveMethod, Targets
    from headstart.evidence.contender import Contender
    from headstart.mitigation.grouped import Grouped
    from headstart.solving.candidates import Candidate
    from headstart.solving.work import Solved

TRAINING, VALIDATION = "training examples", "validation examples"


@dataclass(frozen=True)
class Base:
    """The rows that a mitigation learns from, and what it begins with.

    Attributes:
        rows: ``(n,)`` positions in the training part.
        features: ``(n, D)``.
        folds: ``(n,)``.
        solver: What the model was solved with; of a trained network, what its last layer is solved with again.
        head: Of a trained network, its own last layer with what it says of these rows; None where nothing was trained.
        what: What these rows are called.
    """

    rows: Ints
    features: Any
    folds: Ints
    solver: SolveMethod
    head: Solution | None
    what: str

    @property
    def is_trained(self) -> bool:
        """Whether the features come from a network that was trained on other rows of the same data."""
        return self.head is not None

    def method(self, given: Grouped) -> SolveMethod:
        """For rows as they are the model that is there, for rows that weigh otherwise a new one."""
        return self.solver if self.head is None else _Kept(self.solver, given, self.head)


def base_of(solved: Solved, candidate: Candidate, chosen: Contender) -> Base:
    """Of the chosen contender.

    Raises:
        ConfigError: a network was trained and no example is left that only validated it.
    """
    learning = solved.learning
    if all(trial.contender.name != chosen.name for trial in solved.trials):
        rows = np.arange(len(learning.train))
        features = joined(candidate.sources, learning.train)
        return Base(rows, features, learning.folds, candidate.method, None, TRAINING)
    from headstart.data.splits import folds
    from headstart.solving.solve import FOLDS

    rows = np.flatnonzero(np.isfinite(chosen.solution.out_of_fold).all(axis=1))
    if not len(rows):
        raise ConfigError(
            f"a mitigation of a trained network is solved on its validation examples; {chosen.candidate} has none. "
            "Leave out the mitigation or the train method."
        )
    fold = folds(learning.strata[rows], solved.parts.groups[rows], FOLDS, generator(learning.seed, "mitigation folds"))
    head = replace(chosen.solution, out_of_fold=chosen.solution.out_of_fold[rows])
    features = joined(candidate.sources, learning.train.take(rows))
    return Base(rows, features, fold, candidate.method, head, VALIDATION)


class _Kept:
    """A solver whose answer for the rows as they are is known: the last layer that was trained.

    Its report names the penalty that folds choose for such a layer, which a mitigation may begin its search from.
    """

    def __init__(self, solver: SolveMethod, given: Grouped, head: Solution) -> None:
        self.solver, self.given, self.head = solver, given, head

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """``features`` ``(n, D)``, ``folds`` and ``weights`` ``(n,)``: as the solver's own."""
        solution = self.solver.fit(features, targets, folds, rng, weights)
        if features is not self.given.features or weights is not self.given.weights:
            return solution
        return replace(self.head, report={**self.head.report, "penalty": solution.report["penalty"]})

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(n, W)`` outputs of ``(n, D)`` features."""
        return self.solver.predict(fitted, features)
