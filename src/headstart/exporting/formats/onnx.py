"""ONNX: one file for ONNX Runtime, in Python, C++, C#, Java, JavaScript, and for what else reads ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.exporting.exportable import Exportable
from headstart.exporting.facts import metadata_of
from headstart.exporting.model_graph import whole_graph
from headstart.runtimes.onnx_graph import OPSET


class Onnx:
    """See ``contract.Format``."""

    file = "model.onnx"
    running = "run_onnx"
    packages = ("onnxruntime",)
    needs = ()
    browser = True
    fixed = False

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, model: Exportable) -> None:
        """The runtime is there: the gate needs it."""
        from headstart.runtimes.without_telemetry import import_onnxruntime

        import_onnxruntime()

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """The whole graph, with the facts as its metadata."""
        found = {"opset": OPSET}
        (folder / self.file).write_bytes(whole_graph(model, metadata_of({**facts, **found})))
        return found


PLUGIN = Plugin(build=Onnx, extra="onnx")
