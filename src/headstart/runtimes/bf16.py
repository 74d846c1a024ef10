"""PyTorch with bfloat16 autocast, where the processor multiplies bfloat16 itself; pictures channels-last."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Prior
from headstart.runtimes.machine import computes_bfloat16
from headstart.runtimes.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.runtimes.torch_slice import Slice


class Bf16Config(Config):
    """Nothing to set."""

    precision: Literal["bfloat16"] = Field("bfloat16", description="Precision of convolutions and products.")


class Bf16(TorchRuntime):
    """Runs a copy under autocast: products in bfloat16, the rest in float32."""

    prior = Prior(speed=2.5, setup_seconds=0.25, speeds={"text": 3.2, "sound": 2.2})

    def version(self) -> str:
        """PyTorch's version; BackendError where bfloat16 would be emulated."""
        if not computes_bfloat16():
            raise BackendError("bf16 needs a processor that multiplies bfloat16 itself; this one does not.")
        return super().version()

    def function(self, module: Slice, example: Callable[[], Tensor]) -> Callable[[Tensor], Tensor]:
        """The module under autocast, ``(B, ...)`` to ``(B, ...)``."""
        import torch

        def under_autocast(values: Tensor) -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                outputs: Tensor = module(values)
            return outputs

        return under_autocast


PLUGIN = Plugin(build=Bf16, config=Bf16Config)
