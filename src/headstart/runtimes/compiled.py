"""PyTorch through torch.compile: fused kernels for tens of seconds of compiling, so for many pictures only."""

from __future__ import annotations

import shutil
import warnings
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


class CompiledConfig(Config):
    """The precision."""

    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="Precision of the arithmetic; bfloat16 by autocast."
    )


class Compiled(TorchRuntime):
    """Compiles a channels-last copy with the default backend of torch.compile, which needs a C++ compiler."""

    modalities = frozenset({"image"})  # texts and recordings have many lengths, and each would be compiled

    def __init__(self, config: CompiledConfig) -> None:
        super().__init__(config)
        self.prior = Prior(speed=2.1 if config.precision == "float32" else 3.0, setup_seconds=15.0)

    def version(self) -> str:
        """PyTorch's version; BackendError without a C++ compiler or where bfloat16 would be emulated."""
        if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
            raise BackendError("compiled needs a C++ compiler on the PATH; there is none.")
        if self.precision == "bfloat16" and not computes_bfloat16():
            raise BackendError("compiled in bfloat16 needs a processor that multiplies it itself; this one does not.")
        return super().version()

    def function(self, module: Slice, example: Callable[[], Tensor]) -> Callable[[Tensor], Tensor]:
        """The module compiled for the shape of ``example`` and run once."""
        import torch

        def run(values: Tensor) -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
                outputs: Tensor = compiled(values)
            return outputs

        with warnings.catch_warnings(), torch.inference_mode():
            # The compiler's own modules use parts of PyTorch that PyTorch calls deprecated.
            warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.")
            try:
                compiled = torch.compile(module, dynamic=False)
                run(example())
            except Exception as error:  # the compiler's own errors have no common base
                raise BackendError(f"torch.compile cannot compile this backbone: {error}") from error
        return run


PLUGIN = Plugin(build=Compiled, config=CompiledConfig)
