"""ExecuTorch: one .pte file for PyTorch's runtime on phones and small devices, in C++, Kotlin, Java and Swift."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.exporting.converters import quiet, refused, require_packages
from headstart.exporting.exportable import Exportable
from headstart.exporting.reader import PARTS
from headstart.exporting.reference import require_reference

IN_CPP = "run.cpp"


class ExecuTorch:
    """See ``contract.Format``. What XNNPACK computes is left to it, the rest to the portable operators.

    Its runtime in Python is given tensors of PyTorch, so the gate's process has PyTorch (github.com/pytorch/executorch
    issue 22971 is about that); in C++ it needs none, as ``parts/run.cpp`` shows.
    """

    file = "model.pte"
    running = "run_executorch"
    packages = ("executorch", "torch")
    needs = ("torch",)
    browser = False
    fixed = True

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, model: Exportable) -> None:
        """Converter and runtime are there."""
        require_packages({"executorch": "executorch"}, "executorch")
        require_reference(model)

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """A method for each entry, which share their weights, and a program that runs it without Python."""
        from headstart.exporting.torch_program import fixed_module, recorded

        whole, examples = fixed_module(model)
        programs = {entry: recorded(whole, example) for entry, example in examples.items()}
        try:
            with quiet():
                from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
                from executorch.exir import to_edge_transform_and_lower

                lowered = to_edge_transform_and_lower(programs, partitioner=[XnnpackPartitioner()]).to_executorch()
        except Exception as error:  # it raises anything
            raise refused("executorch", error) from error
        with (folder / self.file).open("wb") as file:
            lowered.write_to_file(file)
        program = files(PARTS).joinpath(IN_CPP).read_text(encoding="utf-8")
        (folder / IN_CPP).write_text(program, encoding="utf-8")
        return {"executorch": version("executorch")}


PLUGIN = Plugin(build=ExecuTorch, extra="executorch")
