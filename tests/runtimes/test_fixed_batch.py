"""A function of exactly B rows made one of any number of rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ShapeError
from headstart.runtimes.contract import fixed_batch


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
