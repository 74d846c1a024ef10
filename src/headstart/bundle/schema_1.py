"""Manifests of schema 1, written when every input was a picture: the same facts in the present form."""

from __future__ import annotations

from typing import Any

SCHEMA = 1
PART = {"modality": "image", "columns": []}


def brought_up_to_date(document: dict[str, Any]) -> dict[str, Any]:
    """A document of schema 1 in the form of schema 2; its files keep their names and the tensors their prefix.

    The graph of a fitted backbone passed descriptors on unchanged; it is no longer part of a bundle.
    """
    backbone = document["backbone"]
    preprocessing = {"kind": "image", **document["preprocessing"]}
    is_network = backbone["kind"] == "pretrained"
    files = dict(document["files"])
    if not is_network:
        files.pop("model.onnx", None)
    source = {"kind": "network" if is_network else "fitted", "name": "backbone", "part": 0}
    kept = ("headstart_version", "candidate", "task", "class_names", "method", "parity")
    return {
        **{key: document[key] for key in kept},
        "schema": 2,
        "input": {"parts": [PART], "columns": []},
        "networks": {"backbone": _network(document, preprocessing)} if is_network else {},
        "fitted": {} if is_network else {"backbone": _fitted(backbone, preprocessing)},
        "sources": [source],
        "files": files,
    }


def _network(document: dict[str, Any], preprocessing: dict[str, Any]) -> dict[str, Any]:
    backbone = {key: value for key, value in document["backbone"].items() if key not in ("kind", "settings", "version")}
    card = {**backbone["card"], "preprocessing": {"kind": "image", **backbone["card"].get("preprocessing", {})}}
    return {
        "preprocessing": preprocessing,
        "backbone": {**backbone, "card": card},
        "runtime": document["runtime"],
        "prefix": "backbone.",
        "graph": "model.onnx",
        "input_name": "pixels",
        "input_dtype": "uint8",
    }


def _fitted(backbone: dict[str, Any], preprocessing: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": backbone["name"],
        "settings": backbone["settings"],
        "version": backbone["version"],
        "takes": "prepared",
        "preprocessing": preprocessing,
        "prefix": "backbone.",
    }
