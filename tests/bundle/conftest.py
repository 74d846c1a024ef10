"""One written bundle for the tests that only read it, and copies of it to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bundle.helpers_bundle import write_small


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "bundle"
    write_small(folder)
    return folder


@pytest.fixture
def copied(written, tmp_path):
    """A bundle alone in an empty folder."""
    return Path(shutil.copytree(written, tmp_path / "elsewhere"))
