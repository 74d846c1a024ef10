"""PyTorch on an NVIDIA GPU, channels-last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Compute, Prior, fixed_batch
from headstart.runtimes.installed import torch_version

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone


class CudaConfig(Config):
    """The precision."""

    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Precision of the arithmetic; the shorter ones by autocast."
    )


class Cuda:
    """Runs a channels-last copy on the current CUDA device."""

    device = "cuda"

    def __init__(self, config: CudaConfig) -> None:
        self.precision = config.precision
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

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """A channels-last copy on the device; ``threads`` has no meaning there."""
        import torch

        from headstart.runtimes.torch_slice import channels_last_copy, input_dtype, on_arrays

        self.version()
        module = channels_last_copy(backbone, start, stop).to("cuda")
        dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[self.precision]

        def run(values: Tensor) -> Tensor:
            with torch.autocast("cuda", dtype=dtype, enabled=dtype != torch.float32):
                outputs: Tensor = module(values)
            return outputs

        return fixed_batch(on_arrays(run, "cuda"), batch_size, input_dtype(start))


PLUGIN = Plugin(build=Cuda, config=CudaConfig)
