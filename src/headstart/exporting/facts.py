"""model.json: what a reader must know beside the file itself, and what the file's own metadata say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.preprocessing.text import TOKENIZER
from headstart.data.preprocess import GAP
from headstart.exporting.exportable import Exportable, RawInput
from headstart.exporting.fixed_sizes import dtype_of, entries_of
from headstart.exporting.model_nodes import layout_of, outputs_of

SCHEMA = 2


def facts_of(model: Exportable, format_name: str, file: str, fixed: bool = False) -> dict[str, Any]:
    """JSON: names of classes, how inputs are prepared outside the file, how a decision follows from probabilities."""
    manifest = model.shipped.manifest
    networks = [network.backbone for network in model.networks]
    found = {
        "schema": SCHEMA,
        "headstart_version": manifest.headstart_version,
        "format": format_name,
        "file": file,
        "is_row": model.is_row,
        "inputs": [_input(model, each) for each in model.inputs],
        "output": outputs_of(model)[0],
        "kind": model.kind,
        "task": manifest.task["task"],
        "class_names": list(manifest.class_names.names),
        "decision": _decision(manifest.task, model.kind),
        "model": f"{manifest.candidate['backbone']}, {manifest.candidate['method']}",
        "network": ", ".join(each.name for each in networks),
        "licence": _joined([str(each.card.get("licence", "")) for each in networks]),
        "licence_note": _joined([str(each.card.get("licence_note", "")) for each in networks]),
        "pretraining": _joined([str(each.card.get("pretraining", "")) for each in networks]),
    }
    if fixed:
        found["entries"] = entries_of(model)
        for each, taken in zip(model.inputs, found["inputs"], strict=True):
            taken["dtype"] = np.dtype(dtype_of(each)).name
    return found


def metadata_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """The same as texts by name, for a format whose files carry such; what is no text is JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in facts.items()
        if name != "file"
    }


def asset_name(model: Exportable, each: RawInput) -> str:
    """File of a text's tokenizer, or of its vocabulary; several have the tensor's name in it."""
    name = TOKENIZER if each.kind == "text" else "vocabulary.json"
    alone = sum(other.kind == each.kind for other in model.inputs) == 1
    return name if alone else name.replace(".", f"-{each.name}.")


def _input(model: Exportable, each: RawInput) -> dict[str, Any]:
    """One tensor: its name, what it is made of, and all that decides its numbers."""
    found: dict[str, Any] = {"name": each.name, "kind": each.kind}
    if each.kind == "columns":
        columns = [(layout.column, layout.levels) for layout in layout_of(model)]
        return {
            **found,
            "columns": [{**column.model_dump(mode="json"), "levels": list(levels)} for column, levels in columns],
        }
    source = model.sources[each.source]
    assert each.part is not None  # noqa: S101 - all but columns are made of a part
    part = model.shipped.schema.parts[each.part]
    found["columns"] = list(part.columns or (part.modality,))
    if each.kind == "terms":
        settings = model.fitted(source)[1].load().config
        return {**found, "characters": settings.characters, "vocabulary": asset_name(model, each)}
    preprocessing = model.network(source).preprocessing
    found["preprocessing"] = preprocessing.model_dump(mode="json")
    if isinstance(preprocessing, ImagePreprocessing):
        found["decode_at_least"] = _at_least(preprocessing)
    if each.kind == "text":
        found["tokenizer"] = asset_name(model, each)
    return found


def _joined(texts: list[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _decision(task: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """How names follow from probabilities; nothing in it: the most probable one."""
    if kind == "multilabel":
        return {"thresholds": task.get("thresholds")}
    if kind == "ordinal":
        return {"values": task["values"]}
    if kind == "real":
        return {"half_width": task.get("half_width"), "is_logarithm": task["task"] == "amount"}
    rule = task.get("rule") or {}
    return {name: rule[name] for name in ("positive", "threshold", "costs", "factors") if rule.get(name) is not None}


def _at_least(preprocessing: ImagePreprocessing) -> list[int]:
    """Height and width that a JPEG keeps when it is decoded at a fraction of its size, as ``data.preprocess`` does."""
    keep = preprocessing.crop_fraction if preprocessing.resize == "crop" else 1.0
    return [int(np.ceil(GAP * side / keep)) for side in preprocessing.image_size]
