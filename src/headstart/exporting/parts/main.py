"""The command."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.parts.answers import answer
from headstart.exporting.parts.picture import prepared
from headstart.exporting.parts.run_onnx import Model


def answers(paths: Sequence[str], model: Any, facts: dict[str, Any], size: int = 1) -> Iterator[tuple[int, Any, float]]:
    """Place, answer and seconds of each file, up to `size` of equal shape computed together."""
    waiting: dict[tuple[int, ...], list[tuple[int, np.ndarray, float]]] = {}
    for place, path in enumerate(paths):
        began = time.perf_counter()
        try:
            array = prepared(Path(path).read_bytes(), facts)
        except Exception as error:  # decoders raise anything
            yield place, {"error": f"{type(error).__name__}: {error}"}, 0.0
            continue
        group = waiting.setdefault(array.shape, [])
        group.append((place, array, time.perf_counter() - began))
        if len(group) == size:
            yield from computed(waiting.pop(array.shape), model, facts)
    for group in waiting.values():
        yield from computed(group, model, facts)


def computed(
    group: Sequence[tuple[int, np.ndarray, float]], model: Any, facts: dict[str, Any]
) -> Iterator[tuple[int, Any, float]]:
    """What the model says of prepared inputs of one shape."""
    began = time.perf_counter()
    found = model(np.stack([array for _, array, _ in group]))
    each = (time.perf_counter() - began) / len(group)
    for (place, _, seconds), values in zip(group, found, strict=True):
        yield place, answer(values, facts), seconds + each


def main() -> int:
    """Answers as lines of JSON, in the order of the files; 1 where none could be read."""
    parser = argparse.ArgumentParser(description="What the exported model says of some files.")
    parser.add_argument("inputs", nargs="+", help="files, or @LIST: a file with one path on each line")
    parser.add_argument("--batch", type=int, default=1, help="inputs of equal shape computed together")
    parser.add_argument("--threads", type=int, default=0, help="processor threads; 0: the runtime's own choice")
    parser.add_argument("--time", action="store_true", help="say the milliseconds of each input on stderr")
    asked = parser.parse_args()
    folder = Path(__file__).resolve().parent
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    lists = [Path(each[1:]).read_text().splitlines() if each.startswith("@") else [each] for each in asked.inputs]
    paths = [path for several in lists for path in several]
    found = sorted(answers(paths, Model(folder, facts, asked.threads), facts, asked.batch), key=lambda each: each[0])
    for place, said, _ in found:
        sys.stdout.write(json.dumps({"id": paths[place], **said}, ensure_ascii=False) + "\n")
    if asked.time:
        sys.stderr.write(json.dumps([round(seconds * 1000, 3) for _, _, seconds in found]) + "\n")
    return int(all("error" in said for _, said, _ in found))


if __name__ == "__main__":
    sys.exit(main())
