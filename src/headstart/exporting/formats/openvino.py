"""OpenVINO IR: two files (.xml, .bin) for Intel's runtime, in Python, C++, C and JavaScript for Node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.exporting.exportable import Exportable
from headstart.exporting.facts import metadata_of
from headstart.exporting.model_graph import whole_graph
from headstart.runtimes.onnx_graph import OPSET

PLACE = "headstart"  # of the facts among the model's runtime information


class OpenVinoIr:
    """See ``contract.Format``. Weights stay float32: as float16 some steep heads decide otherwise."""

    file = "model.xml"
    running = "run_openvino"
    packages = ("openvino",)
    needs = ()
    browser = False
    fixed = False

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, model: Exportable) -> None:
        """The runtime is there."""
        from headstart.runtimes.without_telemetry import import_openvino

        import_openvino()

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """The same graph as ONNX, converted, without branches.

        With an ``If`` the first picture that OpenVINO 2026.4 saw got wrong probabilities (off by 0.3 to 0.6), the
        following ones right ones.
        """
        from headstart.runtimes.without_telemetry import import_openvino

        openvino = import_openvino()
        found = {"opset": OPSET}
        metadata = metadata_of({**facts, **found})
        content = whole_graph(model, metadata, branches=False)
        try:
            read = openvino.Core().read_model(content)
            for name, value in metadata.items():
                read.set_rt_info(value, [PLACE, name])
            openvino.save_model(read, str(folder / self.file), compress_to_fp16=False)
        except RuntimeError as error:
            raise BackendError(f"openvino cannot convert the graph: {error}") from error
        return found


PLUGIN = Plugin(build=OpenVinoIr, extra="openvino")
