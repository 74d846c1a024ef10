"""PyTorch in float32 with the channels innermost, which the convolutions of a processor prefer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import Prior
from headstart.runtimes.torch_runtime import TorchRuntime


class ChannelsLastConfig(Config):
    """Nothing to set."""

    precision: Literal["float32"] = Field("float32", description="Precision of the arithmetic.")


class ChannelsLast(TorchRuntime):
    """Runs a copy whose weights and maps are laid out channels-last, as pixels arrive."""

    modalities = frozenset({"image"})  # of other inputs it would be eager under another name
    prior = Prior(speed=1.45, setup_seconds=0.15)


PLUGIN = Plugin(build=ChannelsLast, config=ChannelsLastConfig)
