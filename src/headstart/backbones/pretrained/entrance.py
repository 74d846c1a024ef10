"""What a file in ``entrances/`` provides."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.core import plugins
from headstart.core.boundary import Boundary

ROOM = "backbones.pretrained.entrances"


class Entrance(nn.Module):
    """From a prepared batch to boundary 0. What it keeps are buffers that are not saved: they follow from the card.

    Attributes:
        input_name: Of the batch, in exported graphs: "pixels", "tokens", "waveform".
        variable_axis: Axis of the batch array that differs from batch to batch, None when only the first does.
        expects: What the batch must be, for messages.
    """

    input_name: ClassVar[str]
    variable_axis: ClassVar[int | None] = None
    expects: ClassVar[str]

    def forward(self, values: Tensor) -> Boundary:
        """Boundary 0.

        Raises:
            ShapeError: the batch is not as ``expects`` says.
        """
        raise NotImplementedError

    def example(self, batch_size: int, rng: np.random.Generator) -> NDArray[Any]:
        """A valid prepared batch, of the longest usual length or shorter."""
        raise NotImplementedError


def entrance(card: Card) -> Entrance:
    """The usual entrance of the card's modality."""
    built: Entrance = plugins.load(ROOM, card.modality).build(card)
    return built
