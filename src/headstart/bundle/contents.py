"""What goes into a bundle: the manifest, arrays by prefix, graphs and assets, built from what a fit hands over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import headstart
from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.graph import assemble, output_name
from headstart.bundle.manifest import (
    ASSETS,
    BEFORE_INT8,
    GRAPH,
    INT8,
    SCHEMA,
    ClassNames,
    FittedRecord,
    Manifest,
    NetworkRecord,
    RuntimeRecord,
    SourceRecord,
    class_names_digest,
)
from headstart.bundle.quantized_tensors import SCALES, quantized_tensors
from headstart.bundle.sources import Written, WrittenFitted, WrittenNetwork
from headstart.bundle.torch_backbone import describe_pretrained, saved_tensors
from headstart.bundle.weights import HEAD, POSTPROCESSING, Arrays, fitted_prefix, network_prefix
from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted
from headstart.core.schema import InputSchema, PartSchema
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.tasks.choose import task_from_dict


@dataclass(frozen=True)
class Contents:
    """A bundle before it is written.

    Attributes:
        manifest: Its parity and its files still empty.
        arrays: Groups of arrays by prefix.
        networks: By name, as they came.
        head: The solved model.
    """

    manifest: Manifest
    arrays: dict[str, Arrays]
    networks: Mapping[str, WrittenNetwork]
    head: Fitted

    def files(self) -> dict[str, bytes]:
        """Graphs and assets, by their place in the folder."""
        files: dict[str, bytes] = {}
        for name, written in self.networks.items():
            record = self.manifest.networks[name]
            files[record.graph] = self._graph(written.graph, record)
            files |= {place: written.backbone.assets[asset] for asset, place in record.assets.items()}
        return files

    def _graph(self, graph: Path, record: NetworkRecord) -> bytes:
        return assemble(
            graph,
            record.input_name,
            record.input_dtype,
            record.backbone.feature_dim,
            graph_metadata(self.manifest, record),
            self.head if len(self.manifest.sources) == 1 else None,
            output_name(task_from_dict(self.manifest.task).kind),
        )


def graph_metadata(manifest: Manifest, record: NetworkRecord) -> dict[str, str]:
    """What a program that has only the graph must know."""
    return {
        "headstart_version": manifest.headstart_version,
        "class_names": json.dumps(manifest.class_names.names, ensure_ascii=False),
        "class_names_sha256": manifest.class_names.sha256,
        "preprocessing": record.preprocessing.model_dump_json(),
    }


def contents_of(
    sources: Sequence[Written],
    fitted: Fitted,
    task_dict: Mapping[str, Any],
    input_schema: InputSchema,
    postprocessing: Postprocessing,
) -> Contents:
    """Name networks and fitted backbones, and describe them.

    Raises:
        ConfigError: a source names a part that the schema does not have.
    """
    names = tuple(str(name) for name in task_dict.get("class_names", ()))
    networks: dict[str, WrittenNetwork] = {}
    learned: dict[str, WrittenFitted] = {}
    order = []
    for source in sources:
        if isinstance(source, WrittenNetwork):
            kind, key = "network", _network_key(source, networks)
            networks.setdefault(key, source)
        else:
            kind, key = "fitted", _free(_file_name(source.name), learned)
            learned[key] = source
        order.append({"kind": kind, "name": key, "part": _place(source.part, input_schema)})
    precisions = {each.runtime.precision for each in networks.values()}
    manifest = Manifest(
        schema_version=SCHEMA if INT8 in precisions else BEFORE_INT8,
        headstart_version=headstart.__version__,
        candidate={"backbone": _title(sources), "method": str(fitted.spec["method"])},
        task=dict(task_dict),
        class_names=ClassNames(names=names, sha256=class_names_digest(names)),
        input=input_schema,
        networks={key: _network_record(key, source, len(networks)) for key, source in networks.items()},
        fitted={key: _fitted_record(key, source) for key, source in learned.items()},
        sources=tuple(SourceRecord.model_validate(each) for each in order),
        method=dict(fitted.spec),
        postprocessing=postprocessing.record,
        parity={},
        files={},
    )
    arrays: dict[str, Arrays] = {}
    for key, each in networks.items():
        arrays |= _arrays_of(key, each)
    arrays |= {fitted_prefix(key): each.arrays for key, each in learned.items()}
    arrays |= {HEAD: fitted.arrays, POSTPROCESSING: postprocessing.arrays}
    return Contents(manifest, arrays, networks, fitted)


def _arrays_of(key: str, source: WrittenNetwork) -> dict[str, Arrays]:
    tensors: Arrays = saved_tensors(source.backbone)
    if source.runtime.precision != INT8:
        return {network_prefix(key): tensors}
    made, scales = quantized_tensors(tensors)
    return {network_prefix(key): made, SCALES + network_prefix(key): scales}


def _network_record(key: str, source: WrittenNetwork, networks: int) -> NetworkRecord:
    backbone, runtime = source.backbone, source.runtime
    return NetworkRecord(
        preprocessing=backbone.preprocessing,
        backbone=describe_pretrained(backbone),
        runtime=RuntimeRecord(
            name=runtime.name, precision=runtime.precision, batch_size=runtime.batch_size, threads=runtime.threads
        ),
        prefix=network_prefix(key),
        graph=GRAPH if networks == 1 else f"model-{key}.onnx",
        input_name=backbone.input_name,
        input_dtype=str(backbone.example(1).dtype),
        assets={name: f"{ASSETS}/{key}/{_file_name(name, '.')}" for name in backbone.assets},
    )


def _fitted_record(key: str, source: WrittenFitted) -> FittedRecord:
    backbone = FittedBackbone(source.name, source.arrays, source.settings, source.version).load()
    return FittedRecord(
        name=source.name,
        settings=dict(source.settings),
        version=source.version or str(backbone.version),
        takes=backbone.takes,
        preprocessing=source.preprocessing,
        prefix=fitted_prefix(key),
    )


def _network_key(source: WrittenNetwork, networks: Mapping[str, WrittenNetwork]) -> str:
    """The name it has already when it serves another part too, else a free one."""
    for key, other in networks.items():
        if other.backbone is source.backbone:
            return key
    return _free(_file_name(source.backbone.name), networks)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    candidates = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(each for each in candidates if each not in taken)


def _file_name(name: str, also: str = "") -> str:
    """Letters, digits, "_" and "-" alone, so that it can be part of a file's name and of a tensor's."""
    return re.sub(rf"[^A-Za-z0-9_{re.escape(also)}-]+", "-", name).strip("-.") or "unnamed"


def _place(part: PartSchema | None, schema: InputSchema) -> int | None:
    if part is None:
        return None
    if part not in schema.parts:
        raise ConfigError(
            f"a source must name a part of the input, one of {[each.name for each in schema.parts]}; got {part.name!r}."
        )
    return schema.parts.index(part)


def _title(sources: Sequence[Written]) -> str:
    names = [source.backbone.name if isinstance(source, WrittenNetwork) else source.name for source in sources]
    return " + ".join(dict.fromkeys(names))
