"""Settings that must come before PyTorch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from headstart.runtimes import process_settings
from headstart.runtimes.process_settings import limit_spinning, settle_process


@pytest.fixture
def untouched(monkeypatch):
    """As in a process that did not import torch and whose user decided nothing."""
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for name in process_settings.DECIDED_BY_USER:
        monkeypatch.setenv(name, "")  # so that monkeypatch puts back what is set below
        monkeypatch.delenv(name)


def test_waiting_is_limited_before_torch_is_imported(untouched):
    assert limit_spinning() is True
    assert os.environ["GOMP_SPINCOUNT"] == "1000"
    assert limit_spinning() is False, "decided by now"


@pytest.mark.parametrize("name", process_settings.DECIDED_BY_USER)
def test_what_the_user_decided_stays(untouched, monkeypatch, name):
    monkeypatch.setenv(name, "7")
    assert limit_spinning() is False
    assert os.environ[name] == "7"


def test_after_torch_it_is_too_late(untouched, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", sys)
    assert limit_spinning() is False
    assert "GOMP_SPINCOUNT" not in os.environ


def test_settling_a_process_sets_both_and_imports_nothing_heavy(untouched):
    code = """
import os, sys
from headstart.runtimes.process_settings import settle_process
settle_process()
assert os.environ["GOMP_SPINCOUNT"] == "1000"
assert not {"torch", "openvino", "onnxruntime", "onnx", "PIL"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert callable(settle_process)
