"""The command line where packages look as if they were not installed: in a process of its own, and in this one."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headstart.core.versions import version

HIDE = """
import importlib.machinery, importlib.metadata, sys

hidden = set(sys.argv.pop(1).split(","))
distributions = {"sklearn": "scikit-learn"}
finder = importlib.machinery.PathFinder
find_spec, from_name = finder.find_spec, importlib.metadata.Distribution.from_name

def find(name, *rest, **named):
    return None if name.partition(".")[0] in hidden else find_spec(name, *rest, **named)

def distribution(name):
    if name in hidden | {distributions.get(each) for each in hidden}:
        raise importlib.metadata.PackageNotFoundError(name)
    return from_name(name)

finder.find_spec, importlib.metadata.Distribution.from_name = staticmethod(find), distribution
from headstart.cli.main import main

main()
"""


def without(packages: str, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one command in ``folder`` where ``packages`` (import names, separated by commas) cannot be found."""
    command = [sys.executable, "-c", HIDE, packages, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)


@pytest.fixture
def hide(monkeypatch):
    """Make one package look as if it were not installed, in this process, where nothing of it may be held already."""

    def hidden(package: str) -> None:
        finder, from_name = importlib.machinery.PathFinder, importlib.metadata.Distribution.from_name
        find_spec = finder.find_spec

        def find(name, *rest, **named):
            return None if name.partition(".")[0] == package else find_spec(name, *rest, **named)

        def distribution(name):
            if name == package:
                raise importlib.metadata.PackageNotFoundError(name)
            return from_name(name)

        monkeypatch.setattr(finder, "find_spec", staticmethod(find))
        monkeypatch.setattr(importlib.metadata.Distribution, "from_name", staticmethod(distribution))
        for name in [each for each in sys.modules if each.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)

    version.cache_clear()
    yield hidden
    version.cache_clear()
