"""Bundles that were written when every input was a picture are read as ever."""

from __future__ import annotations

import json

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from bundle.helpers_bundle import IMAGE, PREPROCESSING, features_and_outputs, linear_head, pictures, write_fitted
from headstart import bundle
from headstart.bundle import FittedBackbone
from headstart.core.files import sha256_file, sha256_json
from headstart.core.schema import InputSchema


def turned_back(folder, backbone, prefix):
    """Rewrite a bundle in the form of schema 1."""
    path = folder / "weights.safetensors"
    with safe_open(path, "numpy") as stream:
        tensors = {name.replace(prefix, "backbone."): stream.get_tensor(name) for name in stream.keys()}
        metadata = stream.metadata()
    save_file(tensors, path, metadata)
    (folder / "model.onnx").touch()
    document = json.loads((folder / "manifest.json").read_text())
    networks, runtime = document.pop("networks"), {"name": "numpy", "precision": "float32"}
    for network in networks.values():
        runtime = network["runtime"]
        network["backbone"]["card"]["preprocessing"].pop("kind")
        for later in ("modality", "library", "default"):
            network["backbone"]["card"].pop(later, None)
        backbone = {**network["backbone"], "settings": {}, "version": "", "kind": "pretrained"}
    for later in ("fitted", "sources", "input", "sha256"):
        document.pop(later)
    preprocessing = PREPROCESSING.model_dump(mode="json")
    preprocessing.pop("kind")
    files = {
        name: {"sha256": sha256_file(folder / name), "bytes": (folder / name).stat().st_size}
        for name in ("weights.safetensors", "model.onnx", "evidence.json")
    }
    document |= {"schema": 1, "preprocessing": preprocessing, "backbone": backbone, "files": files}
    document |= {"runtime": {"batch_size": 8, "threads": 1, **runtime}}
    (folder / "manifest.json").write_text(json.dumps({**document, "sha256": sha256_json(document)}))


def test_a_network_of_schema_1_predicts_in_its_graph_and_as_a_module(copied):
    expected = features_and_outputs(bundle.read(copied).predictor(), pictures(5))
    turned_back(copied, None, "network.small-efficientnet.")
    assert json.loads((copied / "manifest.json").read_text())["schema"] == 1
    read = bundle.read(copied)
    assert read.schema == InputSchema(parts=(IMAGE,))
    found = features_and_outputs(read.predictor(), pictures(5))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    eager = features_and_outputs(read.predictor("eager"), pictures(5))
    np.testing.assert_allclose(eager[1], expected[1], atol=1e-4)


def test_histograms_of_schema_1_predict_without_the_graph_they_came_with(tmp_path):
    write_fitted(tmp_path / "b")
    width = FittedBackbone("pixel_histograms", {}, {"side": 16}).load().D
    record = {
        **{"kind": "fitted", "name": "pixel_histograms", "stage": "descriptors", "feature_dim": width},
        **{"weights_digest": "", "card": {}, "settings": {"side": 16}, "version": "1"},
    }
    turned_back(tmp_path / "b", record, "fitted.pixel_histograms.")
    features, outputs = features_and_outputs(bundle.read(tmp_path / "b").predictor(), pictures(3))
    head = linear_head(width).arrays
    np.testing.assert_allclose(outputs, features @ head["weight"].T + head["bias"], atol=1e-5)
