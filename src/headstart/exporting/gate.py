"""The exported file's answers: its own runtime on raw files, in a process that has neither torch nor Headstart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from headstart.core.errors import BackendError

BATCH = 8  # rows of the second pass
MOST_SECONDS = 900
INPUT = "input"  # name of its file
# What must not be needed: these are not to be found in the fresh process, unless the format itself runs in one of them.
BLOCKED = ("torch", "timm", "torchvision", "transformers", "onnx", "sklearn", "headstart")
FRESH = """
import runpy, sys

class Without:  # as where they are not installed: runtimes look for some of them
    names = {blocked!r}

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in self.names else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(each) for each in sys.meta_path]
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Example:
    """One raw input that the file is judged on.

    Attributes:
        content: The bytes of its file; of a row a JSON object.
        files: By name the files that cells of the row name.
        truth: Its target in words, where it has one.
        written: What the run wrote of it, a row of predictions/test.parquet, where it is one of the run's tests.
    """

    content: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    truth: str | None = None
    written: Mapping[str, Any] | None = None


def ask(
    folder: Path, examples: Sequence[Example], needs: Sequence[str], batch: int, threads: int
) -> tuple[list[dict[str, Any]], list[float]]:
    """Answers of ``reader.py`` to inputs written as files, and the milliseconds of each.

    Args:
        folder: With model and reader.
        examples: Raw inputs.
        needs: Modules of :data:`BLOCKED` that the format's own runtime is made of.
        batch: Inputs of equal shape computed together.
        threads: Processor threads.

    Raises:
        BackendError: the reader fails.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        paths = []
        for number, example in enumerate(examples):
            beside = Path(place) / f"{number:05d}"
            beside.mkdir()
            for name, content in {**example.files, INPUT: example.content}.items():
                (beside / name).write_bytes(content)
            paths.append(str(beside / INPUT))
        listed = Path(place) / "list"
        listed.write_text("\n".join(paths))
        code = FRESH.format(blocked=sorted(set(BLOCKED) - set(needs)))
        asked = ["--batch", str(batch), "--threads", str(threads), "--time", f"@{listed}"]
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, str(folder / "reader.py"), *asked],
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
        )
    if done.returncode != 0:
        why = done.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        first = next((line for line in done.stdout.splitlines() if "error" in line), "")
        raise BackendError(f"the exported reader must run by itself; it ends with {why[0]} {first}".rstrip() + ".")
    milliseconds = json.loads(done.stderr.strip().splitlines()[-1])
    return [json.loads(line) for line in done.stdout.splitlines()], milliseconds


def values_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """``(n, K)`` probabilities, or ``(n, 1)`` numbers, of rows of a reader; NaN where one has an error."""
    if not names:
        return np.array([[row.get("prediction", np.nan)] for row in rows], np.float64)
    empty = dict.fromkeys(names, np.nan)
    return np.array([[row.get("probabilities", empty)[name] for name in names] for row in rows], np.float64)
