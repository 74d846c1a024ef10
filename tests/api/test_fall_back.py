"""A whole run in which the guard falls back: here the network is random and the colours tell the classes."""

from __future__ import annotations

import shutil

import pyarrow.parquet
import pytest

import headstart
from api.helpers_stops import CtrlC
from headstart.core.errors import RunInterrupted
from shared_run import CLASSES, evidence_of, predictions_of


@pytest.fixture(scope="module")
def fallen(shared, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        return shared.fit(tmp_path_factory.mktemp("fallen") / "run", method="auto")


def test_what_did_best_on_the_folds_ships_and_that_is_no_error(fallen):
    evidence = fallen.evidence
    assert (evidence["guard"]["chosen"], evidence["guard"]["fell_back"]) == ("pixel_histograms", True)
    assert evidence["guard"]["out_of_fold_loss"]["pixel_histograms"] == min(
        evidence["guard"]["out_of_fold_loss"].values()
    )
    assert evidence["verdict"]["chosen_is_transfer"] is False
    assert "linear_probe lost to pixel_histograms on held-out folds" in evidence["sentence"]
    assert {each["name"] for each in evidence["comparisons"]} == {
        "linear_probe", "knn", "random_weights", "majority_class",
    }  # fmt: skip


def test_the_shipped_bundle_predicts_the_test_split_bit_for_bit(fallen, shared, tmp_path):
    copy = shutil.copytree(fallen.bundle, tmp_path / "bundle")
    test = pyarrow.parquet.read_table(fallen.path / "predictions" / "test.parquet").to_pylist()
    found = headstart.predict(copy, [shared.photos / row["id"] for row in test]).rows
    for row, other in zip(test, found, strict=True):
        for name in ("prediction", *(f"probability_{name}" for name in CLASSES)):
            assert other[name] == row[name]
    with pytest.raises(headstart.HeadstartError, match="without a network"):
        headstart.predict(copy, shared.photos / "red", runtime="openvino")


def test_its_config_repeats_it_with_the_same_fall_back(fallen, warm, tmp_path):
    again = headstart.fit(config=fallen.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(fallen.path)
    assert predictions_of(again.path) == predictions_of(fallen.path)


def test_it_resumes_with_the_same_fall_back(fallen, warm, tmp_path):
    with pytest.raises(RunInterrupted):
        warm.fit(tmp_path / "run", method="auto", progress=CtrlC("bundle"))
    again = headstart.fit(out=tmp_path / "run", resume=True)
    assert evidence_of(again.path) == evidence_of(fallen.path)


def test_the_guard_can_be_asked_for_with_a_named_method(warm, tmp_path):
    run = warm.fit(tmp_path / "run", settings={"runtime.name": "onnxruntime", "guard": True})
    assert run.evidence["guard"]["chosen"] == "pixel_histograms"
