"""PyTorch through torch.compile: fused kernels for tens of seconds of compiling, so for many inputs only."""

from __future__ import annotations

import shutil
import warnings
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


class CompiledConfig(Config):
    """The precision."""

    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="Precision of the arithmetic; bfloat16 by autocast."
    )


class Compiled:
    """Compiles a channels-last copy with the default backend of torch.compile, which needs a C++ compiler."""

    device = "cpu"

    def __init__(self, config: CompiledConfig) -> None:
        self.precision = config.precision
        self.prior = Prior(speed=2.1 if config.precision == "float32" else 3.0, setup_seconds=15.0)

    def version(self) -> str:
        """PyTorch's version; BackendError without a C++ compiler or where bfloat16 would be emulated."""
        if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
            raise BackendError("compiled needs a C++ compiler on the PATH; there is none.")
        if self.precision == "bfloat16" and not computes_bfloat16():
            raise BackendError("compiled in bfloat16 needs a processor that multiplies it itself; this one does not.")
        return f"torch {torch_version()}"

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """Compile for ``batch_size`` rows and run once; sets PyTorch's number of threads for the process."""
        import torch

        from headstart.runtimes.torch_slice import channels_last_copy, example_input, input_dtype, on_arrays

        self.version()
        torch.set_num_threads(threads)
        module = channels_last_copy(backbone, start, stop)

        def run(values: Tensor) -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
                outputs: Tensor = compiled(values)
            return outputs

        on_values = on_arrays(run)
        with warnings.catch_warnings():
            # The compiler's own modules use parts of PyTorch that PyTorch calls deprecated.
            warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.")
            try:
                compiled = torch.compile(module, dynamic=False)
                on_values(example_input(backbone, start, batch_size).numpy())
            except Exception as error:  # the compiler's own errors have no common base
                raise BackendError(f"torch.compile cannot compile this backbone: {error}") from error
        return fixed_batch(on_values, batch_size, input_dtype(start))


PLUGIN = Plugin(build=Compiled, config=CompiledConfig)
