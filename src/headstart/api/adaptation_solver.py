"""How heads for another domain are solved: as the run's own was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.adaptation.contract import Solver
    from headstart.api.two_domains import Given

SEED = 0


def solver_for(given: Given) -> Solver:
    """As the run's own head was solved, the strength of its penalty chosen on folds of source rows."""
    from headstart.adaptation.solver import solver_of
    from headstart.core.learning import NEVER_HELD_OUT
    from headstart.core.seeding import generator
    from headstart.evaluation.parting import parted

    spec, source, folds = given.shipped.manifest.method, given.domains.source, None
    if source is not None:
        folds = np.full(len(source), NEVER_HELD_OUT, np.int64)
        fresh, rng = np.flatnonzero(source.fresh), generator(SEED, "adaptation folds")
        folds[fresh] = parted(source.targets.values[fresh], source.groups[fresh], 5, rng)
    found: Solver = solver_of(
        str(spec["method"]), trained=bool(spec.get("trained")), source=source, folds=folds,
        width=int(given.aim.features.shape[1]), seed=SEED,
    )  # fmt: skip
    return found
