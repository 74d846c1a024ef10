"""A function of exactly B rows made one of any number of rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ShapeError
from headstart.runtimes.contract import MOST_SAMPLES, fixed_batch, rows_at_once


@given(rows=st.integers(0, 20), batch_size=st.integers(1, 7))
def test_the_inner_function_sees_full_contiguous_batches_only_and_rows_keep_their_order(rows, batch_size):
    seen = []

    def run(batch):
        seen.append(batch.shape[0])
        assert batch.flags.c_contiguous
        return batch.sum(axis=1, dtype=np.float32)[:, None]

    values = np.arange(rows * 3, dtype=np.uint8).reshape(rows, 3)
    outputs = fixed_batch(run, batch_size, np.uint8)(values[:, ::-1])
    assert set(seen) == {batch_size}
    assert len(seen) == max(1, -(-rows // batch_size))
    assert np.array_equal(outputs[:, 0], values.sum(axis=1, dtype=np.float32))


def test_another_dtype_is_refused_with_what_came():
    with pytest.raises(ShapeError, match=r"must be uint8 of shape \(B, ...\); got float64 of \(2, 3\)"):
        fixed_batch(lambda batch: batch, 2, np.uint8)(np.zeros((2, 3)))


def test_the_filling_repeats_a_row():
    seen = []

    def run(batch):
        seen.append(batch.copy())
        return batch.astype(np.float32)

    values = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.uint8)
    outputs = fixed_batch(run, 4, np.uint8)(values)
    assert seen[0].tolist() == [[1, 2], [3, 4], [5, 6], [5, 6]]
    assert outputs.tolist() == values.tolist()


def test_of_long_waveforms_fewer_rows_are_computed_at_once():
    # 16 kHz: 4 s are 64,000 samples, 2,097,152 / 64,000 = 32.8; 30 s are 480,000, 2,097,152 / 480,000 = 4.4.
    assert rows_at_once(32, (64_000,)) == 32
    assert rows_at_once(32, (80_000,)) == 16  # 26.2, and a power of two
    assert rows_at_once(32, (480_000,)) == 4
    assert rows_at_once(32, (3 * MOST_SAMPLES,)) == 1
    assert rows_at_once(32, (600, 600, 3)) == 32
    assert rows_at_once(32, (1280,)) == 32
    seen = []
    fixed_batch(lambda batch: (seen.append(batch.shape), batch[:, :1])[1], 32, np.float32)(np.zeros((5, 480_000), "f4"))
    assert seen == [(4, 480_000), (4, 480_000)]


def test_of_long_sequences_fewer_rows_are_computed_at_once():
    lengths = {2: 32, 32: 32, 34: 16, 64: 16, 66: 8, 128: 8, 512: 8}  # 1,024 / 34 = 30; 1,024 / 66 = 15
    assert {length: rows_at_once(32, (length, 2)) for length in lengths} == lengths
    assert rows_at_once(4, (512, 2)) == 4
