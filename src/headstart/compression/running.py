"""A graph made runnable by a runtime that can be the target: what ships is timed and judged by the same function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError, ConfigError, MissingExtraError, choice_message
from headstart.runtimes.contract import Compute, Precision, fixed_batch, stepped_batch
from headstart.runtimes.machine import computes_bfloat16, computes_int8

OPENVINO, ONNXRUNTIME, AUTO = "openvino", "onnxruntime", "auto"
FEATURES = "features"


@dataclass(frozen=True)
class Target:
    """What computes on the machine that the model will run on.

    Attributes:
        name: A runtime that reads graphs.
        precision: Its fastest for a network that is not quantised.
        threads: Processor threads.
    """

    name: str
    precision: str
    threads: int

    @property
    def told(self) -> str:
        """Name and precision in words."""
        return f"{self.name} in {self.precision}"

    def load(self) -> None:
        """Import the runtime with what it needs for a processor; nothing is read yet."""
        if self.name == OPENVINO:
            from headstart.runtimes.openvino_core import the_core

            the_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")  # loads the plugin
        else:
            from headstart.runtimes.without_telemetry import import_onnxruntime

            import_onnxruntime()

    def compute(self, graph: Path, batch_size: int, dtype: str, precision: str | None = None) -> Compute:
        """Prepared inputs ``(B, ...)`` to features ``(B, D)``, ``batch_size`` at a time.

        Args:
            graph: ONNX file with one input and "features".
            batch_size: Rows of every call.
            dtype: Of the input.
            precision: Instead of the target's, for example "int8".
        """
        run = self.runner(graph, batch_size, precision)
        return fixed_batch(run, batch_size, np.dtype(dtype).type)

    def stepped(self, graph: Path, sizes: Sequence[int], dtype: str, precision: str | None = None) -> Compute:
        """The same, any of ``sizes`` rows at a time: nothing is filled."""
        runs = {size: self.runner(graph, size, precision) for size in sizes}
        return stepped_batch(lambda rows: runs.get(len(rows), runs[max(sizes)])(rows), sizes, np.dtype(dtype).type)

    def runner(self, graph: Path, batch_size: int, precision: str | None = None) -> Any:
        """Takes exactly ``batch_size`` pictures, or any number of sequences of one length."""
        if self.name == OPENVINO:
            from headstart.runtimes.openvino import compile_graph

            compiled = compile_graph(graph, cast(Precision, precision or self.precision), batch_size, self.threads)
            return lambda rows: compiled(rows)[0]
        from headstart.runtimes.onnxruntime import open_session

        session = open_session(graph, self.threads)
        name = session.get_inputs()[0].name

        def run(rows: NDArray[Any]) -> NDArray[np.float32]:
            found: NDArray[np.float32] = session.run([FEATURES], {name: rows})[0]
            return found

        return run


def targets(wanted: str, threads: int) -> list[Target]:
    """Runtimes that are there, with the precisions that this processor computes in.

    Raises:
        ConfigError: no such runtime.
        MissingExtraError, BackendError: none can be used.
    """
    if wanted not in (AUTO, OPENVINO, ONNXRUNTIME):
        raise ConfigError(choice_message("runtime", wanted, [AUTO, OPENVINO, ONNXRUNTIME]))
    from headstart.runtimes.contract import runtime

    offered = [(OPENVINO, "float32"), (ONNXRUNTIME, "float32")]
    if computes_bfloat16():
        offered.insert(0, (OPENVINO, "bfloat16"))
    found, failures = [], []
    for name, precision in offered:
        if wanted in (AUTO, name):
            try:
                runtime(name, precision).version()
                found.append(Target(name, precision, threads))
            except (MissingExtraError, BackendError) as error:
                failures.append(error)
    if not found:
        raise failures[0]
    return found


def able(known: Sequence[Target], graph: Path, batch: NDArray[Any]) -> tuple[list[Target], dict[str, str]]:
    """Those that run a graph, and why others cannot, by name: an operator that one lacks shows when it reads it.

    Args:
        known: That are tried.
        graph: ONNX file with one input and "features".
        batch: ``(B, ...)`` prepared inputs, of which one is answered.
    """
    found, failed = [], {}
    for target in known:
        try:
            target.compute(graph, 1, str(batch.dtype))(batch[:1])
            found.append(target)
        except (MissingExtraError, BackendError) as error:
            failed[target.told] = str(error)
    return found, failed


def processor_notes() -> list[str]:
    """What this processor lacks, and what that does to the times; nothing where it has what counts."""
    found = []
    if not computes_bfloat16():
        found.append(
            "This processor has no instructions for bfloat16: the model as it is was timed in float32. On one that has "
            "them it is faster, and what was gained here is less there."
        )
    if not computes_int8():
        found.append(
            "This processor has no instructions for 8-bit integers: they make the file smaller and gain little time "
            "here. Compress on the machine that the model will run on."
        )
    return found
