"""A folder in which mutmut changes a room and runs the room's tests on every change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .rooms import Room

# "ci" is hypothesis' own profile: examples follow from the test alone, no deadline, no memory of earlier failures
PYTEST = ["-p", "no:cacheprovider", "--hypothesis-profile=ci"]
# A change whose tests take so many times as long as before, a second added, never ends; other work may slow them too.
SLOWER = 15.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def prepare(place: Path, root: Path, room: Room) -> None:
    """An empty folder with links to the code and the tests of a checkout, and mutmut's settings."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("src", "tests", "benchmarks"):
        (place / name).symlink_to(root / name)
    configure(place, root, room)


def configure(place: Path, root: Path, room: Room) -> None:
    """The project's own settings, and mutmut's for a room."""
    (place / "pyproject.toml").write_text((root / "pyproject.toml").read_text() + settings(room))


def settings(room: Room) -> str:
    """The ``[tool.mutmut]`` of a room."""
    tests = [f"tests/{name}" for name in room.tests]
    values = {
        "source_paths": ["src"],
        "only_mutate": [f"src/headstart/{room.code}/*"],
        "do_not_mutate": [f"src/headstart/{room.code}/{folder}/*" for folder in room.apart],
        "also_copy": ["benchmarks"],  # some tests look into it
        "pytest_add_cli_args": [*PYTEST, *(f"--ignore={test}/{each}" for test in tests for each in room.apart)],
        "pytest_add_cli_args_test_selection": tests,
        "timeout_multiplier": SLOWER,
        "track_dependencies": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def run(place: Path, processes: int, names: list[str]) -> None:
    """Judge every mutant that has no verdict yet, or those that are named; ends this program where mutmut fails."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes), *names]
    ended = subprocess.run(command, cwd=place, env=os.environ | ONE_THREAD, check=False)
    if ended.returncode:
        raise SystemExit(f"mutmut ended with {ended.returncode}; {place} holds what it found so far")


def forget_tests(place: Path) -> None:
    """Which tests reach which function is found out again at the next run: they may have been changed."""
    (place / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
