"""Fixtures: tiny networks for texts and recordings, saved once by transformers itself."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from made_sounds import make_sound_model
from made_texts import make_text_model

EAGER = {"runtime.name": "eager"}  # named, so that nothing is measured
GRAPH = {"runtime.name": "onnxruntime"}


@pytest.fixture(scope="session")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder; each conftest imports this fixture and all get the same one."""
    return _text_model(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def sound_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for recordings."""
    return _sound_model(tmp_path_factory.getbasetemp())


@functools.cache
def _text_model(base: Path) -> Path:
    return make_text_model(base / "tiny-texts")


@functools.cache
def _sound_model(base: Path) -> Path:
    return make_sound_model(base / "tiny-sounds")
