"""Processor time of ``headstart serve`` for a picture, by thread, beside that of the bare loop.

    python benchmarks/serving_cost.py --run RUN --inputs FOLDER

Processor time hardly changes when other programs use the machine too, which requests a second do. Both pinned to one
core, in turns, three times. Writes ``results/serving_cost.json``. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
from pathlib import Path
from typing import Any

from comparison import lines, machine
from load import client
from serving_load import CLIENT_CORE, CONCURRENCY, INPUTS, KINDS, ROUNDS, bare, requests_of, serving

LEAST = 0.02  # milliseconds a picture, from which on a thread is named
NAMES = ("requests", "decoding", "computing")  # in the order in which a server starts its threads


def threads_of(process: int) -> dict[int, float]:
    """Milliseconds of processor time by thread."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return {int(task.name): int((task / "schedstat").read_text().split()[0]) / 1e6 for task in tasks}


def served(run: Path, files: list[Path], seconds: float, log: Path) -> dict[str, float]:
    """Milliseconds a picture by thread."""
    with serving(run, log, ["--runtime", "onnxruntime"]) as server:
        requests = requests_of(server.url, files)
        asyncio.run(client.closed_loop(server.url, requests, CONCURRENCY, 1.0))
        before = threads_of(server.process.pid)
        found = asyncio.run(client.closed_loop(server.url, requests, CONCURRENCY, seconds))
        after = threads_of(server.process.pid)
    used = [(after[each] - before.get(each, 0.0)) / found.statuses[200] for each in sorted(after)]
    return dict(zip(NAMES, [each for each in used if each > LEAST], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--work", type=Path, default=lines.BUILD)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    args.work.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in args.inputs.rglob("*") if path.suffix.lower() in KINDS)[:INPUTS]
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(bare(args.run, files, args.seconds)[1])
        ours.append(served(args.run, files, args.seconds, args.work / "serve.log"))
    totals = [sum(each.values()) for each in ours]
    document: dict[str, Any] = {
        "machine": machine.describe(),
        "bare_ms": round(statistics.median(theirs), 2),
        "served_ms": round(statistics.median(totals), 2),
        "by_thread_ms": {name: round(statistics.median(each[name] for each in ours), 2) for name in NAMES},
        "ratio": round(statistics.median(one / other for one, other in zip(theirs, totals, strict=True)), 3),
        "ratios": [round(one / other, 3) for one, other in zip(theirs, totals, strict=True)],
    }
    print(json.dumps(document, indent=1))
    lines.write_json(args.out / "serving_cost.json", document)


if __name__ == "__main__":
    main()
