"""Parts of the benchmarks of the server."""

from __future__ import annotations

import asyncio
import math
import random
import struct

import pytest
from load.attacks import KINDS, draws, jpeg_of_size, png, wave
from load.client import Outcome, closed_loop, open_loop, post


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_attack_is_bytes_and_repeats_by_its_seed(kind):
    good = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20" + bytes(300)
    one, other = (KINDS[kind](random.Random(3), good) for _ in range(2))
    assert isinstance(one, bytes) and one == other


def test_requests_are_drawn_with_some_good_ones_and_the_models_name():
    next_one = draws(0, [bytes(300)], "mine")
    found = [next_one() for _ in range(3000)]
    assert {kind for kind, _ in found} == set(KINDS)
    assert any(b"/v2/models/mine/infer" in request for kind, request in found if kind == "tensors")


def test_headers_promise_what_is_not_there():
    assert struct.unpack(">II", png(7, 9)[16:24]) == (7, 9)
    assert struct.unpack("<I", wave(1000, 8000)[40:44]) == (2000,) and len(wave(1000, 8000)) < 200
    assert jpeg_of_size(b"\xff\xc0\0\0\0" + bytes(4), 258, 3)[5:9] == b"\x00\x03\x01\x02"


def test_quantiles_are_of_the_answered_requests():
    assert Outcome(ok_seconds=[3.0, 1.0, 2.0, 4.0]).quantile(0.5) == 3.0
    assert Outcome(ok_seconds=[1.0]).quantile(0.99) == 1.0
    assert math.isnan(Outcome().quantile(0.5))


async def answering(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(int(head.split(b"Content-Length: ")[1].split()[0]))
            status = b"429 Too Many" if body == b"no" else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\nok")
    except asyncio.IncompleteReadError:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("is_closed", [True, False])
def test_the_client_counts_what_a_server_answers(is_closed):
    async def main():
        server = await asyncio.start_server(answering, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            requests = [post(url, "/", b"yes", "text/plain"), post(url, "/", b"no", "text/plain")]
            if is_closed:
                return await closed_loop(url, requests, 3, 0.2)
            return await open_loop(url, requests, 200, 0.2, paced=True)

    found = asyncio.run(main())
    assert set(found.statuses) == {200, 429} and len(found.ok_seconds) == found.statuses[200]
    assert sum(found.statuses.values()) == len(found.seconds) and found.elapsed >= 0.15
