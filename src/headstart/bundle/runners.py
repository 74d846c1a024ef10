"""What can compute a bundle's features on this machine, and which of it is taken."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.graph_runners import run_in_onnxruntime, run_in_openvino
from headstart.bundle.manifest import GRAPH, WEIGHTS, Manifest
from headstart.bundle.torch_backbone import rebuild, run_all_stages
from headstart.bundle.weights import BACKBONE, read_weights
from headstart.core import plugins
from headstart.core.errors import BackendError, ConfigError, MissingExtraError, choice_message
from headstart.runtimes.contract import Compute, Precision, precisions, runtime

logger = logging.getLogger(__name__)

RUNTIMES = "runtimes"
GRAPH_RUNNERS = {"onnxruntime": run_in_onnxruntime, "openvino": run_in_openvino}  # need model.onnx and no torch
NUMPY = "numpy"
REFERENCE = "eager"


@dataclass(frozen=True)
class Runner:
    """A runtime by name and precision, and the function it gives."""

    name: str
    precision: str
    compute: Compute


def choose_runner(folder: Path, manifest: Manifest, wanted: str, threads: int) -> Runner:
    """The runtime asked for, or with "auto" the first that works: the fit's own, onnxruntime, openvino, eager torch.

    Raises:
        ConfigError: no such runtime.
        MissingExtraError, BackendError: the one asked for, or with "auto" all of them, cannot be used.
    """
    if manifest.backbone.kind == "fitted":
        return _fitted_runner(folder, manifest, wanted)
    if wanted != "auto":
        if wanted not in plugins.names(RUNTIMES):
            raise ConfigError(choice_message("runtime", wanted, ["auto", *plugins.names(RUNTIMES)]))
        return prepare_runner(folder, manifest, wanted, threads)
    failures = []
    for name in dict.fromkeys([manifest.runtime.name, *GRAPH_RUNNERS, REFERENCE]):
        try:
            return prepare_runner(folder, manifest, name, threads)
        except (MissingExtraError, BackendError, ConfigError) as error:
            failures.append(f"{name}: {error}")
            logger.info("the runtime '%s' is passed over: %s", name, error)
    raise BackendError(
        f"one runtime must be able to run the bundle; none can here. {' '.join(failures)} "
        "Install one with: pip install 'headstart[onnx]'"
    )


def prepare_runner(folder: Path, manifest: Manifest, name: str, threads: int) -> Runner:
    """One runtime, at the fit's precision when it is the fit's own, else at the first that it offers (float32)."""
    record = manifest.runtime
    precision = record.precision if name == record.name else _exact(name)
    if run := GRAPH_RUNNERS.get(name):
        compute = run(folder / GRAPH, cast(Precision, precision), record.batch_size, threads)
    else:
        chosen = runtime(name, precision)
        compute = run_all_stages(chosen, rebuild(folder, manifest), record.batch_size, threads)
    return Runner(name, precision, compute)


def prepare_fit_runner(folder: Path, manifest: Manifest) -> Runner:
    """The fit's own runtime, and no other."""
    if manifest.backbone.kind == "fitted":
        return _fitted_runner(folder, manifest, NUMPY)
    return prepare_runner(folder, manifest, manifest.runtime.name, manifest.runtime.threads)


def _exact(name: str) -> str:
    """float32 where a runtime offers it: another runtime than the fit's should not add a rounding of its own."""
    offered = precisions(name)
    return "float32" if "float32" in offered else offered[0]


def _fitted_runner(folder: Path, manifest: Manifest, wanted: str) -> Runner:
    if wanted not in ("auto", NUMPY):
        raise ConfigError(f"a bundle without a network runs in NumPy; got runtime {wanted!r}. Leave it 'auto'.")
    record = manifest.backbone
    backbone = FittedBackbone(record.name, read_weights(folder / WEIGHTS, BACKBONE), record.settings, record.version)
    return Runner(NUMPY, "float32", backbone.describe)
