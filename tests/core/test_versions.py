from __future__ import annotations

from importlib import metadata

import numpy
import pytest

from headstart.core.versions import version


def test_a_version_is_what_the_package_says_and_is_read_once(monkeypatch):
    assert version("numpy") == numpy.__version__
    monkeypatch.setattr(metadata, "version", None)
    assert version("numpy") == numpy.__version__


def test_what_is_not_installed_has_none():
    with pytest.raises(metadata.PackageNotFoundError):
        version("no-package-of-this-name")
