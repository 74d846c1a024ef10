"""OpenVINO on the exported graph, in float32 or bfloat16: the fastest on processors that we measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError
from headstart.core.plugins import Plugin
from headstart.runtimes.contract import ALL, Array, Compute, Precision, Prior, fixed_batch, input_dtype
from headstart.runtimes.installed import extra_version
from headstart.runtimes.machine import computes_bfloat16
from headstart.runtimes.onnx_graph import export
from headstart.runtimes.openvino_core import the_core

if TYPE_CHECKING:
    import numpy as np

    from headstart.backbones.pretrained.backbone import Backbone

NO_BFLOAT16 = "openvino in bfloat16 needs a processor that multiplies it itself; this one does not."


@dataclass(frozen=True)
class Compiled:
    """A compiled graph: called with its one input ``(B, ...)`` it gives its outputs in order.

    Attributes:
        run: That.
        outputs: Names, in that order.
    """

    run: Callable[[Array], list[Array]]
    outputs: tuple[str, ...]

    def __call__(self, values: Array) -> list[Array]:
        """Arrays of their own."""
        return self.run(values)


def compile_graph(graph: Path, precision: Precision, batch_size: int, threads: int) -> Compiled:
    """The graph compiled.

    Pictures come ``batch_size`` at a time; sequences and waveforms in any number and of any length. "int8" is for a
    graph that is quantized: what of it is not computes in bfloat16 where the processor has it, else in float32.

    Raises:
        MissingExtraError: openvino is not installed.
        BackendError: it cannot read or compile the graph, or the processor does not compute in ``precision``.
    """
    core = the_core()
    has_bfloat16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bfloat16" and not has_bfloat16:
        raise BackendError(NO_BFLOAT16)
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if precision != "float32" and has_bfloat16 else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",  # one batch at a time, all threads on it
        "ENABLE_CPU_PINNING": False,  # pinned threads fight with the decoder's over the same cores
    }
    try:
        model = core.read_model(str(graph))
        shape = model.input(0).partial_shape
        if len(shape) > 3:  # pictures and maps; of sequences and waveforms the number of rows follows the length
            shape[0] = batch_size
        # What is static is planned ahead. Lengths stay free: a compilation for each computes some 5 to 20 % faster, but
        # each of some 30 lengths costs 0.4 s.
        model.reshape({model.input(0): shape})
        request = core.compile_model(model, "CPU", settings).create_infer_request()
    except RuntimeError as error:
        why = str(error).strip().splitlines()[-1].removeprefix("-- ")  # before it come places in its own code
        raise BackendError(f"openvino cannot run the graph: {why}") from error
    outputs = range(len(model.outputs))
    names = tuple(next(iter(output.get_names()), "") for output in model.outputs)

    def run(values: Array) -> list[Array]:
        request.infer([values], share_inputs=True)
        return [request.get_output_tensor(i).data.copy() for i in outputs]  # the request's memory is used again

    return Compiled(run, names)


class OpenVinoConfig(Config):
    """The precision."""

    precision: Literal["float32", "bfloat16"] = Field(
        "bfloat16", description="Precision of the arithmetic; bfloat16 where the processor has it."
    )


class OpenVino:
    """Runs the graph with OpenVINO's plugin for processors; sends nothing."""

    device = "cpu"
    modalities = ALL

    def __init__(self, config: OpenVinoConfig) -> None:
        self.precision = config.precision
        speed = {"float32": 2.8, "bfloat16": 7.0}[config.precision]
        others = {"float32": {"text": 2.3, "sound": 1.7}, "bfloat16": {"text": 4.0, "sound": 4.5}}[config.precision]
        self.prior = Prior(speed, setup_seconds=0.4, needs_graph=True, speeds=others)

    def version(self) -> str:
        """OpenVINO's version; BackendError where the processor does not compute in the precision."""
        if self.precision == "bfloat16" and not computes_bfloat16():
            raise BackendError(NO_BFLOAT16)
        return f"openvino {extra_version('openvino', 'openvino')}"

    def prepare(
        self, backbone: Backbone, start: int, stop: int, batch_size: int, threads: int, cache_folder: Path
    ) -> Compute:
        """Export (or find) the graph and compile it for ``batch_size`` rows."""
        graph = export(backbone, start, stop, cache_folder)
        compiled = compile_graph(graph, self.precision, batch_size, threads)

        def run(values: Array) -> NDArray[np.float32]:
            return compiled(values)[0]

        return fixed_batch(run, batch_size, input_dtype(backbone, start))


PLUGIN = Plugin(build=OpenVino, config=OpenVinoConfig)
