"""What can be the target, and what is said of a processor that lacks something."""

from __future__ import annotations

import pytest

from headstart.compression import running
from headstart.core.errors import ConfigError


def test_what_a_processor_lacks_is_said(monkeypatch):
    monkeypatch.setattr(running, "computes_bfloat16", lambda: True)
    monkeypatch.setattr(running, "computes_int8", lambda: True)
    assert running.processor_notes() == []
    monkeypatch.setattr(running, "computes_int8", lambda: False)
    (note,) = running.processor_notes()
    assert "no instructions for 8-bit integers" in note
    monkeypatch.setattr(running, "computes_bfloat16", lambda: False)
    assert [each.split(":")[0] for each in running.processor_notes()] == [
        "This processor has no instructions for bfloat16",
        "This processor has no instructions for 8-bit integers",
    ]


def test_without_bfloat16_the_model_as_it_is_runs_in_float32(monkeypatch):
    monkeypatch.setattr(running, "computes_bfloat16", lambda: False)
    assert {each.precision for each in running.targets("auto", 1)} == {"float32"}
    monkeypatch.setattr(running, "computes_bfloat16", lambda: True)
    assert running.targets("openvino", 1)[0].precision == "bfloat16"
    with pytest.raises(ConfigError, match="onnxruntime"):
        running.targets("tensorrt", 1)
