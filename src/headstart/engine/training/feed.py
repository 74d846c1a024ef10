"""Where batches come from: kept activations at the boundary, or raw views prepared on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.core.errors import DataError
from headstart.core.learning import Ints
from headstart.core.modality import Array, Preparer
from headstart.core.preprocessing.text import PAD
from headstart.core.progress import Progress
from headstart.engine.activations.address import Kept, Space, network_space
from headstart.engine.activations.segment import from_stored, to_stored
from headstart.engine.activations.store import Store
from headstart.engine.feature_pass import Extraction, run_pass
from headstart.runtimes.settled import RuntimeChoice

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.data.inputs import Inputs

KEPT: Kept = "bfloat16"  # the prefix computes in it anyway where it is fast; half the disk of float32


class Feed(Protocol):
    """Packed boundaries of rows, of one view at a time."""

    def ensure(self, stage: int, view: int, rows: Ints) -> None:
        """Have ``(n,)`` rows ready: compute and keep what will be read, where anything is kept."""

    def read(self, stage: int, view: int, rows: Ints) -> Tensor:
        """``(B, ...)`` packed boundary ``stage``, padded to the longest; a prepared batch at stage 0."""


@dataclass(frozen=True)
class Origin:
    """What boundaries are computed from.

    Attributes:
        backbone: With its pretrained weights, in eval mode; never trained.
        runtime: What computes frozen prefixes.
        inputs: N encoded inputs.
        keys: ``(N, 32)``.
        preparer_of: The preparer of a view.
        augmentation: Its settings; None: there is only view 0.
        cache: Folder of graphs.
        threads: That prepare.
    """

    backbone: Backbone
    runtime: RuntimeChoice
    inputs: Inputs
    keys: NDArray[np.uint8]
    preparer_of: Callable[[int], Preparer]
    augmentation: Mapping[str, Any] | None
    cache: Path
    threads: int

    @cached_property
    def _prefixes(self) -> dict[int, Callable[[Array], NDArray[np.float32]]]:
        return {}

    def prefix(self, stage: int) -> Callable[[Array], NDArray[np.float32]]:
        """``stages[:stage]`` as a function of prepared batches, made once."""
        if stage not in self._prefixes:
            self._prefixes[stage] = self.runtime.prepare(self.backbone, 0, stage, self.cache)
        return self._prefixes[stage]

    @property
    def is_ragged(self) -> bool:
        """Whether rows have different lengths between stages."""
        return self.backbone.variable_axis is not None


class KeptFeed:
    """Boundaries kept in the store: what is missing is computed once, in a pass per view."""

    def __init__(self, origin: Origin, store: Store) -> None:
        self.origin = origin
        self.store = store
        self._raw = RawFeed(origin)
        self._spaces: dict[tuple[int, int], Space] = {}
        self._digests: dict[int, str] = {}

    def space(self, stage: int, view: int) -> Space:
        """Where a view's boundary is kept."""
        origin = self.origin
        if (stage, view) not in self._spaces:
            if stage not in self._digests:
                self._digests[stage] = origin.backbone.weights_digest(stage)
            self._spaces[stage, view] = network_space(
                name=origin.backbone.name,
                weights_digest=self._digests[stage],
                stage=stage,
                preparer_address=origin.preparer_of(view).address(),
                runtime=origin.runtime.address(),
                view=view,
                augmentation=origin.augmentation if view else None,
                dtype=KEPT,
                ragged=origin.is_ragged and stage < len(origin.backbone.stages),
            )
        return self._spaces[stage, view]

    def missing(self, stage: int, view: int, rows: Ints) -> NDArray[np.bool_]:
        """``(N,)`` over all inputs: which of ``rows`` are not kept."""
        wanted = np.zeros(len(self.origin.keys), bool)
        wanted[rows] = self.store.missing(self.space(stage, view), self.origin.keys[rows])
        return wanted

    def ensure(self, stage: int, view: int, rows: Ints, progress: Progress | None = None) -> None:
        """Compute and keep what is missing of ``(n,)`` rows of a view; at stage 0 nothing is kept.

        Raises:
            DataError: an input can no longer be prepared.
        """
        if stage == 0:
            return
        wanted = self.missing(stage, view, rows)
        if not wanted.any():
            return
        shape = None if self.space(stage, view).is_ragged else self.row_shape(stage, int(rows[0]))
        origin = self.origin
        extraction = Extraction(f"boundary {stage}", self.space(stage, view), shape, origin.prefix(stage), wanted)
        result = run_pass(
            origin.inputs, origin.keys, origin.preparer_of(view), [extraction], self.store,
            workers=origin.threads, batch_size=origin.runtime.batch_size, progress=progress,
        )  # fmt: skip
        if result.failures:
            row, reason = next(iter(result.failures.items()))
            raise DataError(f"input {row} could be prepared before and cannot be now: {reason}. Begin a new run.")

    def numbers_per_row(self, stage: int, row: int) -> int:
        """About how many numbers a row of a boundary has."""
        return int(np.prod(self.row_shape(stage, row)))

    def row_shape(self, stage: int, row: int) -> tuple[int, ...]:
        """Of one row, by computing it."""
        origin = self.origin
        prepared = origin.preparer_of(0).prepare(origin.inputs.read(row))
        return origin.prefix(stage)(prepared[None]).shape[1:]

    def read(self, stage: int, view: int, rows: Ints) -> Tensor:
        """From the store; prepared inputs are prepared now."""
        if stage == 0:
            return self._raw.read(0, view, rows)
        space, keys = self.space(stage, view), self.origin.keys[rows]
        if space.is_ragged:
            return torch.from_numpy(stacked(self.store.read_each(space, keys), stage))
        return torch.from_numpy(self.store.read(space, keys))


class RawFeed:
    """Views prepared when they are asked for, and sent through the frozen prefix; nothing is kept.

    Values are rounded as kept ones are, so that both ways train on the same numbers.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._pool = ThreadPoolExecutor(max(1, origin.threads), thread_name_prefix="view")

    def ensure(self, stage: int, view: int, rows: Ints) -> None:
        """Nothing is kept."""

    def read(self, stage: int, view: int, rows: Ints) -> Tensor:
        """Prepared now."""
        origin, preparer = self.origin, self.origin.preparer_of(view)
        arrays = list(self._pool.map(lambda row: preparer.prepare(origin.inputs.read(int(row))), rows))
        if stage == 0:
            return torch.from_numpy(stacked(arrays, 0))
        outputs: list[Any] = [None] * len(arrays)
        for places in by_shape(arrays):
            values = origin.prefix(stage)(np.stack([arrays[place] for place in places]))
            for place, value in zip(places, from_stored(to_stored(values, KEPT), KEPT), strict=True):
                outputs[place] = value
        return torch.from_numpy(stacked(outputs, stage))


def by_shape(arrays: list[Array]) -> list[list[int]]:
    """Places of arrays of equal shape."""
    found: dict[tuple[int, ...], list[int]] = {}
    for place, array in enumerate(arrays):
        found.setdefault(array.shape, []).append(place)
    return list(found.values())


def stacked(arrays: list[Array], stage: int) -> Array:
    """``(B, ...)`` of rows that may differ in their first axis: padded as boundaries are, in-band.

    Packed boundaries and waveforms are padded with NaN, token numbers with PAD.
    """
    longest = max(len(array) for array in arrays)
    if all(len(array) == longest for array in arrays):
        return np.stack(arrays)
    filling = np.nan if np.issubdtype(arrays[0].dtype, np.floating) else PAD
    out = np.full((len(arrays), longest, *arrays[0].shape[1:]), filling, arrays[0].dtype)
    for row, array in zip(out, arrays, strict=True):
        row[: len(array)] = array
    return out
