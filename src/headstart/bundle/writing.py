"""Write a bundle: everything under a temporary name, measured against each other, then renamed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

import headstart
from headstart.bundle.bundle import Bundle
from headstart.bundle.fitted_backbone import FittedBackbone, describe_fitted
from headstart.bundle.folder import atomic_folder, sync_file
from headstart.bundle.graph import assemble
from headstart.bundle.manifest import (
    CONTENT,
    EVIDENCE,
    GRAPH,
    MANIFEST,
    WEIGHTS,
    ClassNames,
    FileRecord,
    Manifest,
    RuntimeRecord,
    class_names_digest,
)
from headstart.bundle.parity_run import measure_parity
from headstart.bundle.runners import NUMPY
from headstart.bundle.torch_backbone import describe_pretrained, saved_tensors
from headstart.bundle.weights import size_of, write_weights
from headstart.core.errors import BackendError, GateError
from headstart.core.files import dump_json, sha256_file
from headstart.core.learning import Fitted
from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.resources import MIB, require_space

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

KEEPS_EXAMPLES = {"neighbours"}  # forms of heads whose arrays are training examples


class RuntimeChoice(Protocol):
    """What the fit computed features with; see ``runtimes/choice.py``."""

    @property
    def name(self) -> str:
        """A plugin of ``runtimes/``."""

    @property
    def precision(self) -> str:
        """For example "bfloat16"."""

    @property
    def batch_size(self) -> int:
        """Rows of every call."""

    @property
    def threads(self) -> int:
        """Processor threads."""


def write(
    folder: Path,
    *,
    backbone: Backbone | FittedBackbone,
    fitted: Fitted,
    task_dict: Mapping[str, Any],
    preprocessing: ImagePreprocessing,
    runtime: RuntimeChoice | None,
    evidence: Mapping[str, Any],
    pixels_for_parity: NDArray[np.uint8],
    graph: Path | None = None,
    features_for_parity: NDArray[np.float32] | None = None,
) -> Bundle:
    """Write ``folder`` as a whole or not at all; an older bundle there is replaced.

    Args:
        folder: Where, usually ``bundle/`` of a run.
        backbone: The torch module, or a fitted backbone with its arrays.
        fitted: The head.
        task_dict: ``Task.to_dict()``; holds ``class_names`` in output order.
        preprocessing: As executed during fit.
        runtime: What computed the features that the head was solved on; ignored for a fitted backbone.
        evidence: The run's evidence.json.
        pixels_for_parity: ``(n, H, W, 3)`` uint8, up to 32 training pictures; used and not kept.
        graph: The backbone as ONNX from ``pixels`` to ``features``; None for a fitted backbone.
        features_for_parity: ``(n, D)``, what the fit computed for these pictures; None runs its runtime again.

    Raises:
        ConfigError: the place holds something else.
        SpaceError: the disk is too full.
        GateError: the head keeps training examples.
        BackendError: the graph is not usable, or runtimes disagree; the message names both.
    """
    if isinstance(backbone, FittedBackbone) != (graph is None):
        raise BackendError("a pretrained backbone needs its ONNX graph to be bundled; a fitted backbone has none.")
    _require_no_examples(fitted)
    manifest = _describe(backbone, fitted, task_dict, preprocessing, runtime)
    arrays = backbone.arrays if isinstance(backbone, FittedBackbone) else saved_tensors(backbone)
    model = assemble(graph, fitted, manifest.backbone.feature_dim, _metadata(manifest))
    require_space(folder.parent, size_of(arrays, fitted.arrays) + len(model) + MIB, "writing the bundle")
    with atomic_folder(folder, MANIFEST) as building:
        write_weights(building / WEIGHTS, arrays, fitted.arrays, manifest.class_names.sha256)
        (building / GRAPH).write_bytes(model)
        (building / EVIDENCE).write_text(dump_json(dict(evidence)), encoding="utf-8")
        parity = measure_parity(building, manifest, backbone, fitted, pixels_for_parity, features_for_parity)
        files = {name: _record_of(building / name) for name in CONTENT}
        manifest = manifest.model_copy(update={"parity": parity, "files": files})
        (building / MANIFEST).write_text(dump_json(manifest.to_document()), encoding="utf-8")
        for name in (*CONTENT, MANIFEST):
            sync_file(building / name)
    return Bundle(folder, manifest)


def _require_no_examples(fitted: Fitted) -> None:
    """Features of single examples can be turned back into pictures, so no bundle carries them."""
    if fitted.spec.get("form") in KEEPS_EXAMPLES:
        raise GateError(
            f"a bundle must hold no features of single examples; the method '{fitted.spec['method']}' keeps one row "
            "for each training example. Choose another method to ship."
        )


def _describe(
    backbone: Backbone | FittedBackbone,
    fitted: Fitted,
    task_dict: Mapping[str, Any],
    preprocessing: ImagePreprocessing,
    runtime: RuntimeChoice | None,
) -> Manifest:
    """The manifest, its parity and its files still empty."""
    names = tuple(str(name) for name in task_dict["class_names"])
    return Manifest(
        headstart_version=headstart.__version__,
        candidate={"backbone": backbone.name, "method": str(fitted.spec["method"])},
        task=dict(task_dict),
        class_names=ClassNames(names=names, sha256=class_names_digest(names)),
        preprocessing=preprocessing,
        backbone=describe_fitted(backbone) if isinstance(backbone, FittedBackbone) else describe_pretrained(backbone),
        method=dict(fitted.spec),
        runtime=_runtime_record(backbone, runtime),
        parity={},
        files={},
    )


def _runtime_record(backbone: Backbone | FittedBackbone, runtime: RuntimeChoice | None) -> RuntimeRecord:
    if isinstance(backbone, FittedBackbone):
        return RuntimeRecord(name=NUMPY, precision="float32", batch_size=32, threads=1)
    if runtime is None:
        raise BackendError("a pretrained backbone is bundled with the runtime that computed its features; none came.")
    return RuntimeRecord(
        name=runtime.name, precision=runtime.precision, batch_size=runtime.batch_size, threads=runtime.threads
    )


def _metadata(manifest: Manifest) -> dict[str, str]:
    """What a program that has only model.onnx must know."""
    return {
        "headstart_version": manifest.headstart_version,
        "class_names": json.dumps(manifest.class_names.names, ensure_ascii=False),
        "class_names_sha256": manifest.class_names.sha256,
        "preprocessing": manifest.preprocessing.model_dump_json(),
    }


def _record_of(path: Path) -> FileRecord:
    return FileRecord(sha256=sha256_file(path), bytes=path.stat().st_size)
