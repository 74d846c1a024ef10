"""What every corruption promises, and inputs that are corrupted when they are read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from headstart.core import plugins
from headstart.core.seeding import generator
from headstart.data.inputs import Inputs

ROOM = "data.corruptions"


class Corruption(Protocol):
    """One way in which inputs get worse, at several strengths.

    Attributes:
        strengths: From weak to strong, in ``unit``; each is something that is met in use.
        unit: Of the strengths, for people: "% of letters".
    """

    strengths: tuple[float, ...]
    unit: str

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """The input's bytes, worse; of a form that its modality reads.

        Raises:
            DataError: the content cannot be read; the message is the reason.
        """


@dataclass(frozen=True)
class Corrupted:
    """Inputs that get worse when they are read; the same bytes get worse in the same way each time."""

    inputs: Inputs
    corruption: Corruption
    strength: float
    name_of: str
    seed: int = 0

    def __len__(self) -> int:
        return len(self.inputs)

    def read(self, i: int) -> bytes:
        """The corrupted bytes of input ``i``; raises what reading and decoding it raise."""
        content = self.inputs.read(i)
        rng = generator(self.seed, self.name_of, hashlib.sha256(content).hexdigest())
        return self.corruption.corrupt(content, self.strength, rng)

    def name(self, i: int) -> str:
        """Of the input itself."""
        return self.inputs.name(i)


def corruptions_of(modality: str) -> dict[str, Corruption]:
    """All corruptions of "image", "text" or "sound" by name."""
    found = {name: plugins.load(ROOM, name) for name in plugins.names(ROOM)}
    return {name: plugin.build(plugin.config()) for name, plugin in found.items() if plugin.modality == modality}
