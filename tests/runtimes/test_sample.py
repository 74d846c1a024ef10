"""The sample on which runtimes are compared: few shapes, the extremes among them."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.runtimes.sample import MOST_ROWS, MOST_SHAPES, Sample


def rows(*lengths):
    return [np.full(length, number, np.float32) for number, length in enumerate(lengths)]


def test_of_equal_shapes_the_first_eight_are_taken_in_order():
    sample = Sample(np.arange(24, dtype=np.float32).reshape(12, 2))
    assert len(sample) == MOST_ROWS and sample.shapes == [(2,)]
    assert sample.through(lambda batch: batch, pooled=True)[:, 0].tolist() == [0, 2, 4, 6, 8, 10, 12, 14]


def test_shortest_longest_and_median_are_among_the_shapes():
    sample = Sample(rows(9, 3, 5, 7, 20, 6, 8))  # sorted 3 5 6 7 8 9 20: median 7
    assert sample.usual.shape == (7,)
    assert len(sample.shapes) == MOST_SHAPES and {(3,), (7,), (20,)} < set(sample.shapes)
    assert {row.shape for row in sample.rows} == set(sample.shapes)


def test_the_timing_batch_repeats_inputs_of_the_usual_shape():
    sample = Sample(rows(4, 6, 6, 9))  # median of 4 6 6 9: position 2, a 6
    assert sample.batch(5)[:, 0].tolist() == [1, 2, 1, 2, 1]


def test_boundaries_of_different_lengths_are_compared_by_their_mean_over_positions():
    def boundary(batch):  # (B, T) to (B, T, 2), the last position padded
        values = np.stack([batch, 2 * batch], axis=2)
        values[:, -1] = np.nan
        return values

    sample = Sample(rows(3, 5))
    assert sorted(sample.through(boundary, pooled=False).tolist()) == [[0, 0], [1, 2]]


def test_an_empty_sample_is_refused():
    with pytest.raises(ShapeError, match="at least one"):
        Sample([])
