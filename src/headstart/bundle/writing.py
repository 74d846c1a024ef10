"""Write a bundle: everything under a temporary name, measured against each other, then renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.bundle.bundle import Bundle
from headstart.bundle.contents import Contents, contents_of
from headstart.bundle.folder import atomic_folder, sync_file
from headstart.bundle.kept_examples import KeptExamples
from headstart.bundle.manifest import EVIDENCE, EXAMPLES, MANIFEST, WEIGHTS, ExamplesRecord, FileRecord
from headstart.bundle.parity_int8 import measure_int8_parity
from headstart.bundle.parity_run import Sample, measure_parity
from headstart.bundle.sources import Written
from headstart.bundle.weights import size_of, write_weights
from headstart.core import plugins
from headstart.core.errors import GateError
from headstart.core.files import dump_json, sha256_file
from headstart.core.learning import Fitted
from headstart.core.resources import MIB, require_space
from headstart.core.schema import InputSchema
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.tasks.choose import task_from_dict

NOTHING = Postprocessing()
KEEPS_EXAMPLES = "examples"  # what a method's plugin needs when its arrays are training examples


def write(
    folder: Path,
    *,
    sources: Sequence[Written],
    fitted: Fitted,
    task_dict: Mapping[str, Any],
    input_schema: InputSchema,
    evidence: Mapping[str, Any],
    features: Any | None = None,
    postprocessing: Postprocessing = NOTHING,
    examples: KeptExamples | None = None,
) -> Bundle:
    """Write ``folder`` as a whole or not at all; an older bundle there is replaced.

    Args:
        folder: Where, usually ``bundle/`` of a run.
        sources: What computes the features, in the order in which they are joined, each with the same up to 32
            training examples, which are used for the comparison of runtimes and not kept.
        fitted: The head, solved on the joined features.
        task_dict: ``Task.to_dict()``; holds ``class_names`` in output order unless targets are numbers.
        input_schema: What an example consists of; the sources name its parts.
        evidence: The run's evidence.json; ``hashes.weights``, the sha256 of weights.safetensors, is added to it.
        features: ``(n, D)`` joined features of the examples as the fit computed them, an array or a
            ``scipy.sparse.csr_array``; None computes them again.
        postprocessing: What is done behind the head, and said beside its predictions.
        examples: Training examples that travel along, where the user asked for it.

    Raises:
        ConfigError: the place holds something else, or a source names a part that the schema does not have.
        SpaceError: the disk is too full.
        GateError: the head keeps training examples.
        BackendError: a graph is not usable, or runtimes disagree; the message names both.
    """
    _require_no_examples(fitted)
    contents = contents_of(sources, fitted, task_dict, input_schema, postprocessing)
    task = task_from_dict(dict(task_dict))
    files = contents.files()
    size = size_of(contents.arrays) + sum(map(len, files.values()))
    require_space(folder.parent, size + MIB, "writing the bundle")
    with atomic_folder(folder, MANIFEST) as building:
        _write_files(building, contents, files, evidence)
        kept = None if examples is None else _write_examples(building / EXAMPLES, examples)
        sample = Sample(building, contents.manifest, sources)
        is_int8 = any(network.is_quantized for network in contents.manifest.networks.values())
        parity = (measure_int8_parity if is_int8 else measure_parity)(sample, fitted, features, task.kind)
        records = {name: _record_of(building / name) for name in contents.manifest.content}
        manifest = contents.manifest.model_copy(update={"parity": parity, "files": records, "examples": kept})
        (building / MANIFEST).write_text(dump_json(manifest.to_document()), encoding="utf-8")
        for name in (*manifest.content, MANIFEST, *([EXAMPLES] if kept else [])):
            sync_file(building / name)
    return Bundle(folder, manifest)


def _write_files(building: Path, contents: Contents, files: Mapping[str, bytes], evidence: Mapping[str, Any]) -> None:
    write_weights(building / WEIGHTS, contents.arrays, contents.manifest.class_names.sha256)
    for name, content in files.items():
        (building / name).parent.mkdir(parents=True, exist_ok=True)
        (building / name).write_bytes(content)
    hashes = {**evidence.get("hashes", {}), "weights": sha256_file(building / WEIGHTS)}
    (building / EVIDENCE).write_text(dump_json({**evidence, "hashes": hashes}), encoding="utf-8")


def _write_examples(path: Path, examples: KeptExamples) -> ExamplesRecord:
    examples.write(path)
    return ExamplesRecord(count=len(examples), **_record_of(path).model_dump())


def _require_no_examples(fitted: Fitted) -> None:
    """Features of single examples can be turned back into inputs, so no bundle carries them."""
    method = str(fitted.spec["method"])
    if method in plugins.names("methods") and KEEPS_EXAMPLES in plugins.load("methods", method).needs:
        raise GateError(
            f"a bundle must hold no features of single examples; the method '{method}' keeps one row "
            "for each training example. Choose another method to ship."
        )


def _record_of(path: Path) -> FileRecord:
    return FileRecord(sha256=sha256_file(path), bytes=path.stat().st_size)
