"""model.json: what a reader must know beside the file itself, and what the file's own metadata say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.preprocess import GAP
from headstart.exporting.exportable import Exportable

SCHEMA = 1


def facts_of(model: Exportable, format_name: str, file: str) -> dict[str, Any]:
    """JSON: names of classes, how inputs are prepared outside the file, how a decision follows from probabilities."""
    manifest = model.shipped.manifest
    preprocessing = model.network.preprocessing
    card = model.network.backbone.card
    return {
        "schema": SCHEMA,
        "headstart_version": manifest.headstart_version,
        "format": format_name,
        "file": file,
        "input": model.network.input_name,
        "output": "prediction" if model.kind == "real" else "probabilities",
        "modality": model.modality,
        "kind": model.kind,
        "task": manifest.task["task"],
        "class_names": list(manifest.class_names.names),
        "decision": _decision(manifest.task, model.kind),
        "preprocessing": preprocessing.model_dump(mode="json"),
        "decode_at_least": _at_least(preprocessing) if isinstance(preprocessing, ImagePreprocessing) else None,
        "network": model.network.backbone.name,
        "licence": str(card.get("licence", "")),
        "licence_note": str(card.get("licence_note", "")),
        "pretraining": str(card.get("pretraining", "")),
    }


def metadata_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """The same as texts by name, for a format whose files carry such; what is no text is JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in facts.items()
        if name != "file"
    }


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
