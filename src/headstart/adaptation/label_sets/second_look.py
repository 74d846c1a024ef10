"""A head for features that were standardised in each domain by themselves: less of how the domains differ is in it."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.adapters.label_spreading import standardised
from headstart.adaptation.contract import Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import LEAST_ROWS
from headstart.adaptation.trying import held_out_rows
from headstart.core.learning import Floats
from headstart.core.seeding import generator
from headstart.postprocessing.choosing import HeldOut, choose_calibration
from headstart.postprocessing.postprocessing import Postprocessing


def second_look(domains: Domains, solver: Solver, seed: int) -> tuple[Floats, ...]:
    """Calibrated outputs ``(m, K)`` of the target rows and ``(h, K)`` of held-out source rows.

    Nothing where features cannot be standardised, or there are too few rows of either domain.
    """
    source = domains.source
    if source is None or not domains.is_dense or min(len(source), len(domains.target)) < LEAST_ROWS:
        return ()
    ours, theirs = (standardised(each).astype(np.float32) for each in (source.features, domains.target.features))
    held = held_out_rows(source, seed)
    head, targets = solver.fit(ours[~held], source.targets.take(~held)), source.targets.take(held)
    seen = HeldOut(targets, solver.outputs(head, ours[held]), source.groups[held], "apart")
    chosen = choose_calibration(seen, generator(seed, "second look"))
    post = Postprocessing.of_calibrator(chosen.name, chosen.arrays)
    return post.outputs(solver.outputs(head, theirs), targets.kind), chosen.outputs
