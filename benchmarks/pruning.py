"""What pruned networks lose and gain: by how much is left, by score, and without solving readers again.

    python benchmarks/pruning.py --data DATA [--sets clothing_small magnetic_tile banking77] [--sizes 0 160] [--scores]

Each set is fitted with a linear probe on the bundled network (seed 0, one thread); the network, at full size or at
pictures of so many pixels, is pruned to shares of what its inner channels cost, as ``headstart compress`` does it.
Points are those of heads solved again, on held-out examples against the model as it is; times those of the network
alone in turns with it, in its fastest precision. ``--scores`` takes, at one share, the other scores and readers that
are not solved again instead. The test is not read. Adds to ``results/pruning.json``. See README.md.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine
from compression_parts.quantizers import workbench

from headstart.api.compressing_bench import Made, Workbench
from headstart.api.compressing_measuring import alike, measured
from headstart.api.compressing_pruning import AT_ONCE, LOOKED_AT
from headstart.api.compressing_search import as_it_is
from headstart.backbones.pretrained.backbone import Backbone
from headstart.compression.knobs import Knobs
from headstart.compression.pruning import pruned as pruning
from headstart.compression.pruning.cutting import unread
from headstart.compression.smaller import smaller
from headstart.core import plugins
from headstart.methods.threads import torch_threads
from headstart.runtimes.process_settings import settle_process

SETS, SHARES, RIVALS_AT = ("clothing_small", "magnetic_tile", "banking77"), (0.8, 0.6, 0.45), 0.6


def fitted(data: Path, place: Path) -> Path:
    """Run folder of a linear probe, as users fit one."""
    if not (place / "report.html").exists():
        words = ["fit", data, "--method", "linear_probe", "--resplit", "--seed", 0, "--threads", 1, "--quiet"]
        command = [sys.executable, "-m", "headstart", *map(str, words), "--out", str(place)]
        subprocess.run(command, check=True)  # noqa: S603 - our own program
    return place


def not_solved(backbone: Backbone, groups: Any, kept: Any, batches: Any) -> Backbone:
    """In place of readers solved again: those that were there, without what goes."""
    found = copy.deepcopy(backbone)
    for group, units in zip(groups, kept, strict=True):
        unread(found, group, units)
    return found


def rows_of(work: Workbench, base: Made, size: float | None, with_scores: bool) -> Iterator[dict[str, Any]]:
    """A row for each network: the size alone and shares, or at one share the rivals."""
    backbone = smaller(work.backbone, Knobs(size))
    inputs = alike(work.prepared(backbone, LOOKED_AT))
    batches = [np.stack(group[low : low + AT_ONCE]) for group in inputs for low in range(0, len(group), AT_ONCE)]
    if size is not None and not with_scores:
        yield row_of(measured(work, base, Knobs(size), backbone), base, None, 0.0)
    ways: list[tuple[str, tuple[float, ...], bool]] = [(pruning.DEFAULT, SHARES, True)]
    if with_scores:
        names = [name for name in plugins.names(pruning.SCORES) if name != pruning.DEFAULT]
        ways = [(pruning.DEFAULT, (RIVALS_AT,), False), *((name, (RIVALS_AT,), True) for name in names)]
    for score, shares, solves in ways:
        recovered = pruning.recovered
        try:
            pruning.recovered = recovered if solves else not_solved
            began = time.perf_counter()
            with torch_threads(1):
                for share, narrow in pruning.pruned(backbone, batches, shares, score):
                    seconds = time.perf_counter() - began
                    made = measured(work, base, Knobs(size, pruned=share), narrow)
                    yield row_of(made, base, score if solves else f"{score}, not solved again", seconds)
                    began = time.perf_counter()
        finally:
            pruning.recovered = recovered


def row_of(made: Made, base: Made, score: str | None, seconds: float) -> dict[str, Any]:
    """Figures of one network."""
    point = made.point
    unit = base.point.unit
    return {
        "way": made.knobs.name(str(made.backbone.modality)),
        "score": score,
        "points": [round(unit * float(point.difference[key]), 2) for key in ("value", "low", "high")],
        "alone": round(base.point.alone / point.alone, 2),
        "batch": round(base.point.batch / point.batch, 2),
        "smaller": round(base.point.bytes / point.bytes, 2),
        "n": point.n,
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Every set and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.0], help="pixels or tokens; 0: as it is")
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--work", type=Path, default=lines.BUILD / "pruning")
    parser.add_argument("--out", type=Path, default=lines.RESULTS / "pruning.json")
    args = parser.parse_args()
    settle_process()
    found = json.loads(args.out.read_text()) if args.out.exists() else {"sets": {}}
    for name in args.sets:
        with workbench(fitted(args.data / name, args.work / name), "openvino") as work:
            base = as_it_is(work)
            for size in args.sizes:
                for row in rows_of(work, base, size or None, args.scores):
                    key = f"{row['way']}, {row['score']}"
                    found["sets"].setdefault(name, {})[key] = row
                    lines.write_json(args.out, {"machine": machine.describe(), "sets": found["sets"]})
                    print(name, json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
