"""A straight way from nothing to an input, in the coordinates in which a network is differentiable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.explanation.network import Network
    from headstart.explanation.unit import Units

ROOM = "explanation.paths"


class Path(Protocol):
    """A file of ``paths`` builds it.

    Attributes:
        start: ``(...)``: nothing, as the units' ``without`` has it.
        difference: ``(...)``: the input less ``start``.
    """

    start: Tensor
    difference: Tensor

    def features(self, points: Tensor) -> Tensor:
        """``(n, ...)`` points on the way to features ``(n, D)``."""

    def per_unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(...)`` figures to sums of the units' shape."""


def path_of(network: Network, units: Units) -> Path:
    """The way of the network's kind of input."""
    built: Path = plugins.load(ROOM, network.backbone.modality).build((network, units))
    return built
