"""DAN: the means of both domains come together in the space of several kernels.

Long, Cao, Wang & Jordan, ICML 2015, arXiv:1502.02791.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.kernels import gaussian_kernels, maximum_mean_discrepancy
from headstart.core.plugins import Plugin
from headstart.core.training import Model

if TYPE_CHECKING:
    from torch import Tensor


class Dan(DomainTraining):
    """Features alone, as in later comparisons; the paper adds two more layers of its network."""

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """Maximum mean discrepancy."""
        import torch

        return maximum_mean_discrepancy(gaussian_kernels(torch.cat([seen.source, seen.target])), len(seen.source))


PLUGIN = Plugin(
    build=Dan, config=DomainConfig, kind="train", paper="arXiv:1502.02791", title="Means in kernel space (DAN)"
)
