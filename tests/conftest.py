"""Every test starts from the same seeds and an empty cache of its own."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # some tests import onnxruntime themselves; the package sets it on its own
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # waiting threads should not take the processor from other tests

from api.helpers_training import Made, texts  # noqa: E402 - after the settings that libraries read
from shared_run import shared, warm  # noqa: E402 - after the settings that libraries read when they are imported
from tiny_models import sound_model, text_model  # noqa: E402

# A busy machine is no failure: nothing here is asked to be quick.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

__all__ = ["shared", "sound_model", "text_model", "warm"]


@pytest.fixture(autouse=True)
def isolated(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    random.seed(0)
    np.random.seed(0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A folder for activations that the tests of a file share, once it is in use."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cache_of_module(isolated, cache, monkeypatch):
    """It is in use."""
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))


@pytest.fixture(scope="module")
def questions(text_model, tmp_path_factory):
    """Short texts of two topics, with a tiny network that reads them."""
    return Made("text", texts(tmp_path_factory.mktemp("texts") / "t.csv"), text_model)
