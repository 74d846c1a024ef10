"""What does watching cost a server? Processor time of a request with the monitor and without it, in turns.

    python benchmarks/monitor_cost.py --run RUN --inputs FOLDER_OR_TABLE [--name photographs]

Two servers of one run, on one core, of which one does not watch, are asked the same requests in turns; what counts is
the processor time that the system charges to each process, so that other work on the machine hardly matters. Adds to
``results/monitor_cost.json``. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine
from load import client
from serving_load import CONCURRENCY, INPUTS, KINDS, Server, requests_of, serving

OUT = lines.RESULTS / "monitor_cost.json"
ROUNDS, SECONDS = 60, 1.0  # short and in turns: what else the machine does comes to both alike
WARM_UP, DRAWS = 5, 2000  # rounds that do not count; of the interval
WITHOUT = ("--set", "monitor.enabled=false")


def processor_seconds(server: Server) -> float:
    """Of all threads of a process, as the scheduler counts nanoseconds."""
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9


def cost(server: Server, requests: Sequence[bytes], seconds: float) -> tuple[float, int]:
    """Processor seconds, and requests that were answered."""
    before = processor_seconds(server)
    found = asyncio.run(client.closed_loop(server.url, requests, CONCURRENCY, seconds))
    return processor_seconds(server) - before, found.statuses[200]


def rows_of(table: Path, url: str) -> list[bytes]:
    """One request for each row of a table, as JSON."""
    import pandas

    frame = pandas.read_csv(table).head(INPUTS)
    rows = json.loads(frame.to_json(orient="records"))
    return [client.post(url, "/predict", json.dumps({"inputs": [row]}).encode(), "application/json") for row in rows]


def measured(run: Path, inputs: Path, log: Path, seconds: float) -> dict[str, Any]:
    """Processor time of a request in all rounds together, with and without, and the interval of their ratio."""
    options, rounds = ["--set", "batch=8"], []
    with serving(run, log / "with", [*options, "--monitor-log", str(log / "monitor.jsonl")]) as watching:
        with serving(run, log / "without", [*options, *WITHOUT]) as plain:
            sent = [_requests(inputs, each.url) for each in (watching, plain)]
            for _ in range(WARM_UP + ROUNDS):
                rounds.append([*cost(watching, sent[0], seconds), *cost(plain, sent[1], seconds)])
            memory = [watching.memory_mib(), plain.memory_mib()]
        watching.stop()
    counted = np.array(rounds[WARM_UP:])
    draws = np.random.default_rng(0).integers(0, ROUNDS, (DRAWS, ROUNDS))
    low, high = np.percentile([_ratio(counted[each]) for each in draws], [2.5, 97.5])
    each = counted.sum(axis=0)
    return {
        "milliseconds_with": round(1000 * each[0] / each[1], 3),
        "milliseconds_without": round(1000 * each[2] / each[3], 3),
        "cost": {"value": round(_ratio(counted), 4), "low": round(float(low), 4), "high": round(float(high), 4)},
        "requests": int(each[1]),
        "memory_mib_with": round(memory[0]),
        "memory_mib_without": round(memory[1]),
        "examples_counted": _counted(log / "monitor.jsonl"),
        "log_bytes_a_stretch": _stretch(log / "monitor.jsonl"),
    }


def _ratio(rounds: Any) -> float:
    """What a request costs more, as a share."""
    total = rounds.sum(axis=0)
    return float(total[0] / total[1] / (total[2] / total[3]) - 1)


def _requests(inputs: Path, url: str) -> list[bytes]:
    if inputs.is_file():
        return rows_of(inputs, url)
    return requests_of(url, sorted(p for p in inputs.rglob("*") if p.suffix.lower() in KINDS)[:INPUTS])


def _counted(path: Path) -> int:
    return sum(json.loads(line)["examples"] for line in path.read_text().splitlines())


def _stretch(path: Path) -> int:
    found = path.read_text().splitlines()
    return round(statistics.mean(map(len, found))) if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True, help="Folder of files, or a table whose rows are sent.")
    parser.add_argument("--name", default="photographs")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    results = json.loads(OUT.read_text()) if OUT.exists() else {"machine": machine.describe()}
    with tempfile.TemporaryDirectory() as folder:
        results[asked.name] = measured(asked.run, asked.inputs, Path(folder), asked.seconds)
    print(json.dumps(results[asked.name], indent=2))
    OUT.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
