r"""RBF features: a kernel machine through random Fourier features, and the linear probe on them.

Rahimi & Recht, NeurIPS 2007: :math:`\sqrt{2 / M} \cos(\omega^\top x + b)` with normal :math:`\omega` and uniform b have
the inner product of a Gaussian kernel, in expectation. No training row is kept, so the model ships. The width of the
kernel is the median distance between rows (Caputo et al., 2002) times a factor chosen on the folds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.methods.inputs import ALL_KINDS, as_tensor, check_inputs
from headstart.methods.linear import linear_outputs
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from headstart.methods.row_losses import mean_held_out_loss

BLOCK = 32  # rows multiplied at a time, so that a row's bits do not depend on its neighbours
SAMPLE = 1000  # rows whose distances are measured


class RBFFeaturesConfig(Config):
    """Defaults are ours."""

    waves: int = Field(1024, ge=1, description="Random features.")
    factors: tuple[float, ...] = Field(
        (0.5, 1.0, 2.0), min_length=1, description="Widths of the kernel that are tried, in median distances."
    )
    least_spread: float = Field(0.1, ge=0, description="As the linear probe's, of the features given.")
    steps_per_decade: int = Field(1, ge=1, description="As the linear probe's.")
    threads: int = Field(1, ge=1, description="Torch threads.")


class RBFFeatures:
    """The linear probe on random waves of standardised features."""

    def __init__(self, config: RBFFeaturesConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; ``rng`` draws the waves."""
        row_weights = check_inputs(features, targets, folds, weights)
        mean, inverse = self._standardising(features, row_weights)
        frequencies = rng.standard_normal((features.shape[1], self.config.waves))
        phases = rng.uniform(0, 2 * np.pi, self.config.waves)
        seen = np.flatnonzero(row_weights > 0)
        sample = np.sort(rng.permutation(seen)[:SAMPLE])
        width = median_distance((features[sample] - mean) * inverse)
        probe = LinearProbe(
            LinearProbeConfig(steps_per_decade=self.config.steps_per_decade, threads=self.config.threads)
        )
        tried: list[dict[str, Any]] = []
        best: tuple[float, dict[str, Any], Solution] | None = None
        for factor in self.config.factors:
            waves = {
                "mean": mean.astype(np.float32),
                "scaled": (inverse[:, None] * frequencies / (factor * width)).astype(np.float32),
                "phases": phases.astype(np.float32),
            }
            solution = probe.fit(fourier(waves, features), targets, folds, rng, row_weights)
            loss = mean_held_out_loss(targets, solution.out_of_fold, row_weights)
            tried.append({"factor": factor, "loss": loss})
            if best is None or (loss is not None and loss < best[0]):
                best = (np.inf if loss is None else loss, waves, solution)
        _, waves, solution = best  # type: ignore[misc]  # there is at least one factor
        chosen = min(tried, key=lambda one: np.inf if one["loss"] is None else one["loss"])
        report = {"tried": tried, "factor": chosen["factor"], "median_distance": width, "probe": solution.report}
        spec = {"method": "rbf_features", "form": "waves"}
        return Solution(Fitted({**waves, **solution.fitted.arrays}, spec), solution.out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        return linear_outputs(fitted, fourier(fitted.arrays, features))

    def _standardising(self, features: Floats, weights: Floats) -> tuple[Floats, Floats]:
        import torch

        from headstart.methods.standardisation import moments, reciprocal_spread
        from headstart.methods.threads import torch_threads

        with torch_threads(self.config.threads):
            means, spreads = moments(as_tensor(features), torch.from_numpy(weights[None]))
            return means[0].numpy(), reciprocal_spread(spreads, self.config.least_spread)[0].numpy()


def median_distance(rows: Floats) -> float:
    """Median Euclidean distance between different rows ``(n, D)``; 1 where they are all alike."""
    with one_blas_thread():
        squares = (rows**2).sum(axis=1)
        between = squares[:, None] + squares - 2 * rows @ rows.T
    some = np.sqrt(np.maximum(between[np.triu_indices(len(rows), 1)], 0))
    return float(np.median(some)) or 1.0 if len(some) else 1.0


def fourier(waves: Any, features: Floats) -> Floats:
    """``(N, M)`` float32: ``sqrt(2 / M) * cos((features - mean) @ scaled + phases)``.

    Raises:
        ShapeError: ``features`` is not ``(N, D)`` with the D of ``waves``.
    """
    d, m = waves["scaled"].shape
    if features.ndim != 2 or features.shape[1] != d:
        raise ShapeError(f"features must be (N, {d}), as in training; got shape {features.shape}.")
    out = np.empty((len(features), m), np.float32)
    block = np.zeros((BLOCK, d), np.float32)
    with one_blas_thread():
        for start in range(0, len(features), BLOCK):
            rows = features[start : start + BLOCK] - waves["mean"]
            block[: len(rows)] = rows
            block[len(rows) :] = 0.0
            out[start : start + len(rows)] = np.cos(block @ waves["scaled"] + waves["phases"])[: len(rows)]
    out *= np.float32(np.sqrt(2 / m))
    return out


PLUGIN = Plugin(
    build=RBFFeatures,
    title="Kernel machine (RBF features)",
    config=RBFFeaturesConfig,
    kind="solve",
    paper="Rahimi & Recht, NeurIPS 2007",
    targets=ALL_KINDS,
)
