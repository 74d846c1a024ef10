"""What a runtime offers: a slice of stages in, a function from arrays to arrays out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.plugins import load

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

Array = NDArray[Any]
Compute = Callable[[Array], NDArray[np.float32]]  # (B, H, W, 3) uint8, or values of a later boundary, to (B, ...)
Precision = Literal["float32", "bfloat16", "float16"]
DEFAULT_BATCH_SIZE = 32  # a plateau of every backend measured; a fixed one, since other sizes give other bits


@dataclass(frozen=True)
class Prior:
    """What to expect of a runtime before it is measured.

    Attributes:
        speed: Images per second relative to eager float32, measured on convolutional networks, on the high side.
        setup_seconds: Compiling, loading and warming up, the ONNX export not counted.
        needs_graph: Whether it reads the ONNX graph.
    """

    speed: float
    setup_seconds: float
    needs_graph: bool = False


class Runtime(Protocol):
    """One backend at one precision. Building it is free; its packages are imported by the methods."""

    @property
    def precision(self) -> Precision:
        """The precision of the arithmetic; outputs are float32 always."""

    @property
    def device(self) -> str:
        """Where it computes: "cpu" or "cuda"."""

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
            A function of any number of rows; it computes them ``batch_size`` at a time and fills the last batch, so
            that a row's bits do not depend on the rows beside it. At ``start == 0`` it takes uint8 ``(B, H, W, 3)``
            pixels and normalises them inside.

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


def fixed_batch(run: Callable[[Array], Array], batch_size: int, dtype: type[np.generic]) -> Compute:
    """A function of any number of rows from one that takes exactly ``batch_size`` of them.

    The last batch is filled with zeros and the filling's outputs are dropped.
    """

    def compute(values: Array) -> NDArray[np.float32]:
        if values.dtype != dtype or values.ndim < 2:
            raise ShapeError(
                f"a batch must be {np.dtype(dtype).name} of shape (B, ...); got {values.dtype} of {values.shape}."
            )
        parts = [_filled(run, values[low : low + batch_size], batch_size) for low in range(0, len(values), batch_size)]
        if not parts:  # the shape of a row is known only by running one
            return _filled(run, values, batch_size)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    return compute


def _filled(run: Callable[[Array], Array], rows: Array, batch_size: int) -> Array:
    if len(rows) == batch_size:
        return run(np.ascontiguousarray(rows))
    batch = np.zeros((batch_size, *rows.shape[1:]), rows.dtype)
    batch[: len(rows)] = rows
    return run(batch)[: len(rows)]
