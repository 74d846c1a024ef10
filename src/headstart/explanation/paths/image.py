"""Pictures: from the mean colour to the picture, in normalised pixels."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin
from headstart.explanation.grid import summed
from headstart.explanation.network import Network
from headstart.explanation.units.image import ImageUnits


class ImagePath:
    """See ``explanation.path.Path``; points are ``(3, H, W)``."""

    def __init__(self, network: Network, units: ImageUnits) -> None:
        self.backbone, self.shape = network.backbone, units.shape
        everything, nothing = (np.full((1, *units.shape), kept) for kept in (True, False))
        end, start = (
            self.backbone.enter(torch.from_numpy(units.without(kept).prepared[network.number])).values[0]
            for kept in (everything, nothing)
        )
        self.start, self.difference = start, end - start

    def features(self, points: Tensor) -> Tensor:
        """All stages."""
        return self.backbone.run(Boundary(points), 0, len(self.backbone.stages)).values

    def per_unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Summed over colours and within cells."""
        return summed(values.sum(0), (self.shape[0], self.shape[1]))


def _build(asked: tuple[Network, ImageUnits]) -> ImagePath:
    return ImagePath(*asked)


PLUGIN = Plugin(build=_build, modality="image")
