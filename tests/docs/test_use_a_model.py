"""A program that has only the page's code and a bundle gets the probabilities that `headstart predict` gives."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file

import headstart
import shared_run
from docs.helpers_pages import JOBS, blocks
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.isotonic import PLUGIN
from headstart.evaluation.softmax import softmax

shared = shared_run.shared
CODE = [block.body for block in blocks((JOBS / "use_a_model.md").read_text()) if block.language == "python"]


def ran(words):
    """What the block with these words leaves, run in the current folder."""
    [code] = [body for body in CODE if words in body]
    names = {}
    exec(compile(code, "use_a_model.md", "exec"), names)
    return names


def test_the_graph_gives_the_probabilities_of_predict(shared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(shared.run.bundle, tmp_path / "shipped")
    (tmp_path / "new_photos").mkdir()
    shutil.copy(next((shared.photos / "red").glob("*.png")), tmp_path / "new_photos" / "1.png")
    found = ran("InferenceSession")["probabilities"]
    [row] = headstart.predict("shipped", "new_photos/1.png", runtime="onnxruntime").rows
    assert found == pytest.approx({name: row[f"probability_{name}"] for name in shared_run.CLASSES}, abs=1e-5)


def test_an_isotonic_calibration_is_applied_as_the_bundle_does(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    logits, truth = rng.normal(0, 2, (400, 3)), rng.integers(3, size=400)
    calibrator = PLUGIN.build(PLUGIN.config())
    arrays = calibrator.fit(Targets(truth, "class", 3), logits)
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "manifest.json").write_text(json.dumps({"postprocessing": {"calibrator": "isotonic"}}))
    save_file(
        {f"postprocessing.calibrator.{name}": array for name, array in arrays.items()},
        tmp_path / "shipped" / "weights.safetensors",
    )
    monkeypatch.chdir(tmp_path)
    shutil.copytree("shipped", "of_three")
    (tmp_path / "shipped" / "manifest.json").write_text(json.dumps({"postprocessing": {"calibrator": "none"}}))
    calibrated = ran("def calibrated")["calibrated"]
    assert calibrated("shipped", [0.2, 0.8]) == [0.2, 0.8]
    expected = softmax(calibrator.apply(arrays, logits[:5], "class"))
    for row, wanted in zip(softmax(logits[:5]), expected, strict=True):
        np.testing.assert_allclose(calibrated("of_three", row), wanted, rtol=1e-9)
