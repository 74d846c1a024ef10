"""How often is each promise about a single prediction kept: sets, intervals, answering when sure, out of domain?

    python benchmarks/promised_coverage.py               # five minutes of one core
    python benchmarks/promised_coverage.py --only domain --scale 0.1

Everything is simulated with a fixed seed. Each part is a file of ``coverage_parts``; a cell's "error" is the standard
error of its coverage over the repeats, and a cell counts as short where it misses the promise by more than three of
them. The results lie in ``results/coverage.json`` and, as a table, ``results/coverage.md``; a test re-checks the first.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the matrices are small

import numpy as np  # noqa: E402
from comparison import lines, tables  # noqa: E402
from coverage_parts import PARTS  # noqa: E402

OUT = lines.RESULTS / "coverage.json"


def measured(seed: int, scale: float, only: list[str]) -> dict[str, Any]:
    """Sections by name; a part's figures do not depend on which others are run."""
    found: dict[str, Any] = {}
    for number, (name, part) in enumerate(PARTS.items()):
        if only and name not in only:
            continue
        start = time.perf_counter()
        sections = part(scale, np.random.default_rng([seed, number]))
        found |= {each: section.document() for each, section in sections.items()}
        print(f"{name}: {time.perf_counter() - start:.0f} s")
    return found


def table(sections: Mapping[str, Any]) -> str:
    """Promise, mean, worst cell and how many cells are short, one line for each section."""
    header = ("what", "promised", "cells", "mean", "worst", "+-", "cells short", "worst cell")
    rows = []
    for section in sections.values():
        promised, sign = section["promised"], "at least" if section["at_least"] else "at most"
        rows.append(
            (
                section["what"],
                "-" if promised is None else f"{sign} {promised:g}",
                str(len(section["cells"])),
                f"{section['mean']:.3f}",
                f"{section['worst']:.3f}",
                f"{section['worst_error']:.3f}",
                str(section.get("cells_short", "-")),
                ", ".join(f"{key} {value}" for key, value in section["worst_cell"].items()),
            )
        )
    notes = [f"- {section['what']}: {section['why_short']}." for section in sections.values() if "why_short" in section]
    return "\n".join([tables.markdown(header, rows), "", *notes, ""])


def written(sections: Mapping[str, Any], seed: int, scale: float) -> str:
    """JSON with one cell a line."""
    parts = []
    for name, section in sections.items():
        cells = ",\n  ".join(json.dumps(cell, default=str) for cell in section["cells"])
        head = json.dumps({key: value for key, value in section.items() if key != "cells"})[:-1]
        parts.append(f'"{name}": {head}, "cells": [\n  {cells}\n]}}')
    text = f'{{"schema": 1, "seed": {seed}, "scale": {scale},\n' + ",\n".join(parts) + "}\n"
    json.loads(text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the repeats")
    parser.add_argument("--only", nargs="*", default=[], choices=[*PARTS], help="parts to run; results are not written")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    sections = measured(args.seed, args.scale, args.only)
    print(table(sections))
    if not args.only:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(written(sections, args.seed, args.scale), encoding="utf-8")
        args.out.with_suffix(".md").write_text(table(sections), encoding="utf-8")


if __name__ == "__main__":
    main()
