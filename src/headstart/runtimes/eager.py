"""PyTorch as written, in float32: the reference that every other runtime is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Compute, Prior, fixed_batch
from headstart.runtimes.installed import torch_version

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


class EagerConfig(Config):
    """Nothing to set."""

    precision: Literal["float32"] = Field("float32", description="Precision of the arithmetic.")


class Eager:
    """Runs the module itself; shares its weights."""

    device = "cpu"
    prior = Prior(speed=1.0, setup_seconds=0.1)

    def __init__(self, config: EagerConfig) -> None:
        self.precision = config.precision

    def version(self) -> str:
        """PyTorch's version."""
        return f"torch {torch_version()}"

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """The slice as it is; sets PyTorch's number of threads for the process."""
        import torch

        from headstart.runtimes.torch_slice import Slice, input_dtype, on_arrays

        torch.set_num_threads(threads)
        return fixed_batch(on_arrays(Slice(backbone, start, stop)), batch_size, input_dtype(start))


PLUGIN = Plugin(build=Eager, config=EagerConfig)
