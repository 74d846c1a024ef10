"""PyTorch with bfloat16 autocast and channels-last, where the processor multiplies bfloat16 itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Compute, Prior, fixed_batch
from headstart.runtimes.installed import torch_version
from headstart.runtimes.machine import computes_bfloat16

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone


class Bf16Config(Config):
    """Nothing to set."""

    precision: Literal["bfloat16"] = Field("bfloat16", description="Precision of convolutions and products.")


class Bf16:
    """Runs a channels-last copy under autocast: products in bfloat16, the rest in float32."""

    device = "cpu"
    prior = Prior(speed=2.5, setup_seconds=0.25)

    def __init__(self, config: Bf16Config) -> None:
        self.precision = config.precision

    def version(self) -> str:
        """PyTorch's version; BackendError where bfloat16 would be emulated."""
        if not computes_bfloat16():
            raise BackendError("bf16 needs a processor that multiplies bfloat16 itself; this one does not.")
        return f"torch {torch_version()}"

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """A channels-last copy under autocast; sets PyTorch's number of threads for the process."""
        import torch

        from headstart.runtimes.torch_slice import channels_last_copy, input_dtype, on_arrays

        self.version()
        torch.set_num_threads(threads)
        module = channels_last_copy(backbone, start, stop)

        def under_autocast(values: Tensor) -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                outputs: Tensor = module(values)
            return outputs

        return fixed_batch(on_arrays(under_autocast), batch_size, input_dtype(start))


PLUGIN = Plugin(build=Bf16, config=Bf16Config)
