"""One pass over the encoded inputs: hash, and what the modality sees without decoding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.modality import Modality
from headstart.data.inputs import Inputs

CHUNK = 64  # inputs that a thread takes at a time: handing out single files costs more than hashing them


@dataclass(frozen=True)
class Scan:
    """What the pass found.

    Attributes:
        keys: ``(N, 32)`` uint8, sha256 of the bytes; zeros where they could not be read.
        sizes: ``(N, M)`` int64, what the modality measures; zeros where it is unknown.
        problems: By row, why the input cannot be used.
    """

    keys: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    problems: dict[int, str]


def scan(inputs: Inputs, modality: Modality, workers: int = 2) -> Scan:
    """Hash and look at every input, with ``workers`` threads; memory does not grow with the files' sizes."""
    n = len(inputs)
    found = Scan(np.zeros((n, 32), np.uint8), np.zeros((n, len(modality.measures)), np.int64), {})

    def look(start: int) -> None:
        for row in range(start, min(start + CHUNK, n)):
            _look_at(inputs, row, modality, found)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        _drain(pool.map(look, range(0, n, CHUNK)))
    return found


def _look_at(inputs: Inputs, row: int, modality: Modality, found: Scan) -> None:
    try:
        content = inputs.read(row)
        found.keys[row] = np.frombuffer(hashlib.sha256(content).digest(), np.uint8)
        found.sizes[row] = modality.look(content)
    except FileNotFoundError:
        found.problems[row] = "no such file"
    except OSError as error:
        found.problems[row] = f"cannot be read ({error.strerror or error})"
    except DataError as error:
        found.problems[row] = str(error)


def _drain(results: Iterator[None]) -> None:
    for _ in results:
        pass
