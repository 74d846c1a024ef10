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
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError
from headstart.core.files import CHUNK, atomic
from headstart.engine.activations.address import Space
from headstart.engine.activations.share_lock import open_shared, release, share

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
    """Values of any shape as they are kept, contiguous; bfloat16, as uint16, is rounded to nearest, ties to even."""
    if dtype != "bfloat16":
        return np.ascontiguousarray(values, dtype=STORED[dtype])
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = ((bits + (((bits >> 16) & 1) + 0x7FFF)) >> 16).astype(np.uint16)
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded)  # rounding could carry a NaN into infinity


def from_stored(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """float32 of kept floats, in the same shape; uint8 stays uint8."""
    if dtype == "uint8":
        return values
    if dtype == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32, copy=False)


def result_dtype(dtype: str) -> type[np.generic]:
    """What reading gives: uint8 of uint8, else float32."""
    return np.uint8 if dtype == "uint8" else np.float32


def write(path: Path, space: Space, keys: Keys, values: NDArray[Any]) -> int:
    """Write one segment atomically; returns a descriptor with a shared lock, taken before anybody can see the file.

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
        return share(stream.fileno())


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


class Segment:
    """A segment: its keys in memory, its values in the file until a row is asked for.

    Asking for a row maps the values and takes the shared lock that keeps eviction away; a file that is gone by then
    raises FileNotFoundError.

    Attributes:
        keys: ``(n, 32)`` uint8, sorted.
        row_shape: Of each of the n rows.
    """

    def __init__(self, path: Path, layout: _Layout, keys: Keys, checks: NDArray[np.uint32]) -> None:
        self.path = path
        self.keys = keys
        self._checks = checks
        self._layout = layout
        self._verified = np.zeros(len(keys), dtype=bool)
        self._values: NDArray[Any] | None = None
        self._handle: int | None = None

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Of each row."""
        return self._layout.shape

    def check(self, rows: NDArray[np.int64]) -> None:
        """Check some rows against their CRCs, each once; raises IntegrityError."""
        values = self._mapped()
        for row in rows[~self._verified[rows]]:
            self._require(zlib.crc32(values[row].data), row)
            self._verified[row] = True

    def read_into(self, out: NDArray[Any], places: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        """Copy ``rows`` to ``out[places]``; raises IntegrityError."""
        values = self._mapped()
        for place, row in zip(places, rows, strict=True):
            stored = np.array(values[row])  # a copy of one row: what is checked is what is given
            self._require(zlib.crc32(stored.data), row)
            out[place] = from_stored(stored, self._layout.dtype)

    def close(self) -> None:
        """Unmap and unlock."""
        self._values = None
        if self._handle is not None:
            release(self._handle)
            self._handle = None

    def _require(self, check: int, row: int) -> None:
        if check != self._checks[row]:
            raise IntegrityError(f"{self.path.name} must hold what was written; row {row} differs from its CRC.")

    def _mapped(self) -> NDArray[Any]:
        if self._values is None:
            self._handle = open_shared(self.path)
            needed = self._layout.at_values + self._layout.value_bytes
            try:
                content = mmap.mmap(self._handle, needed, access=mmap.ACCESS_READ)
            except ValueError:
                raise IntegrityError(f"{self.path.name} must keep its size; it was cut off since.") from None
            flat = np.frombuffer(content, STORED[self._layout.dtype], self._layout.count, self._layout.at_values)
            self._values = flat.reshape(len(self.keys), *self.row_shape)
        return self._values


@dataclass(frozen=True)
class _Layout:
    """Where things are in a segment file, by its header."""

    space: str
    rows: int
    shape: tuple[int, ...]
    dtype: str
    at_keys: int

    @property
    def at_checks(self) -> int:
        return self.at_keys + self.rows * KEY_BYTES

    @property
    def at_values(self) -> int:
        return _aligned(self.at_checks + self.rows * 4)

    @property
    def count(self) -> int:
        return self.rows * int(np.prod(self.shape, dtype=np.int64))

    @property
    def value_bytes(self) -> int:
        return self.count * np.dtype(STORED[self.dtype]).itemsize

    @property
    def file_bytes(self) -> int:
        return _aligned(self.at_values + self.value_bytes) + SHA256_BYTES


def open_segment(path: Path, space_digest: str) -> Segment:
    """Read header and keys, and check them.

    Raises:
        FileNotFoundError: it was evicted.
        IntegrityError: damaged, cut off, of another space, or written by a newer version.
    """
    with path.open("rb") as stream:
        try:
            return _open(path, stream, space_digest)
        except (ValueError, KeyError, TypeError, AttributeError, struct.error, MemoryError) as error:
            raise IntegrityError(f"{path.name} must be a whole segment; it cannot be read ({error}).") from None


def _open(path: Path, stream: BinaryIO, space_digest: str) -> Segment:
    magic, digest, length = FRAME.unpack(stream.read(FRAME.size))
    if magic != MAGIC:
        raise IntegrityError(f"{path.name} must start as a segment of this version does; it does not.")
    text = stream.read(length)
    header = json.loads(text)
    layout = _Layout(
        header["space"], header["rows"], tuple(header["shape"]), header["dtype"], _aligned(FRAME.size + length)
    )
    size = os.fstat(stream.fileno()).st_size
    if size != layout.file_bytes:
        raise IntegrityError(f"{path.name} must have the size that its header says; it has {size} bytes.")
    stream.seek(layout.at_keys)
    index = stream.read(layout.at_values - layout.at_keys)
    if hashlib.sha256(text + index).digest() != digest:
        raise IntegrityError(f"{path.name} must hold the header and keys that were written; their checksum differs.")
    if layout.space != space_digest:
        raise IntegrityError(f"{path.name} must belong to the space of its folder; it belongs to another.")
    keys = np.frombuffer(index, np.uint8, layout.rows * KEY_BYTES).reshape(layout.rows, KEY_BYTES)
    return Segment(path, layout, keys, np.frombuffer(index, "<u4", layout.rows, layout.rows * KEY_BYTES))


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
