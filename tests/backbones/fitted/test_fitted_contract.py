"""What holds for every fitted backbone, and for those that describe prepared inputs."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from headstart.core import plugins

ROOM = "backbones.fitted"
BACKBONES = {name: (plugin := plugins.load(ROOM, name), plugin.build(plugin.config())) for name in plugins.names(ROOM)}
DESCRIBING = [name for name, (_, backbone) in BACKBONES.items() if backbone.takes == "prepared"]


def prepared(name: str, rows: int) -> np.ndarray:
    """A batch of what the backbone describes."""
    rng = np.random.default_rng(0)
    if BACKBONES[name][0].modality == "image":
        return rng.integers(0, 256, (rows, 48, 40, 3), dtype=np.uint8)
    batch = rng.normal(0, 0.1, (rows, 8000)).astype(np.float32)
    batch[::2, 6000:] = np.nan
    return batch


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_it_says_what_it_is_what_it_takes_and_what_it_is_solved_with(name):
    plugin, backbone = BACKBONES[name]
    assert plugin.kind == "fitted" and backbone.name == name and backbone.version >= 1
    assert backbone.takes in ("prepared", "content", "columns")
    assert plugin.modality in ("image", "text", "sound", "table") and plugin.method in plugins.names("methods")
    assert (backbone.takes == "columns") == (plugin.modality == "table")
    assert (backbone.takes == "columns") == hasattr(backbone, "known_levels")


@pytest.mark.parametrize("name", DESCRIBING)
def test_descriptors_become_features_of_the_width_it_says(name):
    backbone = BACKBONES[name][1]
    assert json.loads(json.dumps(backbone.to_dict()))["name"] == name
    descriptors = backbone.describe(prepared(name, 5))
    features = backbone.transform(backbone.fit(descriptors[:3]), descriptors)
    assert features.shape == (5, backbone.D) and features.dtype == np.float32


@pytest.mark.parametrize("name", DESCRIBING)
def test_an_inputs_numbers_do_not_depend_on_its_batch(name):
    backbone, batch = BACKBONES[name][1], prepared(name, 33)
    together = backbone.describe(batch)
    alone = np.concatenate([backbone.describe(batch[row : row + 1]) for row in range(33)])
    assert np.array_equal(together, alone)
    assert np.array_equal(backbone.describe(batch[::-1]), together[::-1])


@pytest.mark.parametrize("name", DESCRIBING)
def test_describing_leaves_the_batch_alone(name):
    batch = prepared(name, 2)
    before = batch.copy()
    BACKBONES[name][1].describe(batch)
    assert np.array_equal(batch, before, equal_nan=batch.dtype == np.float32)


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_it_runs_without_torch(name):
    code = f"import sys; import headstart.{ROOM}.{name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
