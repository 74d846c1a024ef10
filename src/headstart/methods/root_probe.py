r"""Root probe: the linear probe on square roots of the features, so that large values matter less.

Each feature x becomes :math:`\operatorname{sign}(x) \sqrt{\lvert x \rvert}`, once or several times over, before the
probe. Averaged activations are many small numbers and a few large ones (whatever fills the picture); roots even them
out, as they do for Fisher vectors: Perronnin, Sanchez & Mensink, ECCV 2010, doi:10.1007/978-3-642-15561-1_11. How
often, the folds choose. Nothing but the probe is learned from rows, so what is held out stays unseen; and a square
root is rounded alike on every machine, as other powers are not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, field_validator

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.linear import linear_outputs
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from headstart.methods.row_losses import mean_held_out_loss


class RootProbeConfig(Config):
    """Defaults are ours, by the features of six public sets; no root at all is the linear probe."""

    roots: tuple[int, ...] = Field(
        (1, 2), min_length=1, description="How many times the square root is taken: numbers that are tried."
    )
    steps_per_decade: int = Field(2, ge=1, description="As the linear probe's.")
    threads: int = Field(1, ge=1, description="Torch threads.")

    @field_validator("roots")
    @classmethod
    def _check_roots(cls, roots: tuple[int, ...]) -> tuple[int, ...]:
        if min(roots) < 0:
            raise ValueError("every number of roots must be 0 or more")
        return roots


class RootProbe:
    """The linear probe on signed roots."""

    def __init__(self, config: RootProbeConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; nothing is drawn from ``rng``."""
        row_weights = check_inputs(features, targets, folds, weights)
        config = self.config
        probe = LinearProbe(LinearProbeConfig(steps_per_decade=config.steps_per_decade, threads=config.threads))
        tried: list[dict[str, Any]] = []
        solutions: list[Solution] = []
        for times in config.roots:
            solution = probe.fit(signed_root(features, times), targets, folds, rng, row_weights)
            tried.append({"roots": times, "loss": mean_held_out_loss(targets, solution.out_of_fold, row_weights)})
            solutions.append(solution)
        best = min(range(len(tried)), key=lambda one: np.inf if tried[one]["loss"] is None else tried[one]["loss"])
        times, found = config.roots[best], solutions[best]
        spec = {"method": "root_probe", "form": "roots", "roots": times}
        report = {"roots": times, "tried": tried, "probe": found.report}
        return Solution(Fitted(found.fitted.arrays, spec), found.out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        return linear_outputs(fitted, signed_root(features, int(fitted.spec["roots"])))


def signed_root(features: Floats, times: int) -> Floats:
    """``(N, D)`` float32: the square root of each number, its sign kept, so many times over.

    >>> signed_root(np.array([[16.0, 0.0, -81.0]]), 1), signed_root(np.array([[16.0, 0.0, -81.0]]), 2)
    (array([[ 4.,  0., -9.]], dtype=float32), array([[ 2.,  0., -3.]], dtype=float32))
    """
    values = np.asarray(features, np.float32)
    size = np.abs(values)
    for _ in range(times):
        size = np.sqrt(size)
    return np.copysign(size, values)


PLUGIN = Plugin(
    build=RootProbe,
    title="Linear probe on square roots",
    config=RootProbeConfig,
    kind="solve",
    paper="doi:10.1007/978-3-642-15561-1_11",
    targets=ALL_KINDS,
)
