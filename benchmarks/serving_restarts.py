"""What is lost when a worker is killed, a server is told to stop, or a bundle is exchanged, all under load.

    python benchmarks/serving_restarts.py --run RUN --inputs FOLDER

Writes ``results/serving_restarts.json``. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparison import lines, machine
from load import client
from serving_load import KINDS, Server, requests_of, serving

CONCURRENCY = 8
SECONDS = 8.0
AT = 3.0  # seconds after which it happens


def workers_of(server: Server) -> list[int]:
    """Process numbers of the workers."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(child) for child in children if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()]


async def under_load(server: Server, files: list[Path], happens: Callable[[], None], *, ends: bool) -> dict[str, Any]:
    """Requests one after another on each connection, and the event in the middle of them.

    Args:
        server: That is asked.
        files: Inputs.
        happens: Called after AT seconds.
        ends: Whether the server is gone afterwards: connections that it refuses then are no loss.
    """
    requests, outcome, gone = requests_of(server.url, files), client.Outcome(), asyncio.Event()
    connections = [client.Connection(*_place(server.url)) for _ in range(CONCURRENCY)]
    until, refused = time.perf_counter() + SECONDS, 0

    async def one(number: int) -> None:
        nonlocal refused
        place = number
        while time.perf_counter() < until and not gone.is_set():
            try:
                status = await connections[number].ask(requests[place % len(requests)])
            except ConnectionRefusedError:
                refused += 1
                if ends:
                    gone.set()
                status = -1
            except (OSError, asyncio.IncompleteReadError):
                connections[number].close()
                status = 0
            outcome.statuses[status] += 1
            place += CONCURRENCY

    async def event() -> None:
        await asyncio.sleep(AT)
        await asyncio.to_thread(happens)

    await asyncio.gather(event(), *(one(number) for number in range(CONCURRENCY)))
    await client.finish(connections)
    statuses = {str(status): count for status, count in sorted(outcome.statuses.items()) if status > 0}
    return {"statuses": statuses, "broken_off": outcome.statuses[0], "refused_after_the_end": refused if ends else 0}


def _place(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def kill(args: argparse.Namespace, files: list[Path], log: Path) -> dict[str, Any]:
    """SIGKILL of one of two workers."""
    with serving(args.run, log, ["--workers", "2"]) as server:
        victim = workers_of(server)[0]
        found = asyncio.run(under_load(server, files, lambda: os.kill(victim, signal.SIGKILL), ends=False))
        until = time.perf_counter() + 30
        while len(workers_of(server)) < 2 and time.perf_counter() < until:
            time.sleep(0.1)
        return {**found, "workers_again": len(workers_of(server)), "most_in_flight": CONCURRENCY}


def stop(args: argparse.Namespace, files: list[Path], log: Path) -> dict[str, Any]:
    """SIGTERM of the whole server."""
    with serving(args.run, log) as server:
        found = asyncio.run(under_load(server, files, lambda: server.process.send_signal(signal.SIGTERM), ends=True))
        return {**found, "exit_code": server.process.wait(30)}


def exchange(args: argparse.Namespace, files: list[Path], log: Path) -> dict[str, Any]:
    """Another bundle in the folder that is served."""
    folder = args.work / "exchanged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(args.run / "bundle", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    with serving(folder, log, ["--set", "reload_seconds=0.5"]) as server:

        def happens() -> None:
            partial = folder / "manifest.partial"
            partial.write_text(json.dumps(manifest, indent=3))
            partial.rename(folder / "manifest.json")

        found = asyncio.run(under_load(server, files, happens, ends=False))
        taken = "another bundle is in use" in log.read_text() or _reloaded(server.url)
        return {**found, "taken_into_use": taken}


def _reloaded(url: str) -> bool:
    import urllib.request

    with urllib.request.urlopen(f"{url}/metrics") as response:
        return 'headstart_reloads_total{outcome="taken"} 1.0' in response.read().decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=lines.BUILD)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in args.inputs.rglob("*") if path.suffix.lower() in KINDS)[:50]
    log = args.work / "restarts.log"
    document = {"machine": machine.describe(), "sigkill_of_a_worker": kill(args, files, log),
                "sigterm": stop(args, files, log), "another_bundle": exchange(args, files, log)}  # fmt: skip
    print(json.dumps(document, indent=1))
    lines.write_json(args.out / "serving_restarts.json", document)


if __name__ == "__main__":
    main()
