"""``fit --seeds``: each seed a run of its own, and one figure over them."""

from __future__ import annotations

import json

import numpy as np
import pytest

import headstart
from headstart.core.errors import ConfigError
from made_tables import customers, write_csv


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("seeds") / "customers.csv", customers(150))


def fit(data, out, **options):
    return headstart.fit(data, target="churn", out=out, settings={"cache": "off"}, **options)


@pytest.fixture(scope="module")
def drawn(data, tmp_path_factory):
    return fit(data, tmp_path_factory.mktemp("drawn") / "out", seeds=3, seed=4)


def test_each_seed_is_the_run_that_it_would_be_alone(data, drawn, tmp_path):
    assert [run.path.name for run in drawn.runs] == ["seed-4", "seed-5", "seed-6"]
    alone = fit(data, tmp_path / "alone", seed=5)
    assert drawn.runs[1].evidence["test"] == alone.evidence["test"]


def test_the_figure_is_that_of_the_runs(drawn):
    values = [run.evidence["test"]["accuracy"]["value"] for run in drawn.runs]
    document = json.loads((drawn.path / "seeds.json").read_text())
    assert document == drawn.document and list(document["values"].values()) == values
    assert document["mean"] == pytest.approx(np.mean(values)) and document["spread"] == pytest.approx(
        np.std(values, ddof=1)
    )
    assert document["low"] < document["mean"] < document["high"] and not document["same_test"]
    assert "a test of its own each" in drawn.sentence and len(drawn.to_dict()["runs"]) == 3


@pytest.mark.slow
def test_a_given_test_is_shared(tmp_path):
    frame = customers(150)
    frame["split"] = ["test" if row % 4 == 0 else "train" for row in range(150)]
    found = fit(write_csv(tmp_path / "c.csv", frame), tmp_path / "out", seeds=2)
    assert found.document["same_test"] and "the same test examples" in found.sentence


def test_what_was_finished_is_gone_on_behind(data, drawn, tmp_path):
    import shutil

    shutil.copytree(drawn.path / "seed-4", tmp_path / "out" / "seed-4")
    before = (tmp_path / "out" / "seed-4" / "evidence.json").stat().st_mtime_ns
    found = fit(data, tmp_path / "out", seeds=2, seed=4, resume=True)
    assert (tmp_path / "out" / "seed-4" / "evidence.json").stat().st_mtime_ns == before
    assert found.document["values"]["seed-5"] == drawn.document["values"]["seed-5"]


@pytest.mark.parametrize(
    ("options", "what"), [({"seeds": 1}, "2 or more"), ({"seeds": 2, "dry_run": True}, "no dry run")]
)
def test_what_makes_no_sense_is_refused(data, tmp_path, options, what):
    with pytest.raises(ConfigError, match=what):
        fit(data, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_kept(data, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(ConfigError):
        fit(data, tmp_path / "out", seeds=2)
