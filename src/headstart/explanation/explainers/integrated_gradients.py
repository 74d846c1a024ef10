r"""Integrated gradients: the gradient on the way from nothing to the input, times the way.

Sundararajan, Taly & Yan, Axiomatic Attribution for Deep Networks, ICML 2017, arXiv:1703.01365.

.. math:: a_i = (x_i - x^0_i) \int_0^1 \partial_i F(x^0 + t (x - x^0)) \, dt

The integral is a mean over ``steps`` points in the middles of equal stretches. In the limit the figures add up to
F(x) - F(x0) (completeness); how far they are from it is told. Each step is one forward and one backward pass, batched.
"""

from __future__ import annotations

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.explanation.network import Network
from headstart.explanation.path import Path, path_of
from headstart.explanation.question import Attribution, Question, relative_gap

AT_ONCE = 8  # points in a batch


class IntegratedGradientsConfig(Config):
    """Defaults are ours."""

    steps: int = Field(16, ge=1, description="Points on the way; more bring the sum nearer to what it should be.")


class IntegratedGradients:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: IntegratedGradientsConfig) -> None:
        self.config = config

    def explain(self, question: Question) -> Attribution:
        """Raises ConfigError where there is no network, or no way for its kind of input."""
        total, expected, shares = 0.0, 0.0, []
        for network in question.networks():
            path = path_of(network, question.units)
            values = (mean_gradient(network, path, self.config.steps) * path.difference).double().numpy()
            with torch.no_grad():
                ends = torch.stack([path.start, path.start + path.difference])
                start, end = network.margin(path.features(ends)).tolist()
            total, expected = total + float(values.sum()), expected + end - start
            shares.append(path.per_unit(values))
        cost = f"{self.config.steps} steps, one forward and one backward pass each"
        if len(shares) > 1:
            cost += f", of {len(shares)} networks"
        return Attribution(np.sum(shares, axis=0), cost, relative_gap(total, expected))


def mean_gradient(network: Network, path: Path, steps: int) -> Tensor:
    """Mean over the way of the margin's gradient, of the shape of the path's points."""
    places = (np.arange(steps) + 0.5) / steps
    total = torch.zeros_like(path.start)
    for start in range(0, steps, AT_ONCE):
        share = torch.from_numpy(places[start : start + AT_ONCE]).to(path.start.dtype)
        points = path.start + share.reshape(-1, *[1] * path.start.ndim) * path.difference
        points.requires_grad_(True)
        (gradients,) = torch.autograd.grad(network.margin(path.features(points)).sum(), points)
        total += gradients.sum(0)
    return total / steps


PLUGIN = Plugin(
    build=IntegratedGradients,
    config=IntegratedGradientsConfig,
    needs=frozenset({"gradients"}),
    paper="arXiv:1703.01365",
    title="integrated gradients",
)
