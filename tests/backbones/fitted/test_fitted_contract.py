"""What holds for every fitted backbone."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from headstart.core import plugins

ROOM = "backbones.fitted"


@pytest.fixture(params=plugins.names(ROOM))
def fitted(request):
    plugin = plugins.load(ROOM, request.param)
    return request.param, plugin.kind, plugin.build(plugin.config())


def test_it_says_its_name_version_and_width(fitted):
    name, kind, backbone = fitted
    assert kind == "fitted" and backbone.name == name and backbone.version >= 1
    assert json.loads(json.dumps(backbone.to_dict()))["name"] == name
    pixels = np.random.default_rng(0).integers(0, 256, (5, 48, 40, 3), dtype=np.uint8)
    descriptors = backbone.describe(pixels)
    features = backbone.transform(backbone.fit(descriptors[:3]), descriptors)
    assert features.shape == (5, backbone.D) and features.dtype == np.float32


def test_a_pictures_numbers_do_not_depend_on_its_batch(fitted):
    _, _, backbone = fitted
    pixels = np.random.default_rng(0).integers(0, 256, (33, 64, 64, 3), dtype=np.uint8)
    together = backbone.describe(pixels)
    alone = np.concatenate([backbone.describe(pixels[row : row + 1]) for row in range(33)])
    assert np.array_equal(together, alone)
    assert np.array_equal(backbone.describe(pixels[::-1]), together[::-1])


def test_describing_leaves_the_pixels_alone(fitted):
    _, _, backbone = fitted
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    before = pixels.copy()
    backbone.describe(pixels)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("name", plugins.names(ROOM))
def test_it_runs_without_torch(name):
    code = f"import sys; import headstart.{ROOM}.{name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
