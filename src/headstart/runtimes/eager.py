"""PyTorch as written, in float32: the reference that every other runtime is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Prior
from headstart.runtimes.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.runtimes.torch_slice import Slice


class EagerConfig(Config):
    """Nothing to set."""

    precision: Literal["float32"] = Field("float32", description="Precision of the arithmetic.")


class Eager(TorchRuntime):
    """Runs the module itself; shares its weights."""

    prior = Prior(speed=1.0, setup_seconds=0.1)

    def module(self, backbone: Backbone, start: int, stop: int) -> Slice:
        """The slice as it is."""
        from headstart.runtimes.torch_slice import Slice

        return Slice(backbone, start, stop)


PLUGIN = Plugin(build=Eager, config=EagerConfig)
