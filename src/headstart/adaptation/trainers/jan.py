"""JAN: features and what is predicted from them come together, as one distribution.

Long, Zhu, Wang & Jordan, ICML 2017, arXiv:1605.06636.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.kernels import gaussian_kernels, maximum_mean_discrepancy
from headstart.core.plugins import Plugin
from headstart.core.training import Model

if TYPE_CHECKING:
    from torch import Tensor

ONE = (1.0,)  # probabilities are all of one scale, so one kernel serves


class Jan(DomainTraining):
    """The kernel of two layers is the product of theirs."""

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """Joint maximum mean discrepancy."""
        import torch

        features = gaussian_kernels(torch.cat([seen.source, seen.target]))
        predicted = gaussian_kernels(torch.cat([seen.source_outputs, seen.target_outputs]).softmax(1), ONE)
        return maximum_mean_discrepancy(features * predicted, len(seen.source))


PLUGIN = Plugin(
    build=Jan, config=DomainConfig, kind="train", paper="arXiv:1605.06636", title="Joint means in kernel space (JAN)"
)
