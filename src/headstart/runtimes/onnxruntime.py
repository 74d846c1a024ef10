"""ONNX Runtime in float32, on the exported graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import ALL, Array, Compute, Prior, fixed_batch, input_dtype
from headstart.runtimes.installed import extra_version
from headstart.runtimes.onnx_graph import FEATURES, export, input_name
from headstart.runtimes.without_telemetry import import_onnxruntime

if TYPE_CHECKING:
    import numpy as np

    from headstart.backbones.pretrained.backbone import Backbone


def open_session(graph: Path, threads: int) -> Any:
    """An ``InferenceSession`` on the processor with ``threads`` threads; it reports to nobody.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        BackendError: it cannot read the graph.
    """
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors alone
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors are of generated classes without a public base
        raise BackendError(f"onnxruntime cannot read the graph: {error}") from error


class OnnxRuntimeConfig(Config):
    """Nothing to set."""

    precision: Literal["float32"] = Field("float32", description="Precision of the arithmetic.")


class OnnxRuntime:
    """Runs the graph with the processor's provider."""

    device = "cpu"
    modalities = ALL
    prior = Prior(speed=1.7, setup_seconds=0.3, needs_graph=True, speeds={"text": 1.2, "sound": 1.2})

    def __init__(self, config: OnnxRuntimeConfig) -> None:
        self.precision = config.precision

    def version(self) -> str:
        """ONNX Runtime's version."""
        return f"onnxruntime {extra_version('onnxruntime', 'onnx')}"

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """Export (or find) the graph and open a session on it."""
        session = open_session(export(backbone, start, stop, cache_folder), threads)
        name = input_name(backbone, start)

        def run(values: Array) -> NDArray[np.float32]:
            outputs: NDArray[np.float32] = session.run([FEATURES], {name: values})[0]
            return outputs

        return fixed_batch(run, batch_size, input_dtype(backbone, start))


PLUGIN = Plugin(build=OnnxRuntime, config=OnnxRuntimeConfig)
