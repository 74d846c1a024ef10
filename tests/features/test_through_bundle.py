"""Examples through a bundle: any cut into chunks, any failures, any sources give the same rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.bundle.predictor import Pass, Predictor, Source
from headstart.core.errors import DataError
from headstart.core.schema import InputSchema, PartSchema
from headstart.core.table import Column, Table
from headstart.features.through_bundle import through
from headstart.postprocessing.postprocessing import Postprocessing

SCHEMA = InputSchema(parts=(PartSchema(modality="text", columns=("a",)), PartSchema(modality="text", columns=("b",))))


@dataclass
class Words:
    """Inputs; None cannot be read."""

    values: list[bytes | None]
    reads: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)

    def read(self, i: int) -> bytes:
        self.reads.append(i)
        value = self.values[i]
        if value is None:
            raise OSError("is not there")
        return value


@dataclass
class Given:
    inputs: Words


@dataclass
class Some:
    """A chunk: two texts and a number per example."""

    parts: tuple[Given, Given]
    table: Table

    def __len__(self) -> int:
        return len(self.parts[0].inputs)


class Letters:
    """Lengths differ, so batches do too."""

    preprocessing: Any = None

    def prepare(self, content: bytes) -> Any:
        if content == b"bad":
            raise DataError("is bad")
        return np.frombuffer(content, np.uint8).astype(np.float32)

    def address(self) -> dict[str, Any]:
        return {}


def total(batch: Any) -> Any:
    """The sum of an input's letters, (B, 1)."""
    return batch.sum(axis=1, keepdims=True)


def predictor(batch_size: int = 3) -> Predictor:
    sources = tuple(Source(part, Pass(part, Letters(), total, batch_size, "any", "float32")) for part in (0, 1))
    plain = Source(None, None, lambda table: table.columns["n"].values[:, None])
    return Predictor(
        SCHEMA,
        (*sources, plain),
        lambda features: features @ np.array([[1.0], [1000.0], [1e6]]),
        Postprocessing(),
        "real",
    )


def chunks_of(rows: list[tuple[bytes | None, bytes | None, float]], size: int) -> list[Some]:
    cut = [rows[low : low + size] for low in range(0, len(rows), size)]
    return [
        Some(
            (Given(Words([row[0] for row in part])), Given(Words([row[1] for row in part]))),
            Table({"n": Column("number", np.array([row[2] for row in part], dtype=np.float64))}),
        )
        for part in cut
    ]


words = st.sampled_from([b"x", b"yy", b"zzz", b"bad", None])


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.tuples(words, words, st.integers(0, 9).map(float)), max_size=40), size=st.integers(1, 7))
def test_each_row_gets_its_own_output_or_its_own_reason(rows, size):
    done: list[int] = []
    outputs: dict[int, float] = {}
    errors: dict[int, str] = {}
    first = 0
    for chunk, found in through(predictor(), chunks_of(rows, size), workers=2, advance=done.append):
        assert sorted([*found.rows.tolist(), *found.errors]) == list(range(len(chunk)))
        outputs |= {first + row: float(value[0]) for row, value in zip(found.rows.tolist(), found.outputs, strict=True)}
        errors |= {first + row: reason for row, reason in found.errors.items()}
        first += len(chunk)
    assert first == len(rows) == sum(done)
    for number, (a, b, n) in enumerate(rows):
        failing = next((value for value in (a, b) if value in (b"bad", None)), b"")
        if failing == b"":
            assert outputs[number] == sum(a) + 1000 * sum(b) + 1e6 * n
        else:
            assert errors[number] == ("is bad" if failing else "is not there")


def test_chunks_are_drawn_only_as_far_as_batches_need():
    drawn = []

    def endless():
        while True:
            drawn.append(1)
            yield chunks_of([(b"x", b"x", 1.0)] * 8, 8)[0]

    found = through(predictor(batch_size=4), endless(), workers=1)
    for _ in range(5):
        next(found)
    assert len(drawn) < 60  # what may wait for others of its shape, in inputs, over those of a chunk


def test_contents_are_read_and_looked_at_where_a_source_takes_them_as_they_are():
    source = Source(0, None, lambda contents: np.array([[len(content)] for content in contents], np.float32))
    sized = Predictor(SCHEMA, (source,), lambda features: features, Postprocessing(), "real")
    (chunk,) = chunks_of([(b"four", b"", 0.0), (None, b"", 0.0), (b"sevenxx", b"", 0.0)], 8)
    done: list[int] = []
    ((_, found),) = through(sized, [chunk], advance=done.append)
    assert found.outputs.tolist() == [[4], [7]]
    assert found.errors == {1: "is not there"}
    assert done == [3]


def test_of_no_example_there_is_nothing():
    assert list(through(predictor(), [])) == []
