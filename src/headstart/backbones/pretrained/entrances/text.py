"""Texts: token numbers, segments, and a mask of where there is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from headstart.backbones.card import Card
from headstart.backbones.pretrained.entrance import Entrance
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError
from headstart.core.plugins import Plugin
from headstart.core.preprocessing.text import PAD

EXAMPLE_TOKENS = 24  # long enough that nothing in a traced graph is of length one by accident


class TextEntrance(Entrance):
    """``(B, T, 2)`` integers to token numbers ``(B, T)`` int64, ``mask`` and ``extras["segments"]`` ``(B, T)`` int64.

    Where a position is padded, token and segment are 0; nothing may depend on them.
    """

    input_name = "tokens"
    variable_axis = 1
    expects = "tokens (B, T, 2)"

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.vocabulary = int(card.options.get("config", {}).get("vocab_size", 2))

    def forward(self, values: Tensor) -> Boundary:
        """Tokens, mask and segments."""
        if values.ndim != 3 or values.shape[2] != 2:
            raise ShapeError(f"a batch must be {self.expects}; got {tuple(values.shape)}. Prepare the texts first.")
        mask = values[:, :, 0] != PAD
        tokens, segments = values.long().clamp_min(0).unbind(2)
        return Boundary(tokens, mask, {"segments": segments})

    def example(self, batch_size: int, rng: np.random.Generator) -> NDArray[np.int32]:
        """Random tokens in one segment; every other text is half as long and padded."""
        batch = np.zeros((batch_size, EXAMPLE_TOKENS, 2), np.int32)
        batch[:, :, 0] = rng.integers(0, self.vocabulary, batch.shape[:2])
        batch[1::2, EXAMPLE_TOKENS // 2 :] = PAD
        return batch


PLUGIN = Plugin(build=TextEntrance)
