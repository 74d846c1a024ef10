"""What the runtimes within PyTorch share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from headstart.runtimes.contract import ALL, Compute, Precision, Prior, fixed_batch, input_dtype
from headstart.runtimes.installed import torch_version

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.runtimes.torch_slice import Slice


class HasPrecision(Protocol):
    """A runtime's config."""

    @property
    def precision(self) -> Precision:
        """Precision of the arithmetic."""


class TorchRuntime:
    """Runs a slice of stages as a PyTorch module; a file overrides how it is laid out and made a function."""

    device: str = "cpu"
    modalities: ClassVar[frozenset[str]] = ALL
    prior: Prior

    def __init__(self, config: HasPrecision) -> None:
        self.precision: Precision = config.precision

    def version(self) -> str:
        """PyTorch's version."""
        return f"torch {torch_version()}"

    def module(self, backbone: Backbone, start: int, stop: int) -> Slice:
        """The slice; unless overridden a copy with weights of its own, laid out for speed."""
        from headstart.runtimes.torch_slice import fast_copy

        return fast_copy(backbone, start, stop)

    def function(self, module: Slice, example: Callable[[], Tensor]) -> Callable[[Tensor], Tensor]:
        """How the module is called, ``(B, ...)`` to ``(B, ...)``; ``example`` gives a batch as they will be."""
        return module

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """See :class:`headstart.runtimes.contract.Runtime`; sets PyTorch's number of threads for the process."""
        import torch

        from headstart.runtimes.torch_slice import example_input, on_arrays

        self.version()
        if self.device == "cpu":
            torch.set_num_threads(threads)
        example = partial(example_input, backbone, start, batch_size)
        function = self.function(self.module(backbone, start, stop), example)
        return fixed_batch(on_arrays(function, self.device), batch_size, input_dtype(backbone, start))
