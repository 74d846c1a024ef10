from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bundle.helpers_bundle import FILES, PREPROCESSING, features_and_outputs, linear_head, pictures, write_fitted
from headstart import bundle
from headstart.bundle import FittedBackbone
from headstart.bundle.weights import fitted_prefix, read_weights
from headstart.core.errors import BackendError, ConfigError, IntegrityError

NO_GRAPH = FILES - {"model.onnx"}


def test_histograms_are_bundled_and_predict_as_they_did(tmp_path):
    written = write_fitted(tmp_path / "bundle")
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == NO_GRAPH
    read = bundle.read(tmp_path / "bundle")
    record = read.manifest.fitted["pixel_histograms"]
    assert (record.name, record.settings, record.version, record.takes) == (
        "pixel_histograms",
        {"side": 16},
        "1",
        "prepared",
    )
    backbone = FittedBackbone("pixel_histograms", {}, {"side": 16})
    pixels = pictures(7)
    features, logits = features_and_outputs(read.predictor(), pixels)
    np.testing.assert_array_equal(features, backbone.describe(pixels))
    head = linear_head(features.shape[1]).arrays
    np.testing.assert_allclose(logits, features @ head["weight"].T + head["bias"], atol=1e-5)
    assert read.predictor().runtime == "numpy"
    assert written.manifest == read.manifest
    assert read.predictor().passes[0].preparer.preprocessing == PREPROCESSING


def test_what_was_written_is_compared_with_what_the_fit_computed(tmp_path):
    features = FittedBackbone("pixel_histograms", {}, {"side": 16}).describe(pictures(4))
    (pair,) = write_fitted(tmp_path / "bundle", features=features).manifest.parity["pairs"]
    assert pair["between"] == ["numpy (float32)", "numpy, read back (float32)"]
    assert pair["largest_probability_difference"] == 0
    with pytest.raises(BackendError, match="read back"):
        write_fitted(tmp_path / "other", features=features + 1)
    assert not (tmp_path / "other").exists()


def test_arrays_that_were_learned_travel_along(tmp_path):
    learned = {"centre": np.arange(3, dtype=np.float32), "count": np.array(7)}
    backbone = FittedBackbone("pixel_histograms", learned, {"side": 16})
    write_fitted(tmp_path / "bundle", backbone=backbone)
    read = read_weights(tmp_path / "bundle" / "weights.safetensors", fitted_prefix("pixel_histograms"))
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
        "from bundle.helpers_bundle import features_and_outputs, pictures, write_fitted\n"
        "from headstart import bundle\n"
        "write_fitted(Path('b'))\n"
        "print(features_and_outputs(bundle.read('b').predictor(), pictures(2))[1].shape)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(2, 3)"
