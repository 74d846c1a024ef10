from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bundle.helpers_bundle import FILES, PREPROCESSING, linear_head, pictures, write_fitted
from headstart import bundle
from headstart.bundle import FittedBackbone
from headstart.core.errors import ConfigError, IntegrityError


def test_histograms_are_bundled_and_predict_as_they_did(tmp_path):
    written = write_fitted(tmp_path / "bundle")
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == FILES
    read = bundle.read(tmp_path / "bundle")
    record = read.manifest.backbone
    assert (record.kind, record.name, record.settings, record.version) == (
        "fitted",
        "pixel_histograms",
        {"side": 16},
        "1",
    )
    backbone = FittedBackbone("pixel_histograms", {}, {"side": 16})
    pixels = pictures(7)
    features, logits = read.predictor()(pixels)
    np.testing.assert_array_equal(features, backbone.describe(pixels))
    head = linear_head(features.shape[1]).arrays
    np.testing.assert_allclose(logits, features @ head["weight"].T + head["bias"], atol=1e-5)
    assert read.predictor().runtime == "numpy"
    assert written.manifest == read.manifest
    assert read.preprocessing == PREPROCESSING


def test_the_graph_of_histograms_was_compared_in_onnxruntime(tmp_path):
    written = write_fitted(tmp_path / "bundle")
    (pair,) = written.manifest.parity["pairs"]
    assert pair["between"] == ["numpy (float32)", "onnxruntime (float32)"]
    features, logits = written.predictor()(pictures(3))
    session = onnxruntime.InferenceSession(written.folder / "model.onnx", providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(["logits"], {"descriptors": features})[0], logits, atol=1e-5)


def test_arrays_that_were_learned_travel_along(tmp_path):
    learned = {"centre": np.arange(3, dtype=np.float32), "count": np.array(7)}
    backbone = FittedBackbone("pixel_histograms", learned, {"side": 16})
    write_fitted(tmp_path / "bundle", backbone=backbone)
    from headstart.bundle.weights import BACKBONE, read_weights

    read = read_weights(tmp_path / "bundle" / "weights.safetensors", BACKBONE)
    assert {name: array.tolist() for name, array in read.items()} == {"centre": [0, 1, 2], "count": 7}


def test_descriptors_of_another_version_are_refused():
    with pytest.raises(IntegrityError, match="must have version 99"):
        FittedBackbone("pixel_histograms", {}, version="99").load()


def test_no_runtime_but_numpy_runs_them(tmp_path):
    with pytest.raises(ConfigError, match="runs in NumPy"):
        write_fitted(tmp_path / "bundle").predictor("openvino")


def test_writing_and_reading_them_needs_no_torch(tmp_path):
    code = (
        "import sys; sys.modules['torch'] = sys.modules['timm'] = None\n"
        "from pathlib import Path\n"
        "from bundle.helpers_bundle import pictures, write_fitted\n"
        "from headstart import bundle\n"
        "write_fitted(Path('b'))\n"
        "print(bundle.read('b').predictor()(pictures(2))[1].shape)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(2, 3)"
