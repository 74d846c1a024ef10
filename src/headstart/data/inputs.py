"""Encoded inputs that are read one at a time, when they are needed."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.data.sound_encode import wave_bytes


class Inputs(Protocol):
    """N encoded inputs. Reading is safe from several threads at once."""

    def __len__(self) -> int:
        """N."""

    def read(self, i: int) -> bytes:
        """The encoded bytes of input ``i``, as a file holds them; raises OSError or DataError."""

    def name(self, i: int) -> str:
        """What to call input ``i`` in a message: its path, or its place in a sequence."""


@dataclass(frozen=True)
class Files:
    """Files on disk; only their paths are held."""

    paths: Sequence[str]

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, i: int) -> bytes:
        """The file's bytes."""
        return _file_bytes(self.paths[i])

    def name(self, i: int) -> str:
        """The path, printable even where the file system's bytes are not Unicode."""
        return printable(self.paths[i])


@dataclass(frozen=True)
class Objects:
    """Paths, bytes, Pillow images or arrays in memory; pictures are encoded as PNG when they are read.

    Arrays are ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)`` uint8, or ``(H, W)`` uint16 or bool.
    """

    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def read(self, i: int) -> bytes:
        """The value's bytes, its file's bytes, or its PNG."""
        return encoded(self.values[i])

    def name(self, i: int) -> str:
        """The path where there is one, else the position."""
        value = self.values[i]
        if isinstance(value, dict):
            value = value.get("path")
        return printable(str(value)) if isinstance(value, str | os.PathLike) else str(i)


@dataclass(frozen=True)
class Rows:
    """Some rows of other inputs."""

    inputs: Inputs
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, i: int) -> bytes:
        """Bytes of the row."""
        return self.inputs.read(int(self.rows[i]))

    def name(self, i: int) -> str:
        """Name of the row."""
        return self.inputs.name(int(self.rows[i]))


@dataclass(frozen=True)
class Joined:
    """Inputs of two sources, one after the other."""

    first: Inputs
    second: Inputs

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def read(self, i: int) -> bytes:
        """Bytes from the source that holds ``i``."""
        n = len(self.first)
        return self.first.read(i) if i < n else self.second.read(i - n)

    def name(self, i: int) -> str:
        """Name from the source that holds ``i``."""
        n = len(self.first)
        return self.first.name(i) if i < n else self.second.name(i - n)


def chained(first: Inputs, second: Inputs) -> Inputs:
    """Inputs of two sources, one after the other; files stay files."""
    if isinstance(first, Files) and isinstance(second, Files):
        return Files((*first.paths, *second.paths))
    return Joined(first, second)


def take(inputs: Inputs, rows: NDArray[np.int64]) -> Inputs:
    """Some rows, ``(n,)`` positions, in that order; taking from taken rows does not nest."""
    if isinstance(inputs, Rows):
        return Rows(inputs.inputs, inputs.rows[rows])
    return Rows(inputs, rows)


def encoded(value: Any) -> bytes:
    """The bytes of a path's file, of bytes, or of a picture in memory as PNG; raises OSError or DataError."""
    if isinstance(value, dict) and "array" in value and not value.get("bytes"):  # a decoded recording of such a set
        return wave_bytes(value["array"], int(value["sampling_rate"]))
    if isinstance(value, dict):  # a picture or recording of Hugging Face datasets that was not decoded
        value = value.get("bytes") or value.get("path") or b""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str | os.PathLike):
        return _file_bytes(value)
    return _png(value)


def _file_bytes(path: str | os.PathLike[str]) -> bytes:
    if "\0" in os.fspath(path):
        raise DataError("not a path: it holds a null character")
    with open(path, "rb", buffering=0) as stream:
        return stream.read()


def printable(text: str) -> str:
    """Unicode NFC; bytes of a file name that are not UTF-8 become U+FFFD, so that every file we write can hold it."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _png(value: Any) -> bytes:
    import io

    from PIL import Image, ImageOps

    if isinstance(value, Image.Image):
        image = ImageOps.exif_transpose(value)  # PNG is written without EXIF
        if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"}:
            image = image.convert("RGB")
    else:
        image = Image.fromarray(_as_picture(value))
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)  # speed: the bytes are hashed and decoded again, not kept
    return stream.getvalue()


def _as_picture(value: Any) -> NDArray[Any]:
    array = np.asarray(value)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    is_grey = array.ndim == 2 and array.dtype in (np.uint8, np.uint16, np.bool_)
    is_colour = array.ndim == 3 and array.shape[2] in (3, 4) and array.dtype == np.uint8
    if not (is_grey or is_colour) or 0 in array.shape:
        raise DataError(
            "an array must be a picture of shape (H, W), (H, W, 3) or (H, W, 4) and dtype uint8 (grey also uint16); "
            f"got {type(value).__name__} of shape {array.shape} and dtype {array.dtype}. "
            "Multiply floats in 0-1 by 255, move channels last, and convert to uint8."
        )
    return np.ascontiguousarray(array)
