"""LiteRT: one .tflite file for Google's runtime on phones and small devices, in Kotlin, Java, Swift, C++ and Python."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.exporting.converters import quiet, refused, require_packages
from headstart.exporting.exportable import Exportable
from headstart.exporting.reference import require_reference


class LiteRt:
    """See ``contract.Format``."""

    file = "model.tflite"
    running = "run_litert"
    packages = ("ai-edge-litert",)
    needs = ()
    browser = False
    fixed = True

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, model: Exportable) -> None:
        """Converter and runtime are there."""
        require_packages({"litert_torch": "litert-torch", "ai_edge_litert": "ai-edge-litert"}, "litert")
        require_reference(model)

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """A signature for each entry; they share their weights."""
        from headstart.exporting.torch_program import fixed_module, recorded

        whole, examples = fixed_module(model)
        modules = {entry: recorded(whole, example).module() for entry, example in examples.items()}
        try:
            with quiet():
                from litert_torch import Converter

                converter = Converter()
                for entry, module in modules.items():
                    converter.signature(entry, module, examples[entry])
                converter.convert(strict_export=False).export(str(folder / self.file))
        except Exception as error:  # it raises anything
            raise refused("litert-torch", error) from error
        return {"litert_torch": version("litert-torch")}


PLUGIN = Plugin(build=LiteRt, extra="litert")
