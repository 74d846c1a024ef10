"""The predict loop: every position once, in order, errors as rows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.helpers_engine import PICTURES, Letters, Memory, coloured, mean_colour, mean_letter, texts
from headstart.engine import predict
from headstart.engine.batching import RUN_BATCHES
from headstart.engine.predict import AHEAD_BATCHES, stream


def collected(chunks):
    rows, outputs, errors = [], [], {}
    for chunk in chunks:
        rows += chunk.rows.tolist()
        outputs += [] if chunk.outputs is None else chunk.outputs.tolist()
        errors |= chunk.errors
    return rows, outputs, errors


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_outputs_come_in_order_in_batches(count):
    inputs = coloured(count)
    sizes = []

    def compute(pixels):
        sizes.append(len(pixels))
        return mean_colour(pixels)

    rows, outputs, errors = collected(stream(inputs, PICTURES, compute, workers=2, batch_size=4))
    assert rows == list(range(count)) and errors == {}
    assert sizes == [4] * (count // 4) + [count % 4] * (count % 4 > 0)
    assert len(outputs) == count


def test_bad_inputs_are_errors_at_their_place():
    good = coloured(3).contents
    inputs = Memory([b"bad", good[0], OSError("gone"), good[1], good[2], b""])
    rows, outputs, errors = collected(stream(inputs, PICTURES, mean_colour, workers=2, batch_size=2))
    assert rows == [1, 3, 4] and sorted(errors) == [0, 2, 5]
    assert errors[2] == "gone" and all(errors.values())
    expected = collected(stream(Memory(good), PICTURES, mean_colour, workers=1))[1]
    assert outputs == expected


def test_only_bad_inputs_never_reach_the_network():
    inputs = Memory([b"bad"] * 5)
    chunks = list(stream(inputs, PICTURES, lambda pixels: pytest.fail("called"), workers=1, batch_size=2))
    assert [chunk.outputs for chunk in chunks] == [None] * 3
    assert [sorted(chunk.errors) for chunk in chunks] == [[0, 1], [2, 3], [4]]


@given(lengths=st.lists(st.integers(0, 30), max_size=80), batch_size=st.integers(1, 6), window=st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_inputs_of_many_lengths_keep_their_order_whatever_is_batched_together(lengths, batch_size, window):
    inputs = Memory(bytes([97 + number % 26]) * length for number, length in enumerate(lengths))
    sizes = []

    def compute(values):
        sizes.append(len(values))
        return mean_letter(values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "WINDOW_BATCHES", window)
        chunks = list(stream(inputs, Letters(), compute, workers=2, batch_size=batch_size))
    rows, outputs, errors = collected(chunks)
    good = [number for number, length in enumerate(lengths) if length]
    assert rows == good and sorted(errors) == [number for number, length in enumerate(lengths) if not length]
    assert [row[0] for row in outputs] == [97 + number % 26 for number in good]
    covered = [sorted([*chunk.rows.tolist(), *chunk.errors]) for chunk in chunks]
    assert sum(covered, []) == list(range(len(lengths))), "every position once, in order"
    assert max(sizes, default=0) <= batch_size * RUN_BATCHES


def test_a_rare_length_does_not_hold_up_more_than_the_window(monkeypatch):
    monkeypatch.setattr(predict, "WINDOW_BATCHES", 3)
    drawn = []

    def endless():
        yield Memory([b"a rather long text"])
        while True:
            drawn.append(1)
            yield Memory([b"abc"])

    chunks = stream(endless(), Letters(), mean_letter, workers=2, batch_size=4)
    first = next(chunks)
    assert first.rows[0] == 0
    assert len(drawn) <= (3 + AHEAD_BATCHES + 1) * 4 + 1
    chunks.close()


def test_batches_are_full_but_for_rare_lengths():
    inputs, sizes = texts(400, longest=16), []  # four lengths

    def compute(values):
        sizes.append(len(values))
        return mean_letter(values)

    assert collected(stream(inputs, Letters(), compute, workers=2, batch_size=8))[0] == list(range(400))
    assert sum(size % 8 > 0 for size in sizes) <= 4, "the last one of each length"


def test_several_outputs_and_several_sources_go_through():
    sources = (coloured(3, seed) for seed in (0, 1))

    def compute(pixels):
        return mean_colour(pixels), mean_colour(pixels)[:, :1]

    chunks = list(stream(sources, PICTURES, compute, workers=1, batch_size=4))
    assert [chunk.rows.tolist() for chunk in chunks] == [[0, 1, 2, 3], [4, 5]]
    assert [part.shape for part in chunks[1].outputs] == [(2, 3), (2, 1)]
    assert np.array_equal(chunks[0].outputs[0][:, :1], chunks[0].outputs[1])


def test_a_stream_without_end_is_drawn_from_as_needed():
    drawn = []

    def endless():
        while True:
            drawn.append(1)
            yield coloured(1)

    chunks = stream(endless(), PICTURES, mean_colour, workers=2, batch_size=4)
    next(chunks)
    assert len(drawn) <= (AHEAD_BATCHES + 1) * 4 + 1
    chunks.close()


def test_the_room_is_importable_and_runs_where_torch_is_not_installed():
    code = """
import sys
sys.modules["torch"] = None
import headstart.engine.predict, headstart.engine.feature_pass, headstart.engine.activations.store
import headstart.runtimes.contract, headstart.runtimes.onnxruntime, headstart.runtimes.openvino
"""
    subprocess.run([sys.executable, "-c", code], check=True)
