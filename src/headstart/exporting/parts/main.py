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
from headstart.exporting.parts.rows import examples
from headstart.exporting.parts.run_onnx import Model

Tensors = dict[str, np.ndarray]


def answers(
    paths: Sequence[str], model: Any, facts: dict[str, Any], size: int = 1
) -> Iterator[tuple[int, str, dict[str, Any], float]]:
    """Place, name, answer and seconds of each example, up to `size` of equal shapes computed together."""
    waiting: dict[Any, list[tuple[int, str, Tensors, float]]] = {}
    began = time.perf_counter()
    for place, (name, found) in enumerate(examples(paths, facts)):
        if isinstance(found, Exception):
            yield place, name, {"error": f"{type(found).__name__}: {found}"}, 0.0
        else:
            shapes = tuple(array.shape for array in found.values())
            group = waiting.setdefault(shapes, [])
            group.append((place, name, found, time.perf_counter() - began))
            if len(group) == size:
                yield from computed(waiting.pop(shapes), model, facts)
        began = time.perf_counter()
    for group in waiting.values():
        yield from computed(group, model, facts)


def computed(
    group: Sequence[tuple[int, str, Tensors, float]], model: Any, facts: dict[str, Any]
) -> Iterator[tuple[int, str, dict[str, Any], float]]:
    """What the model says of prepared inputs of equal shapes."""
    began = time.perf_counter()
    found = model({name: np.stack([tensors[name] for _, _, tensors, _ in group]) for name in group[0][2]})
    each = (time.perf_counter() - began) / len(group)
    for (place, name, _, seconds), values in zip(group, found, strict=True):
        yield place, name, answer(values, facts), seconds + each


def main() -> int:
    """Answers as lines of JSON, in the order of the inputs; 1 where none could be read."""
    parser = argparse.ArgumentParser(description="What the exported model says of some files, or rows of tables.")
    parser.add_argument("inputs", nargs="+", help="files, or @LIST: a file with one path on each line")
    parser.add_argument("--batch", type=int, default=1, help="inputs of equal shape computed together")
    parser.add_argument("--threads", type=int, default=0, help="processor threads; 0: the runtime's own choice")
    parser.add_argument("--time", action="store_true", help="say the milliseconds of each input on stderr")
    asked = parser.parse_args()
    folder = Path(__file__).resolve().parent
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    for each in facts["inputs"]:
        each["folder"] = f"{folder}/"
    lists = [Path(each[1:]).read_text().splitlines() if each.startswith("@") else [each] for each in asked.inputs]
    paths = [path for several in lists for path in several]
    found = sorted(answers(paths, Model(folder, facts, asked.threads), facts, asked.batch), key=lambda each: each[0])
    for _, name, said, _ in found:
        sys.stdout.write(json.dumps({"id": name, **said}, ensure_ascii=False) + "\n")
    if asked.time:
        sys.stderr.write(json.dumps([round(seconds * 1000, 3) for *_, seconds in found]) + "\n")
    return int(all("error" in said for _, _, said, _ in found))


if __name__ == "__main__":
    sys.exit(main())
