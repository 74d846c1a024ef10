"""``monitor`` on a finished run: the same pictures, others, unlabelled ones, tables, bundles without a reference."""

from __future__ import annotations

import json
import shutil

import pandas
import pytest

import headstart
from headstart import bundle
from headstart.core.errors import ConfigError
from headstart.monitoring.reference import MONITOR, Reference
from helpers import make_photos
from shared_run import CLASSES


def test_the_reference_that_travels_is_small_and_of_the_training_part(shared):
    arrays = bundle.read(shared.run.path).postprocessing().under(MONITOR)
    assert sum(array.nbytes for array in arrays.values()) < 200_000
    reference = Reference.of(bundle.read(shared.run.path).postprocessing())
    assert reference.sureness.n == 48  # 60 less the 12 of the test
    assert {each.family for each in reference.numbered} == {"predictions", "features", "domain", "quality"}
    assert len(reference.mean) == 64


def test_pictures_of_the_same_kind_raise_no_alarm_and_are_measured(warm, tmp_path):
    make_photos(tmp_path / "same", dict.fromkeys(CLASSES, 12))
    found = headstart.monitor(warm.run.path, tmp_path / "same")
    accuracy = found.document["accuracy"]
    assert not [each for each in found.document["findings"] if each["alarm"] and each["family"] != "measured"]
    assert accuracy["measured"]["n"] == 36
    assert found.document["source"] == "data"


def test_pictures_without_classes_of_one_colour_are_another_mixture(warm, tmp_path):
    make_photos(tmp_path / "made", {"red": 60})
    found = headstart.monitor(warm.run.path, tmp_path / "made" / "red", out=tmp_path / "out")
    assert found.has_changed
    assert "classes" in {each["family"] for each in found.document["findings"] if each["alarm"]}
    assert found.document["accuracy"]["measured"] is None
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"monitor.json"}
    assert json.loads((tmp_path / "out" / "monitor.json").read_text()) == found.document
    named = {name for step in found.document["advice"] for name in step["ids"]}
    assert named and all("red" in name for name in named)


def test_folders_that_are_no_classes_are_told_and_not_counted_as_wrong(warm, tmp_path):
    make_photos(tmp_path / "made", {"red": 30})
    (tmp_path / "made" / "red").rename(tmp_path / "made" / "monday")
    shutil.copytree(tmp_path / "made" / "monday", tmp_path / "made" / "tuesday")
    found = headstart.monitor(warm.run.path, tmp_path / "made")
    assert found.document["accuracy"]["measured"] is None
    assert any("no target is a class of the model (monday, tuesday)" in note for note in found.document["notes"])


def test_unreadable_pictures_are_counted(warm, tmp_path):
    make_photos(tmp_path / "made", {"red": 30})
    for number in range(10):
        (tmp_path / "made" / "red" / f"bad{number}.png").write_bytes(b"no picture")
    found = headstart.monitor(warm.run.path, tmp_path / "made" / "red").document
    assert (found["window"]["examples"], found["window"]["unusable"]) == (30, 10)


def test_a_bundle_of_before_says_what_to_do(shared, tmp_path):
    old = bundle.read(shared.run.path).postprocessing()
    arrays = {name: array for name, array in old.arrays.items() if not name.startswith(MONITOR)}
    with pytest.raises(ConfigError, match="written before that existed. Fit again"):
        Reference.of(type(old)(old.record, arrays))


def test_a_window_of_no_examples_is_refused(shared, tmp_path):
    with pytest.raises(ConfigError, match="1 example or more"):
        headstart.monitor(shared.run.path, tmp_path, window=0)


@pytest.mark.parametrize("column", ["shade", "size"])
def test_columns_that_changed_are_named(column, tmp_path):
    import numpy as np

    def rows(n, seed, changed=None):
        rng = np.random.default_rng(seed)
        size = rng.normal(5, 1, n) + (2 if changed == "size" else 0)
        shade = rng.choice(["dark", "light"], n) if changed != "shade" else np.full(n, "violet")
        label = np.where(rng.normal(5, 1, n) + size > 10, "big", "small")
        return pandas.DataFrame({"size": size, "shade": shade, "label": label})

    run = headstart.fit(rows(200, 0), method="linear_probe", out=tmp_path / "run")
    same = headstart.monitor(run.path, rows(120, 1)).document
    assert not same["alarm"] and same["accuracy"]["measured"]["n"] == 120
    found = headstart.monitor(run.path, rows(120, 2, column).drop(columns="label")).document
    assert column in {each["name"] for each in found["findings"] if each["alarm"]}
    assert found["accuracy"]["measured"] is None
