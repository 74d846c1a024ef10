"""A bundle with another head: the same networks and fitted backbones, solved for something else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.bundle.bundle import Bundle
from headstart.bundle.contents import graph_metadata
from headstart.bundle.folder import atomic_folder, sync_file
from headstart.bundle.graph import assemble, output_name, without_head
from headstart.bundle.manifest import EVIDENCE, MANIFEST, WEIGHTS, FileRecord, Manifest, NetworkRecord
from headstart.bundle.weights import HEAD, POSTPROCESSING, read_weights, write_weights
from headstart.core.files import dump_json, sha256_file
from headstart.core.learning import Fitted, Task
from headstart.core.resources import MIB, require_space
from headstart.postprocessing.postprocessing import Postprocessing


def rehead(
    folder: Path,
    shipped: Bundle,
    *,
    fitted: Fitted,
    task: Task,
    postprocessing: Postprocessing,
    evidence: Mapping[str, Any],
) -> Bundle:
    """Write ``folder`` as a whole or not at all; training examples that ``shipped`` may hold stay behind.

    Args:
        folder: Where, usually ``bundle/`` of a run.
        shipped: Whose networks and fitted backbones are taken as they are.
        fitted: The head, solved on the features of ``shipped``.
        task: With the same class names.
        postprocessing: What is done behind this head.
        evidence: Of the new run; ``hashes.weights`` is added to it.

    Raises:
        ConfigError: the place holds something else.
        SpaceError: the disk is too full.
        BackendError: a graph of ``shipped`` cannot be taken apart.
    """
    old = shipped.manifest
    manifest = old.model_copy(
        update={
            "candidate": {**old.candidate, "method": str(fitted.spec["method"])},
            "task": dict(task.to_dict()),
            "method": dict(fitted.spec),
            "postprocessing": postprocessing.record,
            "examples": None,
        }
    )
    sizes = sum(record.bytes for record in old.files.values())
    require_space(folder.parent, sizes + MIB, "writing the bundle")
    with atomic_folder(folder, MANIFEST) as building:
        for name in (each for each in old.content if each not in (WEIGHTS, EVIDENCE)):
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped.folder / name, building / name)
        for record in manifest.networks.values():
            (building / record.graph).write_bytes(_graph(building / record.graph, manifest, record, fitted, task))
        _write_weights(building, shipped, manifest, fitted, postprocessing)
        hashes = {**evidence.get("hashes", {}), "weights": sha256_file(building / WEIGHTS)}
        (building / EVIDENCE).write_text(dump_json({**evidence, "hashes": hashes}), encoding="utf-8")
        records = {name: _record_of(building / name) for name in manifest.content}
        manifest = manifest.model_copy(update={"files": records})
        (building / MANIFEST).write_text(dump_json(manifest.to_document()), encoding="utf-8")
        for name in (*manifest.content, MANIFEST):
            sync_file(building / name)
    return Bundle(folder, manifest)


def _graph(path: Path, manifest: Manifest, record: NetworkRecord, fitted: Fitted, task: Task) -> bytes:
    without_head(path)
    return assemble(
        path,
        record.input_name,
        record.input_dtype,
        record.backbone.feature_dim,
        graph_metadata(manifest, record),
        fitted if len(manifest.sources) == 1 else None,
        output_name(task.kind),
    )


def _write_weights(
    building: Path, shipped: Bundle, manifest: Manifest, fitted: Fitted, postprocessing: Postprocessing
) -> None:
    kept = read_weights(shipped.folder / WEIGHTS, "")
    same = {name: array for name, array in kept.items() if not name.startswith((HEAD, POSTPROCESSING))}
    groups = {"": same, HEAD: fitted.arrays, POSTPROCESSING: postprocessing.arrays}
    write_weights(building / WEIGHTS, groups, manifest.class_names.sha256)


def _record_of(path: Path) -> FileRecord:
    return FileRecord(sha256=sha256_file(path), bytes=path.stat().st_size)
