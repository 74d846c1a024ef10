"""``headstart serve`` against 100,000 requests of every bad kind: statuses, memory, and whether good ones are answered.

    python benchmarks/serving_attack.py --run RUN --inputs FOLDER

RUN takes pictures. Beside the requests some connections drip a byte a second and some are closed in the middle. Writes
``results/serving_attack.json``. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from comparison import lines, machine
from load.attacks import draws
from serving_load import serving

CONCURRENCY = 16
WARM_UP = 0.1
ANSWER_SECONDS = 20.0
SLOW = 20
GROWTH = 1.05


async def ask(host: str, port: int, request: bytes) -> str:
    """The first status that comes, "closed" where the connection ends without one; a new connection each time."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return "refused"
    try:
        writer.write(request)
        if request.endswith(b"\r\n\r\n") or b"\r\n\r\n" not in request:
            writer.write_eof()
        head = await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
        return head[9:12].decode("latin-1") if head.startswith(b"HTTP/1.") else "closed"
    except TimeoutError:
        return "no answer"
    except OSError:
        return "closed"
    finally:
        writer.close()


async def drip(host: str, port: int, seconds: float) -> None:
    """A client that sends a byte a second."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        try:
            _, writer = await asyncio.open_connection(host, port)
            for byte in b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + bytes(100):
                if time.perf_counter() > until:
                    break
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1.0)
            writer.close()
        except OSError:
            await asyncio.sleep(1.0)


async def attack(url: str, name: str, good: list[bytes], count: int, memory: Any) -> dict[str, Any]:
    """All requests; memory is looked at after the warm-up and at the end."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 0
    statuses: dict[str, Counter[str]] = defaultdict(Counter)
    done, sizes = 0, []
    slow = [asyncio.create_task(drip(host, port, 1e9)) for _ in range(SLOW)]

    async def worker(seed: int) -> None:
        nonlocal done
        next_one = draws(seed, good, name)
        while done < count:
            done += 1
            if done in (int(WARM_UP * count), count // 2, count):
                sizes.append(round(memory()))
            kind, request = next_one()
            statuses[kind][await ask(host, port, request)] += 1

    await asyncio.gather(*(worker(seed) for seed in range(CONCURRENCY)))
    for task in slow:
        task.cancel()
    return {
        "statuses": {kind: dict(sorted(found.items())) for kind, found in sorted(statuses.items())},
        "memory_mib": sizes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--work", type=Path, default=lines.BUILD)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    good = [path.read_bytes() for path in sorted(args.inputs.rglob("*.jpg"))[:50]]
    options = [
        "--set",
        "timeout_seconds=10",
        "--set",
        "queue_seconds=30",
        "--feedback",
        str(args.work / "feedback.sqlite"),
    ]
    with serving(args.run, args.work / "serve.log", options) as server:
        began = time.perf_counter()
        found = asyncio.run(attack(server.url, args.run.name, good, args.count, server.memory_mib))
        seconds = time.perf_counter() - began
        alive = server.process.poll() is None
        code = server.stop()
    total = sum((Counter(each) for each in found["statuses"].values()), Counter())
    warm, *_, last = found["memory_mib"]
    document = {
        "machine": machine.describe(),
        "requests": args.count,
        "seconds": round(seconds),
        "alive": alive,
        "exit_code": code,
        "total": dict(sorted(total.items())),
        "server_errors": sum(n for status, n in total.items() if status.startswith("5")),
        "memory_flat": last <= GROWTH * warm,
        **found,
    }
    print(json.dumps(document, indent=1))
    lines.write_json(args.out / "serving_attack.json", document)


if __name__ == "__main__":
    main()
