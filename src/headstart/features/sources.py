"""What a candidate learns from: the features of examples, put side by side from networks and fitted backbones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.pairs import Matrix, Stretch, combined

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.features.networks import Network

Lookup = Callable[["Dataset", int], NDArray[np.float32]]  # features (N, D) of one part


class Source(Protocol):
    """Features of one backbone."""

    @property
    def name(self) -> str:
        """The backbone's name."""

    def stretches(self, examples: Dataset) -> list[Stretch]:
        """Features ``(N, D)`` of each part it sees."""


@dataclass(frozen=True, eq=False)
class PretrainedSource:
    """A network's features of the parts it sees, side by side.

    Attributes:
        numbers: Of the parts.
        space: Where features are kept; read with ``store``.
    """

    network: Network
    numbers: tuple[int, ...]
    space: Space
    store: Store

    @property
    def name(self) -> str:
        """The network's title."""
        return self.network.title

    def stretches(self, examples: Dataset, lookup: Lookup | None = None) -> list[Stretch]:
        """One for each of its parts; ``lookup`` replaces the store, for features of another runtime."""
        found = lookup or self._kept
        return [(number, found(examples, number)) for number in self.numbers]

    def _kept(self, examples: Dataset, number: int) -> NDArray[np.float32]:
        return self.store.read(self.space, examples.parts[number].keys)


@dataclass(frozen=True, eq=False)
class FittedSource:
    """A fitted backbone's features of one part or of the plain columns.

    Attributes:
        code: The plugin's object.
        part: Number of the part; None: the plain columns.
        arrays: What it learned from the training inputs.
        space: Of its descriptors, where they are kept.
    """

    name: str
    code: Any
    part: int | None
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    space: Space | None = None
    store: Store | None = None

    def raw(self, examples: Dataset) -> Any:
        """What the code takes: descriptors, contents, or the table."""
        if self.part is None:
            return examples.table
        part = examples.parts[self.part]
        if self.space is not None and self.store is not None:
            return self.store.read(self.space, part.keys)
        return [part.inputs.read(row) for row in range(len(part))]

    def stretches(self, examples: Dataset) -> list[Stretch]:
        """One, possibly sparse."""
        return [(self.part, self.code.transform(self.arrays, self.raw(examples)))]


def joined(sources: Sequence[Source], examples: Dataset) -> Matrix:
    """``(N, D)`` float32 features of all sources side by side, sparse as soon as one source's are."""
    return combined([one for source in sources for one in source.stretches(examples)], examples.schema)
