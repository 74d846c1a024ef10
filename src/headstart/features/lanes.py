"""All inputs that one network sees, in a row: the parts of its modality, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.data.inputs import Inputs
    from headstart.features.networks import Network, Networks


@dataclass(frozen=True)
class Lane:
    """P parts of N examples, seen by one network as P x N inputs.

    Attributes:
        network: Sees them.
        numbers: Of the parts, within ``dataset.parts``.
        dataset: The examples.
    """

    network: Network
    numbers: tuple[int, ...]
    dataset: Dataset

    @property
    def modality(self) -> str:
        """Of all its parts."""
        return self.network.card.modality

    @cached_property
    def inputs(self) -> Inputs:
        """The parts' inputs, joined."""
        from headstart.data.inputs import Joined

        first, *others = (self.dataset.parts[number].inputs for number in self.numbers)
        for other in others:
            first = Joined(first, other)
        return first

    @cached_property
    def keys(self) -> NDArray[np.uint8]:
        """``(P x N, 32)`` uint8."""
        return np.concatenate([self.dataset.parts[number].keys for number in self.numbers])

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """``(P x N, M)``."""
        return np.concatenate([self.dataset.parts[number].sizes for number in self.numbers])

    def examples(self, failures: dict[int, str]) -> dict[int, str]:
        """Reasons by example, from reasons by input."""
        return {row % len(self.dataset): reason for row, reason in sorted(failures.items(), reverse=True)}

    def sample(self, count: int) -> list[bytes]:
        """Contents of about ``count`` inputs, evenly spread; those that cannot be read are left out."""
        from headstart.core.errors import DataError

        found = []
        for row in np.unique(np.linspace(0, len(self.keys) - 1, min(count, len(self.keys))).astype(np.int64)):
            try:
                found.append(self.inputs.read(int(row)))
            except (DataError, OSError):
                continue
        return found


def lanes_of(dataset: Dataset, networks: Networks) -> list[Lane]:
    """One lane per network."""
    return [
        Lane(network, tuple(i for i, part in enumerate(dataset.parts) if part.modality == modality), dataset)
        for modality, network in networks.items()
    ]
