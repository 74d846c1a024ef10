"""PyTorch on an NVIDIA GPU; pictures channels-last."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Prior
from headstart.runtimes.installed import torch_version
from headstart.runtimes.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.runtimes.torch_slice import Slice


class CudaConfig(Config):
    """The precision."""

    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Precision of the arithmetic; the shorter ones by autocast."
    )


class Cuda(TorchRuntime):
    """Runs a copy on the current CUDA device; ``threads`` has no meaning there."""

    device = "cuda"

    def __init__(self, config: CudaConfig) -> None:
        super().__init__(config)
        # Of eager on a processor; starting the driver and the first kernels takes the seconds.
        self.prior = Prior(speed=40.0 if config.precision == "float32" else 60.0, setup_seconds=4.0)

    def version(self) -> str:
        """Versions of PyTorch and CUDA and the device's name; BackendError without a device."""
        if torch_version().endswith("+cpu"):
            raise BackendError("cuda needs a PyTorch that was built for it; this one was built for processors alone.")
        import torch

        if not torch.cuda.is_available():
            raise BackendError("cuda needs an NVIDIA GPU that PyTorch can use; torch.cuda.is_available() is False.")
        return f"torch {torch.__version__} cuda {torch.version.cuda} {torch.cuda.get_device_name()}"

    def module(self, backbone: Backbone, start: int, stop: int) -> Slice:
        """A copy on the device."""
        return super().module(backbone, start, stop).to("cuda")

    def function(self, module: Slice, example: Callable[[], Tensor]) -> Callable[[Tensor], Tensor]:
        """The module, ``(B, ...)`` to ``(B, ...)``, under autocast for the shorter precisions."""
        import torch

        dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[self.precision]

        def run(values: Tensor) -> Tensor:
            with torch.autocast("cuda", dtype=dtype, enabled=dtype != torch.float32):
                outputs: Tensor = module(values)
            return outputs

        return run


PLUGIN = Plugin(build=Cuda, config=CudaConfig)
