"""The command line in a process where packages look as if they were not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
