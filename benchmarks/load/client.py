"""A client that costs little: prepared bytes over kept connections, closed or open loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_CONNECTIONS = 512
HEAD_END = b"\r\n\r\n"


@dataclass
class Outcome:
    """What came back.

    Attributes:
        seconds: Of each answered request.
        statuses: How often each came; 0 where a connection failed.
        unsent: Requests of an open loop that found no free connection.
        elapsed: Seconds from the first request to the last answer.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    ok_seconds: list[float] = field(default_factory=list)
    unsent: int = 0
    elapsed: float = 0.0

    def quantile(self, share: float) -> float:
        """Of the seconds of requests that were answered with 200."""
        ordered = sorted(self.ok_seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Connection:
    """One connection; requests one after another."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> int:
        """The status; the body is read and dropped."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        assert self.reader is not None
        self.writer.write(request)
        head = (await self.reader.readuntil(HEAD_END)).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12])

    def close(self) -> None:
        """The next request opens it again."""
        if self.writer is not None:
            self.writer.close()
        self.writer = None


async def finish(connections: Sequence[Connection]) -> None:
    """Close them before the event loop ends."""
    writers = [each.writer for each in connections if each.writer is not None]
    for writer in writers:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def post(url: str, path: str, body: bytes, kind: str) -> bytes:
    """The bytes of a request."""
    host = urlsplit(url).netloc
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def post_form(url: str, path: str, body: bytes) -> bytes:
    """The bytes of a form with one file."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + body + b"\r\n--b--\r\n"
    return post(url, path, part, "multipart/form-data; boundary=b")


async def closed_loop(url: str, requests: Sequence[bytes], concurrency: int, seconds: float) -> Outcome:
    """Each of ``concurrency`` connections sends the next request as soon as the last was answered."""
    outcome, until = Outcome(), time.perf_counter() + seconds
    began = time.perf_counter()

    connections = [_connection(url) for _ in range(concurrency)]

    async def one(number: int) -> None:
        connection, place = connections[number], number
        while time.perf_counter() < until:
            await _timed(connection, requests[place % len(requests)], outcome)
            place += concurrency

    await asyncio.gather(*(one(number) for number in range(concurrency)))
    outcome.elapsed = time.perf_counter() - began
    await finish(connections)
    return outcome


async def open_loop(
    url: str, requests: Sequence[bytes], rate: float, seconds: float, *, paced: bool = False, seed: int = 0
) -> Outcome:
    """``rate`` requests a second, whether or not earlier ones were answered, at random times (Poisson) or evenly."""
    outcome, draw = Outcome(), random.Random(seed)
    free = [_connection(url) for _ in range(MOST_CONNECTIONS)]
    tasks: set[asyncio.Task[None]] = set()
    began = time.perf_counter()
    due, sent = began, 0

    async def one(connection: Connection, request: bytes) -> None:
        await _timed(connection, request, outcome)
        free.append(connection)

    while due < began + seconds:
        due += 1 / rate if paced else draw.expovariate(rate)
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        elif sent % 20 == 0:
            await asyncio.sleep(0)  # behind: answers must be read all the same
        if not free:
            outcome.unsent += 1
            await asyncio.sleep(0)
            continue
        task = asyncio.create_task(one(free.pop(), requests[sent % len(requests)]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        sent += 1
    await asyncio.gather(*tasks)
    outcome.elapsed = time.perf_counter() - began
    await finish(free)
    return outcome


def _connection(url: str) -> Connection:
    parts = urlsplit(url)
    return Connection(parts.hostname or "127.0.0.1", parts.port or 80)


async def _timed(connection: Connection, request: bytes, outcome: Outcome) -> None:
    began = time.perf_counter()
    try:
        status = await connection.ask(request)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        connection.close()
        status = 0
    took = time.perf_counter() - began
    outcome.seconds.append(took)
    if status == 200:
        outcome.ok_seconds.append(took)
    outcome.statuses[status] += 1
