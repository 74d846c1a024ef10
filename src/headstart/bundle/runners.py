"""What can compute a network's features on this machine, and which of it is taken."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from headstart.bundle.graph_runners import run_in_onnxruntime, run_in_openvino
from headstart.bundle.manifest import NetworkRecord
from headstart.bundle.torch_backbone import rebuild, run_all_stages
from headstart.core import plugins
from headstart.core.errors import BackendError, ConfigError, MissingExtraError, choice_message
from headstart.runtimes.contract import Compute, Precision, precisions, runtime

logger = logging.getLogger(__name__)

RUNTIMES = "runtimes"
GRAPH_RUNNERS = {"onnxruntime": run_in_onnxruntime, "openvino": run_in_openvino}  # need the graph and no torch
NUMPY = "numpy"
REFERENCE = "eager"
EXTRAS = {"openvino": "openvino"}  # else "onnx"


@dataclass(frozen=True)
class Runner:
    """A runtime by name and precision, and the function it gives."""

    name: str
    precision: str
    compute: Compute


def check_runtime(wanted: str, has_network: bool) -> None:
    """Raise ConfigError unless ``wanted`` is "auto" or a runtime that can have a part in this bundle."""
    if wanted == "auto":
        return
    if not has_network and wanted != NUMPY:
        raise ConfigError(f"a bundle without a network runs in NumPy; got runtime {wanted!r}. Leave it 'auto'.")
    if has_network and wanted not in plugins.names(RUNTIMES):
        raise ConfigError(choice_message("runtime", wanted, ["auto", *plugins.names(RUNTIMES)]))


def choose_runner(
    folder: Path,
    record: NetworkRecord,
    wanted: str,
    threads: int,
    sizes: Sequence[int] | None = None,
    same_answers: Collection[str] = (),
) -> Runner:
    """The runtime asked for, or with "auto" the first that works: the fit's own, onnxruntime, openvino, eager torch.

    With ``sizes``, see :func:`headstart.bundle.graph_runners.run_in_onnxruntime`, only those that read the graph. Of an
    INT8 network the one that it was judged on and ``same_answers`` alone: others give other answers of its file.

    Raises:
        MissingExtraError, BackendError: the one asked for, or with "auto" all of them, cannot be used.
    """
    names = list(dict.fromkeys([record.runtime.name, *GRAPH_RUNNERS, REFERENCE]))
    if record.is_quantized:
        names = [name for name in names if name in (record.runtime.name, *same_answers)]
        if wanted not in ("auto", *names):
            raise BackendError(
                f"an INT8 network gives its answers in {' or '.join(names)}, where they were judged; got {wanted}, "
                f"which gives others of the same file. Leave the runtime 'auto', or use the run before compress."
            )
    if wanted != "auto":
        return prepare_runner(folder, record, wanted, threads, sizes)
    failures = []
    for name in names if sizes is None else [name for name in names if name in GRAPH_RUNNERS]:
        try:
            return prepare_runner(folder, record, name, threads, sizes)
        except (MissingExtraError, BackendError, ConfigError) as error:
            failures.append(f"{name}: {error}")
            logger.info("the runtime '%s' is passed over: %s", name, error)
    raise BackendError(
        f"one runtime must be able to run the bundle; none can here. {' '.join(failures)} "
        f"Install one with: pip install 'headstart[{EXTRAS.get(names[0], 'onnx')}]'"
    )


def prepare_runner(
    folder: Path, record: NetworkRecord, name: str, threads: int, sizes: Sequence[int] | None = None
) -> Runner:
    """One runtime, at the fit's precision when it is the fit's own, else at the first that it offers (float32).

    A quantized graph is INT8 in whatever runs it; what takes the torch module gets the weights that 8 bits left.
    """
    is_given = name == record.runtime.name or (record.is_quantized and name in GRAPH_RUNNERS)
    precision = record.runtime.precision if is_given else _exact(name)
    if run := GRAPH_RUNNERS.get(name):
        computed = run(folder / record.graph, record, cast(Precision, precision), threads, sizes)
        return Runner(name, precision, computed)
    if sizes is not None:
        raise ConfigError(choice_message("runtime", name, ["auto", *GRAPH_RUNNERS]))
    chosen = runtime(name, precision)
    return Runner(name, precision, run_all_stages(chosen, rebuild(folder, record), record.runtime.batch_size, threads))


def _exact(name: str) -> str:
    """float32 where a runtime offers it: another runtime than the fit's should not add a rounding of its own."""
    offered = precisions(name)
    return "float32" if "float32" in offered else offered[0]
