"""Texts: from a text of stand-in tokens to the text, in the embeddings (the output of the network's first stage)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.core.errors import ConfigError
from headstart.core.plugins import Plugin
from headstart.explanation.network import Network
from headstart.explanation.units.text import TextUnits


class TextPath:
    """See ``explanation.path.Path``; points are ``(T, C)``."""

    def __init__(self, network: Network, units: TextUnits) -> None:
        self.backbone, self.units, self.number = network.backbone, units, network.number
        if len(self.backbone.stages) < 2:
            raise ConfigError(f"{self.backbone.name} is one stage, so its embeddings cannot be reached.")
        whole = np.stack([np.ones(units.shape, bool), np.zeros(units.shape, bool)])
        entered = self.backbone.enter(torch.from_numpy(units.tokens_without(self.number, whole)))
        with torch.no_grad():
            self.embedded = self.backbone.run(entered, 0, 1)
        end, self.start = self.embedded.values[0], self.embedded.values[1]
        self.difference = end - self.start

    def features(self, points: Tensor) -> Tensor:
        """All stages after the first."""
        n = len(points)
        mask = None if self.embedded.mask is None else self.embedded.mask[:1].expand(n, -1)
        extras = {name: _repeated(value, n) for name, value in self.embedded.extras.items()}
        boundary = replace(self.embedded, values=points, mask=mask, extras=extras)
        return self.backbone.run(boundary, 1, len(self.backbone.stages)).values

    def per_unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Summed over the channels and tokens of each word."""
        word_of = self.units.word_of[self.number]
        there = word_of >= 0
        summed = np.bincount(word_of[there], values.sum(1)[there], minlength=self.units.shape[0])
        return np.asarray(summed, np.float64)


def _repeated(value: Any, n: int) -> Any:
    return value[:1].expand(n, *value.shape[1:]) if isinstance(value, Tensor) else value


def _build(asked: tuple[Network, TextUnits]) -> TextPath:
    return TextPath(*asked)


PLUGIN = Plugin(build=_build, modality="text")
