"""The run's head solved again in the features of a network that moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.solver import PROBE, solver_of
from headstart.core.learning import NEVER_HELD_OUT, Fitted
from headstart.core.seeding import generator
from headstart.evaluation.parting import parted

if TYPE_CHECKING:
    from headstart.adaptation.domains import Labeled
    from headstart.adaptation.trying import Parts

FOLDS = 5


def solved_again(
    parts: Parts, features: Any, held: NDArray[np.bool_], source: Labeled, trained: Fitted
) -> tuple[Fitted, Fitted]:
    """A linear probe of all source rows, and one of those that are not held out; one penalty, chosen on folds of these.

    Args:
        parts: In the new features, the held-out rows apart.
        features: ``(n, D)`` of all source rows.
        held: ``(n,)``.
        source: The same rows in the old features.
        trained: The head that the training ended with; what is told of it stays.
    """
    learned = parts.domains.source
    assert learned is not None  # noqa: S101 - parts were made of it
    rng = generator(parts.seed, "folds in new features")
    folds = np.full(len(learned), NEVER_HELD_OUT, np.int64)
    folds[:] = parted(learned.targets.values, learned.groups, FOLDS, rng)
    solver = solver_of(PROBE, trained=True, source=learned, folds=folds, width=int(features.shape[1]), seed=parts.seed)
    found = solver.fit(features, source.targets), solver.fit(learned.features, learned.targets)
    spec = {**trained.spec, "trained": True}
    return replace(found[0], spec=spec), replace(found[1], spec=spec)
