"""Bad requests of every kind, as bytes; drawn anew from a seed, so that no two hundred are alike."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence

Build = Callable[[random.Random, bytes], bytes]


def http(body: bytes, kind: str, path: str = "/predict", *, method: str = "POST", headers: Sequence[str] = ()) -> bytes:
    """A well-formed request with any body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def form(body: bytes, name: str, filename: str) -> bytes:
    """A form with one file."""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return http(head.encode() + body + b"\r\n--b--\r\n", "multipart/form-data; boundary=b")


def as_json(value: object, path: str = "/predict") -> bytes:
    """A JSON request."""
    return http(json.dumps(value).encode(), "application/json", path)


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG whose header says any size; its data are as long as ``rows``."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def wave(samples: int, rate: int, channels: int = 1) -> bytes:
    """A WAV whose header promises any length and holds none of it."""
    size = min(2 * samples * channels, 0xFFFFFFFF)
    head = (
        b"RIFF"
        + struct.pack("<I", 0xFFFFFFFF)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, channels, rate, 2 * rate, 2, 16)
    )
    return head + b"data" + struct.pack("<I", size) + bytes(64)


def jpeg_of_size(good: bytes, width: int, height: int) -> bytes:
    """A photograph whose frame header says another size."""
    place = good.find(b"\xff\xc0")
    return good if place < 0 else good[: place + 5] + struct.pack(">HH", height, width) + good[place + 9 :]


def _mutated(draw: random.Random, good: bytes) -> bytes:
    broken = bytearray(good)
    for _ in range(draw.randint(1, 30)):
        broken[draw.randrange(len(broken))] = draw.randrange(256)
    return bytes(broken)


def _nested(draw: random.Random, good: bytes) -> bytes:
    depth = draw.choice([10, 1_000, 50_000])
    return http(b'{"inputs":' + b"[" * depth + b"]" * depth + b"}", "application/json")


def _tensor(draw: random.Random) -> dict[str, object]:
    data = draw.choice([["a"], [], [[["a"]]], "a"])
    return {"name": "input", "datatype": "BYTES", "shape": [draw.choice([1, -1, 2**40])], "data": data}


def _resized(draw: random.Random, good: bytes) -> bytes:
    return http(jpeg_of_size(good, draw.randint(0, 65535), draw.randint(0, 65535)), IMAGE)


def _cut_form(draw: random.Random, good: bytes) -> bytes:
    return form(good, "f", "f")[: -draw.randint(5, 60)].replace(b"Content-Length", b"X-Length", 1)


IMAGE, JSON = "image/jpeg", "application/json"
SHAPES = ([None], [1], [[]], [{}], {}, "a", [{"data": 1}], [{"data": "@"}])
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD")
PATHS = ("/../../etc/passwd", "/%2e%2e/%2e%2e/x", "//x", "/predict/..", "/" + "a" * 3000, "/v2/models/%00/infer")
PART = b"--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n"
LOOP = b"II*\x00\x08\x00\x00\x00\x01\x00" + bytes(12) + b"\x08\x00\x00\x00"  # a directory that names itself as the next
BAD_CHUNKS = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nab\r\n0\r\n\r\n"
NAMES = (
    "../../etc/passwd",
    "..\\..\\x",
    "<script>alert(1)</script>",
    "a\x00b",
    "C:\\x",
    "/dev/zero",
    "x" * 4000,
    "\u202egpj",
)
KINDS: dict[str, Build] = {
    "good": lambda draw, good: http(good, IMAGE),
    "random bytes": lambda draw, good: http(draw.randbytes(draw.randint(0, 5000)), IMAGE),
    "truncated picture": lambda draw, good: http(good[: draw.randrange(len(good))], IMAGE),
    "changed picture": lambda draw, good: http(_mutated(draw, good), IMAGE),
    "picture of another size": _resized,
    "PNG bomb": lambda draw, good: http(png(60_000, 60_000, bytes(100_000)), "image/png"),
    "PNG within the limit, data for less": lambda draw, good: http(png(6_000, 6_000, bytes(50_000)), "image/png"),
    "GIF that promises much": lambda draw, good: http(
        b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(50), "image/gif"
    ),
    "TIFF with a loop": lambda draw, good: http(LOOP, "image/tiff"),
    "WAV that promises hours": lambda draw, good: http(wave(2**31, 8_000), "audio/wav"),
    "zip": lambda draw, good: http(b"PK\x03\x04" + draw.randbytes(200), "application/zip"),
    "EPS that would run": lambda draw, good: http(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image/eps"),
    "SVG": lambda draw, good: http(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    "nothing": lambda draw, good: http(b"", IMAGE),
    "no JSON": lambda draw, good: http(draw.randbytes(60), JSON),
    "deep JSON": _nested,
    "NaN": lambda draw, good: http(b'{"inputs":[NaN,1e999,-Infinity]}', JSON),
    "digits": lambda draw, good: http(b'{"inputs":[' + b"9" * draw.choice([400, 5_000]) + b"]}", JSON),
    "other shapes": lambda draw, good: as_json({"inputs": draw.choice(SHAPES)}),
    "a path": lambda draw, good: as_json(
        {"inputs": [draw.choice(["/etc/passwd", "file:///etc/passwd", "../../x.png"])]}
    ),
    "a URL": lambda draw, good: as_json({"inputs": [{"url": "http://169.254.169.254/latest/meta-data/"}]}),
    "base64 of rubbish": lambda draw, good: as_json(
        {"inputs": [{"data": base64.b64encode(draw.randbytes(300)).decode()}]}
    ),
    "too many": lambda draw, good: as_json({"inputs": ["QQ=="] * 300}),
    "strange names": lambda draw, good: form(good[:200], draw.choice(NAMES), draw.choice(NAMES)),
    "form that ends early": _cut_form,
    "form without boundary": lambda draw, good: http(good[:100], "multipart/form-data"),
    "form of many parts": lambda draw, good: http(PART * 400 + b"--b--", "multipart/form-data; boundary=b"),
    "other type": lambda draw, good: http(
        b"a,b\n1,2\n", draw.choice(["text/csv", "", "x" * 500, "application/xml", "\u00e9/\u00e9"])
    ),
    "other method": lambda draw, good: http(b"", JSON, method=draw.choice(METHODS)),
    "other path": lambda draw, good: http(b"", JSON, draw.choice(PATHS)),
    "tensors": lambda draw, good: as_json({"inputs": [_tensor(draw)]}, "/v2/models/RUN/infer"),
    "feedback": lambda draw, good: as_json(
        {"request_id": draw.choice(["a", 1, None, "x" * 500]), "verdict": draw.choice(["right", "", 3])}, "/feedback"
    ),
    "large header": lambda draw, good: http(b"", JSON, headers=["X-Big: " + "a" * draw.choice([5_000, 70_000])]),
    "two lengths": lambda draw, good: http(b"{}", JSON, headers=["Content-Length: 5"]),
    "length and chunks": lambda draw, good: http(b"0\r\n\r\n", JSON, headers=["Transfer-Encoding: chunked"]),
    "bad chunks": lambda draw, good: BAD_CHUNKS,
    "negative length": lambda draw, good: b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "no HTTP": lambda draw, good: draw.randbytes(100) + b"\r\n\r\n",
    "TLS": lambda draw, good: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + draw.randbytes(200),
    "old HTTP": lambda draw, good: b"GET /healthz HTTP/1.0\r\n\r\n",
    "more than one at once": lambda draw, good: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
    "cut off": lambda draw, good: http(good, IMAGE)[: draw.randint(1, 400)],
}
SHARE_OF_GOOD = 0.04


def draws(seed: int, good: Sequence[bytes], name: str) -> Callable[[], tuple[str, bytes]]:
    """A source of requests, kinds equally often but good ones, of which there are some more.

    Args:
        seed: Of the draws.
        good: Photographs.
        name: Of the model that is served.
    """
    draw = random.Random(seed)
    kinds = list(KINDS)

    def next_one() -> tuple[str, bytes]:
        kind = "good" if draw.random() < SHARE_OF_GOOD else draw.choice(kinds)
        return kind, KINDS[kind](draw, draw.choice(good)).replace(b"/models/RUN/", f"/models/{name}/".encode())

    return next_one
