"""What an export of an INT8 network may differ by."""

from __future__ import annotations

import pytest

from headstart.core.errors import GateError
from headstart.exporting.comparing import Apart
from headstart.exporting.integers import LOST, MEAN, require_alike


def apart(mean):
    return {"one by one": Apart(10, 0.3, mean, 4)}


def judged(file, run, figure="accuracy"):
    return {"n": 200, figure: {"file": file, "bundle": 0.5, "run": run}}


def test_single_answers_may_differ_where_the_mean_does_not():
    require_alike(apart(MEAN), None, "onnx")
    with pytest.raises(GateError, match="on the mean, within"):
        require_alike(apart(MEAN * 1.01), None, "onnx")
    with pytest.raises(GateError, match="on the mean"):
        require_alike(apart(float("nan")), None, "onnx")


def test_the_file_is_as_good_on_the_runs_own_tests():
    require_alike(apart(0.0), judged(0.9 - LOST + 1e-9, 0.9), "onnx")
    with pytest.raises(GateError, match="the accuracy on 200 of them is 0.88, of the run 0.9"):
        require_alike(apart(0.0), judged(0.88, 0.9), "onnx")
    require_alike(apart(0.0), judged(1.0 + LOST, 1.0, "rmse"), "onnx")
    with pytest.raises(GateError, match="rmse"):
        require_alike(apart(0.0), judged(1.1, 1.0, "rmse"), "onnx")
    with pytest.raises(GateError, match="the run 0.5"):  # what the bundle says, where nothing was written
        require_alike(apart(0.0), {"n": 90, "accuracy": {"file": 0.4, "bundle": 0.5}}, "onnx")


def test_of_few_tests_one_answer_may_be_another():
    few = {"n": 59, "accuracy": {"file": 55 / 59, "bundle": 0.5, "run": 56 / 59}}
    require_alike(apart(0.0), few, "onnx")
    few["accuracy"]["file"] = 54 / 59
    with pytest.raises(GateError, match="within 1 points or one answer"):
        require_alike(apart(0.0), few, "onnx")
