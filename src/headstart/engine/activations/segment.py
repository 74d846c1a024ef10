"""A segment file: rows of one space with their keys, immutable, checked by checksums, mapped into memory.

Layout, little-endian, each part filled with zeros up to a multiple of 64 bytes: MAGIC, sha256 of header, keys and
CRCs as they stand in the file, length of the header (uint32), JSON header · keys ``(n, 32)`` uint8, sorted, and a CRC
per row ``(n,)`` uint32 · values · sha256 of all before. Opening a segment checks everything but the values; each row
read is checked by its CRC; :func:`verify` checks every byte.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError
from headstart.core.files import CHUNK, atomic
from headstart.engine.activations.address import Space

Keys = NDArray[np.uint8]
MAGIC = b"HSACTV01"
FRAME = struct.Struct("<8s32sI")  # MAGIC, sha256, length of the header
KEY_BYTES = 32
SHA256_BYTES = 32
ALIGNMENT = 64  # of the keys and values, for vector instructions
STORED: dict[str, type[np.generic]] = {
    "float32": np.float32,
    "float16": np.float16,
    "bfloat16": np.uint16,  # NumPy has no bfloat16: the upper half of a float32
    "uint8": np.uint8,
}


def to_stored(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Values as they are kept, contiguous; bfloat16 is rounded to nearest, ties to even."""
    if dtype != "bfloat16":
        return np.ascontiguousarray(values, dtype=STORED[dtype])
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = ((bits + (((bits >> 16) & 1) + 0x7FFF)) >> 16).astype(np.uint16)
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded)  # rounding could carry a NaN into infinity


def from_stored(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """float32 of kept floats; uint8 stays uint8."""
    if dtype == "uint8":
        return values
    if dtype == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32, copy=False)


def result_dtype(dtype: str) -> type[np.generic]:
    """What reading gives: uint8 of uint8, else float32."""
    return np.uint8 if dtype == "uint8" else np.float32


def write(path: Path, space: Space, keys: Keys, values: NDArray[Any]) -> None:
    """Write one segment atomically.

    Args:
        path: Must not exist.
        space: Of all rows; its dtype is how ``values`` are kept.
        keys: ``(n, 32)`` uint8, distinct.
        values: ``(n, ...)``.
    """
    order = np.argsort(as_strings(keys))
    keys = np.ascontiguousarray(keys[order])
    stored = to_stored(values[order], space.dtype)
    rows = stored.reshape(len(stored), -1).view(np.uint8)  # (n, bytes of a row)
    checks = np.array([zlib.crc32(row.data) for row in rows], dtype="<u4")
    header = {
        "schema": 1,
        "space": space.digest,
        "parts": dict(space.parts),
        "dtype": space.dtype,
        "rows": len(keys),
        "shape": list(stored.shape[1:]),
    }
    index = _padded(keys.tobytes() + checks.tobytes())
    with atomic(path) as stream:
        _write_hashed(stream, [_framed(header, index), index, _padded(rows.tobytes())])


def _framed(header: dict[str, Any], index: bytes) -> bytes:
    text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    digest = hashlib.sha256(text + index).digest()
    return _padded(FRAME.pack(MAGIC, digest, len(text)) + text)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNMENT)


def _write_hashed(stream: BinaryIO, parts: list[bytes]) -> None:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
        stream.write(part)
    stream.write(digest.digest())


def as_strings(keys: Keys) -> NDArray[np.bytes_]:
    """Keys ``(N, 32)`` as ``(N,)`` byte strings, which NumPy can sort and search; equal only where keys are."""
    return np.ascontiguousarray(keys).reshape(len(keys), KEY_BYTES).view(f"S{KEY_BYTES}").reshape(len(keys))


@dataclass(frozen=True, eq=False)
class Segment:
    """An open segment: keys and values are views into the mapped file.

    Attributes:
        keys: ``(n, 32)`` uint8, sorted.
        values: ``(n, ...)`` as stored.
    """

    path: Path
    header: dict[str, Any]
    keys: Keys
    checks: NDArray[np.uint32]
    values: NDArray[Any]

    @cached_property
    def _verified(self) -> NDArray[np.bool_]:
        return np.zeros(len(self.keys), dtype=bool)

    def check(self, rows: NDArray[np.int64]) -> None:
        """Check some rows against their CRCs, each once; raises IntegrityError."""
        todo = rows[~self._verified[rows]]
        for row in todo:
            if zlib.crc32(self.values[row].data) != self.checks[row]:
                raise IntegrityError(f"{self.path.name} must hold what was written; row {row} differs from its CRC.")
        self._verified[todo] = True

    def read_into(self, out: NDArray[Any], places: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        """Copy ``rows`` to ``out[places]``, checked as they were copied; raises IntegrityError."""
        for place, row in zip(places, rows, strict=True):
            stored = np.array(self.values[row])  # one row: what is checked is what is given
            if zlib.crc32(stored.data) != self.checks[row]:
                raise IntegrityError(f"{self.path.name} must hold what was written; row {row} differs from its CRC.")
            out[place] = from_stored(stored, self.header["dtype"])


def open_segment(path: Path, handle: int, space_digest: str) -> Segment:
    """Map a segment and check all of it but the values.

    Args:
        path: For messages.
        handle: An open file descriptor; it stays the caller's.
        space_digest: Of the space it must belong to.

    Raises:
        IntegrityError: damaged, cut off, of another space, or written by a newer version.
    """
    try:
        return _open(path, handle, space_digest)
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, OSError) as error:
        raise IntegrityError(f"{path.name} must be a whole segment; it cannot be read ({error}).") from None


def _open(path: Path, handle: int, space_digest: str) -> Segment:
    content = memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
    magic, digest, length = FRAME.unpack_from(content)
    if magic != MAGIC:
        raise IntegrityError(f"{path.name} must start as a segment of this version does; it does not.")
    text = content[FRAME.size : FRAME.size + length]
    header = json.loads(bytes(text))
    n, shape, dtype = int(header["rows"]), tuple(header["shape"]), np.dtype(STORED[header["dtype"]])
    count = n * int(np.prod(shape, dtype=np.int64))
    at_keys = _aligned(FRAME.size + length)
    at_checks = at_keys + n * KEY_BYTES
    at_values = _aligned(at_checks + n * 4)
    if len(content) != _aligned(at_values + count * dtype.itemsize) + SHA256_BYTES:
        raise IntegrityError(f"{path.name} must have the size that its header says; it has {len(content)} bytes.")
    index = hashlib.sha256(text)
    index.update(content[at_keys:at_values])
    if index.digest() != digest:
        raise IntegrityError(f"{path.name} must hold the header and keys that were written; their checksum differs.")
    if header["space"] != space_digest:
        raise IntegrityError(f"{path.name} must belong to the space of its folder; it belongs to another.")
    return Segment(
        path,
        header,
        np.frombuffer(content, np.uint8, n * KEY_BYTES, at_keys).reshape(n, KEY_BYTES),
        np.frombuffer(content, "<u4", n, at_checks),
        np.frombuffer(content, dtype, count, at_values).reshape(n, *shape),
    )


def read_header(path: Path) -> dict[str, Any]:
    """A segment's header, unchecked, for listings; raises IntegrityError when there is none."""
    with path.open("rb") as stream:
        try:
            _, _, length = FRAME.unpack(stream.read(FRAME.size))
            header: dict[str, Any] = json.loads(stream.read(length))
        except (struct.error, ValueError) as error:
            raise IntegrityError(f"{path.name} must be a segment; its header cannot be read ({error}).") from None
    return header


def _aligned(offset: int) -> int:
    return offset + (-offset % ALIGNMENT)


def verify(path: Path) -> bool:
    """Whether the whole file, every byte of it, is what was written."""
    size = path.stat().st_size - SHA256_BYTES
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while size > 0 and (chunk := stream.read(min(CHUNK, size))):
            digest.update(chunk)
            size -= len(chunk)
        return size == 0 and stream.read() == digest.digest()
