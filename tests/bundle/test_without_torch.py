"""A bundle copied to an empty folder predicts in a process where torch, timm and the data are out of reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bundle.helpers_bundle import BLOCKED, FILES, Choice, features_and_outputs, pictures, write_small
from headstart import bundle

PREDICT = """
import json, sys
import numpy as np
from headstart import bundle

read = bundle.read("copy")
predictor = read.predictor(sys.argv[1])
features = predictor.passes[0].compute(np.load("pixels.npy"))
logits = predictor.outputs([features])
np.savez("outputs.npz", features=features, logits=logits)
print(json.dumps({"runtime": predictor.runtime, "heavy": sorted({"torch", "timm", "onnx"} & set(sys.modules))}))
"""


def predict_alone(bundle_folder, folder, runtime, pixels):
    """Run PREDICT in ``folder``, which holds a copy of the bundle and the pixels and nothing else."""
    os.rename(bundle_folder, folder / "copy")
    np.save(folder / "pixels.npy", pixels)
    environment = {**os.environ, "HEADSTART_CACHE": str(folder / "no-store")}
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED + PREDICT, runtime],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outputs = np.load(folder / "outputs.npz")
    return json.loads(done.stdout), outputs["features"], outputs["logits"]


@pytest.mark.parametrize("runtime", ["auto", "openvino"])
def test_a_copied_bundle_predicts_where_importing_torch_raises(copied, tmp_path, runtime):
    pixels = pictures(11, seed=1)
    features, logits = features_and_outputs(bundle.read(copied).predictor("onnxruntime"), pixels)
    alone = tmp_path / "alone"
    alone.mkdir()
    said, other_features, other_logits = predict_alone(copied, alone, runtime, pixels)
    assert said["heavy"] == []
    assert said["runtime"] == {"auto": "onnxruntime", "openvino": "openvino"}[runtime]
    assert {path.name for path in alone.iterdir()} == {"copy", "pixels.npy", "outputs.npz"}
    assert {path.name for path in (alone / "copy").iterdir()} == FILES
    if said["runtime"] == "onnxruntime":  # the same runtime: the same bits, in another process
        np.testing.assert_array_equal(other_features, features)
        np.testing.assert_array_equal(other_logits, logits)
    else:
        np.testing.assert_allclose(other_logits, logits, atol=1e-4)


def test_a_bundle_fitted_with_torch_falls_back_to_its_graph_where_torch_is_missing(tmp_path):
    pixels = pictures(5, seed=1)
    written = write_small(tmp_path / "bundle", runtime=Choice(name="channels_last"))
    expected = features_and_outputs(written.predictor("eager"), pixels)[1]
    alone = tmp_path / "alone"
    alone.mkdir()
    said, _, logits = predict_alone(Path(written.folder), alone, "auto", pixels)
    assert said == {"runtime": "onnxruntime", "heavy": []}
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_importing_the_room_brings_nothing_heavy():
    heavy = {"torch", "timm", "onnx", "onnxruntime", "openvino", "safetensors", "scipy", "pyarrow", "PIL"}
    code = f"import sys, headstart.bundle; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
