"""One decoder under atheris, until libFuzzer's own limits end it.

    python one.py DECODER FOLDER [LIBFUZZER OPTIONS]

FOLDER holds the fitted runs, and gets ``DECODER.jsonl``, a line for each distinct fault and each ``EVERY`` executions,
and the inputs of faults.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import random
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
INSTRUMENTED = ("headstart", "PIL", "python_multipart", "soundfile")
FORMATS = ("Avif", "Bmp", "Gif", "Jpeg2K", "Jpeg", "Png", "Ppm", "Tiff", "WebP")
with atheris.instrument_imports(include=list(INSTRUMENTED)):
    for module in (*(f"PIL.{each}ImagePlugin" for each in FORMATS), "python_multipart.multipart", "soundfile"):
        importlib.import_module(module)
    from fuzz.decoders import DECODERS, REFUSALS

EVERY = 200
SLOW_SECONDS = 5.0  # an input of some kilobytes that takes longer is a fault


class Watch:
    """Counts what comes of inputs, and keeps each distinct fault once."""

    def __init__(self, name: str, folder: Path, decode: Any) -> None:
        self._name, self._folder, self.decode = name, folder, decode
        self._lines = (folder / f"{name}.jsonl").open("a", buffering=1)
        self._known: set[str] = set()
        self.executions = self.refused = 0

    def __call__(self, content: bytes) -> None:
        """One input."""
        began = time.perf_counter()
        self.executions += 1
        try:
            self.decode(content)
        except REFUSALS:
            self.refused += 1
        except Exception as error:  # that is what is looked for
            self._fault(content, type(error).__name__, _places(error), str(error)[:200])
        if (seconds := time.perf_counter() - began) > SLOW_SECONDS:
            self._fault(content, "slow", [], f"{seconds:.1f} s")
        if self.executions % EVERY == 0:
            self._say({"executions": EVERY, "refused": self.refused})
            self.refused = 0

    def _fault(self, content: bytes, kind: str, places: list[str], said: str) -> None:
        where = f"{kind} {places[-1:]}"
        if where in self._known:
            return
        self._known.add(where)
        name = f"fault-{self._name}-{hashlib.sha256(content).hexdigest()[:12]}"
        (self._folder / name).write_bytes(content)
        self._say({"fault": kind, "places": places, "said": said, "input": name})

    def _say(self, line: dict[str, Any]) -> None:
        self._lines.write(json.dumps(line) + "\n")


def import_all(name: str, decode: Any) -> None:
    """What decoders import late, so that no input counts as slow for it."""
    for seed in DECODERS[name].seeds():
        with contextlib.suppress(Exception):
            decode(seed)


def _places(error: Exception) -> list[str]:
    """File and line of each frame, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames][-6:]


def mutator(change: Any) -> Any:
    """A mutation: libFuzzer's own mutation half of the time, else the decoder's."""

    def mutated(content: bytes, most: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(content, most))
        return bytes(change(content, random.Random(seed))[:most])

    return mutated


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    watch = Watch(name, folder, DECODERS[name].build(folder))
    import_all(name, watch.decode)
    change = DECODERS[name].change
    options = {"custom_mutator": mutator(change)} if change else {}
    atheris.Setup([sys.argv[0], *sys.argv[3:]], watch, **options)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
