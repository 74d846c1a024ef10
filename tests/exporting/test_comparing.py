"""What the gate lets pass of the run's own test examples."""

from __future__ import annotations

import pytest

from headstart.core.errors import GateError
from headstart.exporting.comparing import Limits, require_as_reported


def on_tests(file, run, changed=0, in_the_bundle_too=0, figure="accuracy"):
    written = {"changed_decisions": changed, "changed_in_the_bundle_too": in_the_bundle_too, "precision": "a, bfloat16"}
    return {"n": 400, figure: {"file": file, "bundle": file, "run": run}, "as_written": written}


@pytest.mark.parametrize(
    "found",
    [
        on_tests(0.9, 0.9),
        on_tests(0.9, 0.9, changed=2),  # 0.5 % of 400
        on_tests(0.9, 0.9, changed=9, in_the_bundle_too=7),  # those are the run's own rounding
        on_tests(0.95, 0.9),  # better
        on_tests(0.896, 0.9, changed=4, in_the_bundle_too=4),
        on_tests(1.01, 1.0, figure="rmse"),
    ],
)
def test_as_good_as_reported_passes(found):
    require_as_reported(found, Limits(), "onnx")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (on_tests(0.9, 0.9, changed=3), "3 of them by the export alone"),
        (on_tests(0.894, 0.9, changed=9, in_the_bundle_too=9), "accuracy on 400 of them is 0.894, of the run 0.9"),
        (on_tests(1.03, 1.0, figure="rmse"), "root mean squared error"),
        (on_tests(float("nan"), 1.0, figure="rmse"), "root mean squared error"),
    ],
)
def test_worse_than_reported_is_refused(found, message):
    with pytest.raises(GateError, match=message):
        require_as_reported(found, Limits(), "onnx")
