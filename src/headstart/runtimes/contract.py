"""What a runtime offers: a slice of stages in, a function from arrays to arrays out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.plugins import load

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

Array = NDArray[Any]
Compute = Callable[[Array], NDArray[np.float32]]  # a prepared batch, or a packed boundary, to (B, ...)
# "int8": the graph itself is quantized, so no runtime offers it for any network; see compression/quantizing.py.
Precision = Literal["float32", "bfloat16", "float16", "int8"]
ALL = frozenset({"image", "text", "sound"})
DEFAULT_BATCH_SIZE = 32  # a plateau of every backend measured; a fixed one, since other sizes give other bits
# Of waveforms, in one batch: 131 s at 16 kHz. 32 recordings of 30 s would take GiB in the first layers of a network.
MOST_SAMPLES = 1 << 21
# Of sequences (texts), in one batch. Long ones are rare, so their last batch is mostly filling: with fewer rows 2.6 %
# less is computed on banking77, and a processor is as fast on 1,024 positions as on more.
MOST_POSITIONS = 1 << 10
FEWEST_SEQUENCES = 8


@dataclass(frozen=True)
class Prior:
    """What to expect of a runtime before it is measured.

    Attributes:
        speed: Inputs per second relative to eager float32, on the high side; measured on convolutional networks
            for pictures.
        setup_seconds: Compiling, loading and warming up, the ONNX export not counted.
        needs_graph: Whether it reads the ONNX graph.
        speeds: By modality, where another was measured (texts with MiniLM, recordings with the speech embedding).
    """

    speed: float
    setup_seconds: float
    needs_graph: bool = False
    speeds: Mapping[str, float] = field(default_factory=dict)

    def speed_of(self, modality: str) -> float:
        """For inputs of a modality."""
        return self.speeds.get(modality, self.speed)


class Runtime(Protocol):
    """One backend at one precision. Building it is free; its packages are imported by the methods."""

    @property
    def precision(self) -> Precision:
        """The precision of the arithmetic; outputs are float32 always."""

    @property
    def device(self) -> str:
        """Where it computes: "cpu" or "cuda"."""

    @property
    def modalities(self) -> frozenset[str]:
        """What it is meant for, usually ALL; it is not a candidate for others."""

    @property
    def prior(self) -> Prior:
        """What to expect of it."""

    def version(self) -> str:
        """Versions that decide its bits, for the address of what it computes.

        Raises:
            MissingExtraError: its package is not installed.
            BackendError: this machine cannot run it; the message says why.
        """

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """Make ``stages[start:stop]`` runnable.

        Returns:
            A function of any number of rows of one shape, called with one shape after another; see
            :func:`fixed_batch`. At ``start == 0`` it takes prepared batches (uint8 pixels, tokens, waveforms), else
            packed boundaries.

        Raises:
            MissingExtraError: its package is not installed.
            BackendError: the slice cannot be run by this backend.
        """


def runtime(name: str, precision: str) -> Runtime:
    """The runtime of a plugin file at one precision; raises ConfigError for unknown names and precisions."""
    plugin = load("runtimes", name)
    built: Runtime = plugin.build(plugin.config.parse({"precision": precision}, f"runtime {name}"))
    return built


def precisions(name: str) -> tuple[str, ...]:
    """The precisions that a plugin file offers, in its order."""
    return get_args(load("runtimes", name).config.model_fields["precision"].annotation)


def input_dtype(backbone: Backbone, start: int) -> type[np.generic]:
    """Of prepared batches at ``start == 0``, else float32."""
    return backbone.example(1).dtype.type if start == 0 else np.float32


def rows_at_once(batch_size: int, row_shape: tuple[int, ...]) -> int:
    """``batch_size``, or a power of two below it for long waveforms ``(S,)`` and sequences ``(T, ...)``.

    It follows from the shape alone: with another number of rows at once, a row's bits may be others.
    """
    if len(row_shape) > 2:
        return batch_size
    if len(row_shape) == 1:
        fitting = max(1, MOST_SAMPLES // max(1, row_shape[0]))
    else:
        fitting = max(FEWEST_SEQUENCES, MOST_POSITIONS // max(1, row_shape[0]))
    return batch_size if fitting >= batch_size else int(1 << (fitting.bit_length() - 1))


def fixed_batch(run: Callable[[Array], Array], batch_size: int, dtype: type[np.generic]) -> Compute:
    """A function of any number of rows ``(B, ...)`` from one that takes exactly as many as :func:`rows_at_once` says.

    The last batch is filled by repeating a row, and the filling's outputs are dropped: a row's bits do not depend on
    the rows beside it, and no row of nothing but padding is ever computed.
    """
    return _in_batches(run, lambda rows, shape: rows_at_once(batch_size, shape), dtype)


def stepped_batch(run: Callable[[Array], Array], sizes: Sequence[int], dtype: type[np.generic]) -> Compute:
    """The same, from one that takes any of ``sizes`` rows: the largest that is filled, so that none is wasted.

    Where even the smallest is not, it is filled by repeating a row. The bits of a row may follow the size that it was
    computed in, where the backend's do; they differ in the last places of float32.

    >>> lone = stepped_batch(lambda rows: np.full((len(rows), 1), len(rows), np.float32), (1, 4), np.uint8)
    >>> [lone(np.zeros((n, 2), np.uint8)).ravel().tolist() for n in (1, 2, 5)]
    [[1.0], [1.0, 1.0], [4.0, 4.0, 4.0, 4.0, 1.0]]
    """
    ascending = sorted(sizes)

    def fitting(rows: int, shape: tuple[int, ...]) -> int:
        size = max((size for size in ascending if size <= rows), default=ascending[0])
        return rows_at_once(size, shape)

    return _in_batches(run, fitting, dtype)


def _in_batches(
    run: Callable[[Array], Array], size_of: Callable[[int, tuple[int, ...]], int], dtype: type[np.generic]
) -> Compute:
    """``size_of`` says from the rows that are left, and the shape of one, how many are computed at once."""

    def compute(values: Array) -> NDArray[np.float32]:
        if values.dtype != dtype or values.ndim < 2:
            raise ShapeError(
                f"a batch must be {np.dtype(dtype).name} of shape (B, ...); got {values.dtype} of {values.shape}."
            )
        parts: list[NDArray[np.float32]] = []
        low = 0
        while low < len(values):
            size = size_of(len(values) - low, values.shape[1:])
            parts.append(_filled(run, values[low : low + size], size))
            low += size
        if not parts:  # the shape of an output is known only by running a row
            return _filled(run, np.zeros((1, *values.shape[1:]), values.dtype), size_of(1, values.shape[1:]))[:0]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    return compute


def _filled(run: Callable[[Array], Array], rows: Array, size: int) -> Array:
    filling = np.broadcast_to(rows[-1], (size - len(rows), *rows.shape[1:]))
    batch = rows if len(rows) == size else np.concatenate([rows, filling])
    return run(np.ascontiguousarray(batch))[: len(rows)]
