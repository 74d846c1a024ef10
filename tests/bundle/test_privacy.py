"""A bundle holds nothing of the pictures it was fitted on or checked with."""

from __future__ import annotations

import getpass
from pathlib import Path

import numpy as np
import pytest

from bundle.helpers_bundle import Choice, features_and_outputs, pictures, write_fitted, write_small
from headstart.bundle import FittedBackbone
from headstart.core.errors import GateError
from headstart.core.learning import Fitted


def everything(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def windows(array, width):
    """Byte strings of ``width`` values from each row, such as a copy of the row would contain."""
    return [row.reshape(-1)[:width].tobytes() for row in array]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_neither_pixels_nor_features_of_a_picture_are_inside(tmp_path, dtype):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    written = write_small(tmp_path / "bundle", sample=pixels, runtime=Choice("eager"))
    content = everything(written.folder)
    assert written.manifest.parity["n"] == 6  # the pictures were used
    features, logits = features_and_outputs(written.predictor(), pixels)
    found = [*windows(pixels, 16), *windows(features.astype(dtype), 4), *windows(logits.astype(dtype), 3)]
    assert not any(each in content for each in found)


def test_the_scan_would_see_a_row_of_features(tmp_path):
    features = FittedBackbone("pixel_histograms", {}, {"side": 16}).describe(pictures(2))
    leaky = FittedBackbone("pixel_histograms", {"examples": features}, {"side": 16})
    content = everything(write_fitted(tmp_path / "bundle", backbone=leaky).folder)
    assert all(each in content for each in windows(features, 4))


def test_no_path_of_the_machine_that_wrote_it_is_inside(tmp_path):
    content = everything(write_small(tmp_path / "bundle").folder)
    for private in (str(tmp_path), str(Path.home()) + "/", str(Path(__file__).parent), f"/{getpass.getuser()}/"):
        assert private.encode() not in content


def test_a_head_that_keeps_training_examples_is_not_shipped(tmp_path):
    rows = np.zeros((5, 256), np.float32)
    fitted = Fitted({"rows": rows}, {"method": "knn", "form": "neighbours", "k": 1})
    with pytest.raises(GateError, match="'knn' keeps one row for each training example"):
        write_small(tmp_path / "bundle", fitted=fitted)
    assert not (tmp_path / "bundle").exists()
