"""``headstart serve`` under load: throughput beside a bare loop, latency at half load, ten times too much.

    python benchmarks/serving_load.py --run RUN --inputs FOLDER_OR_TABLE

Server and client are pinned to one core each, the bare loop to the server's. Throughput of both is measured in turns,
three times. Writes ``results/serving_load.json`` and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from comparison import lines, machine
from load import client

SERVER_CORE, CLIENT_CORE = "0", 1
ROUNDS = 3
CONCURRENCY = 8
INPUTS = 200
KINDS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".txt": "text/plain", ".wav": "audio/wav"}
BARE = Path(__file__).parent / "load" / "bare.py"


class Server:
    """The command on a free port, pinned to a core."""

    def __init__(self, run: Path, log: Path, options: Sequence[str] = ()) -> None:
        command = ["taskset", "-c", SERVER_CORE, sys.executable, "-m", "headstart", "serve", str(run), "--port", "0"]
        began = time.perf_counter()
        with log.open("wb") as stream:
            self.process = subprocess.Popen([*command, "--threads", "1", "--quiet", *options], stderr=stream)
        while not (found := re.search(r"at (http\S+)", log.read_text())):
            if self.process.poll() is not None:
                raise RuntimeError(log.read_text())
            time.sleep(0.01)
        self.url, self.start_seconds = found[1], time.perf_counter() - began

    def memory_mib(self) -> float:
        """Resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def stop(self) -> int:
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def serving(run: Path, log: Path, options: Sequence[str] = ()) -> Iterator[Server]:
    server = Server(run, log, options)
    try:
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def bare(run: Path, files: Sequence[Path], seconds: float) -> tuple[float, float]:
    """Inputs a second of the loop without a server, and milliseconds of processor time an input."""
    command = ["taskset", "-c", SERVER_CORE, sys.executable, str(BARE), str(run), str(seconds), *map(str, files)]
    rate, milliseconds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(rate), float(milliseconds)


def requests_of(url: str, files: Sequence[Path]) -> list[bytes]:
    return [client.post(url, "/predict", file.read_bytes(), KINDS[file.suffix.lower()]) for file in files]


def throughput(run: Path, files: Sequence[Path], seconds: float, log: Path) -> dict[str, Any]:
    """Both ways in turns; medians and their ratio."""
    ours, theirs, memory, starts = [], [], [], []
    for _ in range(ROUNDS):
        theirs.append(bare(run, files, seconds)[0])
        with serving(run, log, ["--runtime", "onnxruntime"]) as server:
            requests = requests_of(server.url, files)
            asyncio.run(client.closed_loop(server.url, requests, CONCURRENCY, 1.0))
            found = asyncio.run(client.closed_loop(server.url, requests, CONCURRENCY, seconds))
            ours.append(found.statuses[200] / found.elapsed)
            memory.append(server.memory_mib())
            starts.append(server.start_seconds)
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return {
        "served": round(statistics.median(ours), 1),
        "bare": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(each, 3) for each in ratios],
        "memory_mib": round(max(memory)),
        "start_seconds": round(min(starts), 2),
    }


def beside_litserve(run: Path, files: Sequence[Path], seconds: float, python: Path, log: Path) -> dict[str, Any]:
    """LitServe with the same graph on the same core, asked with the same forms; in turns."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with litserve(run, python, log) as url:
            theirs.append(_forms_per_second(url, files, seconds))
        with serving(run, log, ["--runtime", "onnxruntime"]) as server:
            ours.append(_forms_per_second(server.url, files, seconds))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return {
        "headstart": round(statistics.median(ours), 1),
        "litserve": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(ratios), 2),
    }


def _forms_per_second(url: str, files: Sequence[Path], seconds: float) -> float:
    requests = [client.post_form(url, "/predict", file.read_bytes()) for file in files]
    asyncio.run(client.closed_loop(url, requests, CONCURRENCY, 1.0))
    found = asyncio.run(client.closed_loop(url, requests, CONCURRENCY, seconds))
    return found.statuses[200] / found.elapsed


@contextmanager
def litserve(run: Path, python: Path, log: Path) -> Iterator[str]:
    """Its URL, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "taskset",
        "-c",
        SERVER_CORE,
        str(python),
        str(BARE.with_name("litserve_app.py")),
        str(run / "bundle"),
        str(port),
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        until = time.perf_counter() + 60
        while not _answers(url):
            if time.perf_counter() > until:
                raise RuntimeError(log.read_text()[-2000:])
            time.sleep(0.2)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def latency(run: Path, files: Sequence[Path], seconds: float, capacity: float, log: Path) -> dict[str, Any]:
    """One after another, then at half of what can be served."""
    with serving(run, log, ["--runtime", "onnxruntime"]) as server:
        requests = requests_of(server.url, files)
        asyncio.run(client.closed_loop(server.url, requests, 1, 1.0))
        single = asyncio.run(client.closed_loop(server.url, requests, 1, seconds))
        half = asyncio.run(client.open_loop(server.url, requests, capacity / 2, 2 * seconds, paced=True))
        random = asyncio.run(client.open_loop(server.url, requests, capacity / 2, 2 * seconds))
    p50, p99 = single.quantile(0.5), half.quantile(0.99)
    return {
        "single_ms": round(1000 * p50, 2),
        "single_p99_ms": round(1000 * single.quantile(0.99), 2),
        "half_load_p50_ms": round(1000 * half.quantile(0.5), 2),
        "half_load_p99_ms": round(1000 * p99, 2),
        "ratio": round(p99 / p50, 2),
        "random_half_load_p99_ms": round(1000 * random.quantile(0.99), 2),
        "random_ratio": round(random.quantile(0.99) / p50, 2),
    }


def overload(run: Path, files: Sequence[Path], seconds: float, capacity: float, log: Path) -> dict[str, Any]:
    """Ten times too much, and how soon it is over."""
    with serving(run, log, ["--runtime", "onnxruntime"]) as server:
        requests = requests_of(server.url, files)
        calm = asyncio.run(client.closed_loop(server.url, requests, 1, 3.0))
        asyncio.run(client.open_loop(server.url, requests, 10 * capacity, 5.0))  # what it needs, it has now
        before = server.memory_mib()
        flood = asyncio.run(client.open_loop(server.url, requests, 10 * capacity, seconds))
        recovered = asyncio.run(_recovery(server.url, requests, 2 * calm.quantile(0.5)))
        after = server.memory_mib()
        code = server.stop()
    return {
        "sent_per_second": round(len(flood.seconds) / flood.elapsed),
        "statuses": {str(status): count for status, count in sorted(flood.statuses.items())},
        "unsent": flood.unsent,
        "answered_per_second": round(flood.statuses[200] / flood.elapsed, 1),
        "answered_p99_ms": round(1000 * flood.quantile(0.99)),
        "memory_mib": [round(before), round(after)],
        "recovery_seconds": round(recovered, 2),
        "exit_code": code,
    }


async def _recovery(url: str, requests: Sequence[bytes], wanted: float) -> float:
    """Seconds until three requests in a row are answered as fast as ``wanted``."""
    began, in_a_row = time.perf_counter(), 0
    while in_a_row < 3 and time.perf_counter() - began < 30:
        found = await client.closed_loop(url, requests, 1, 0.0001)
        in_a_row = in_a_row + 1 if found.statuses[200] and found.quantile(0.5) <= wanted else 0
    return time.perf_counter() - began


def targets(found: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    flood = found["overload"]
    only = set(flood["statuses"]) <= {"200", "429"}
    first, last = flood["memory_mib"]
    return [
        (
            "throughput over the bare loop",
            "at least 0.85",
            f"{found['throughput']['ratio']}",
            found["throughput"]["ratio"] >= 0.85,
        ),
        (
            "p99 at half load over one request alone",
            "below 3",
            f"{found['latency']['ratio']}",
            found["latency"]["ratio"] < 3,
        ),
        (
            "the same, requests at random times",
            "below 3",
            f"{found['latency']['random_ratio']}",
            found["latency"]["random_ratio"] < 3,
        ),
        ("ten times too much: answers", "200 and 429 alone", str(flood["statuses"]), only),
        ("ten times too much: memory", "no growth", f"{first} to {last} MiB", last <= 1.02 * first),
        ("ten times too much: over in", "2 s", f"{flood['recovery_seconds']} s", flood["recovery_seconds"] <= 2),
        ("start", "below 2 s", f"{found['throughput']['start_seconds']} s", found["throughput"]["start_seconds"] < 2),
        (
            "resident memory",
            "below 400 MiB",
            f"{found['throughput']['memory_mib']} MiB",
            found["throughput"]["memory_mib"] < 400,
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True, help="folder of files, searched below")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each throughput")
    parser.add_argument("--flood", type=float, default=60.0, help="seconds of overload")
    parser.add_argument("--litserve", type=Path, help="Python of an environment with peers/litserve.txt")
    parser.add_argument("--work", type=Path, default=lines.BUILD)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    args.work.mkdir(parents=True, exist_ok=True)
    log = args.work / "serve.log"
    files = sorted(path for path in args.inputs.rglob("*") if path.suffix.lower() in KINDS)[:INPUTS]
    found: dict[str, Any] = {"machine": machine.describe(), "inputs": len(files)}
    found["throughput"] = throughput(args.run, files, args.seconds, log)
    capacity = found["throughput"]["served"]
    found["latency"] = latency(args.run, files, args.seconds, capacity, log)
    found["overload"] = overload(args.run, files, args.flood, capacity, log)
    if args.litserve:
        found["litserve"] = beside_litserve(args.run, files, args.seconds, args.litserve, log)
    rows = targets(found)
    found["targets"] = [
        {"name": name, "target": target, "measured": said, "met": met} for name, target, said, met in rows
    ]
    text = "\n".join(f"| {name} | {target} | {said} | {'yes' if met else 'NO'} |" for name, target, said, met in rows)
    text = "| promise | target | measured | met |\n|--|--|--|--|\n" + text + "\n"
    print(json.dumps(found, indent=1))
    print(text)
    lines.write_json(args.out / "serving_load.json", found)
    (args.out / "serving_load.md").write_text(text)


if __name__ == "__main__":
    main()
