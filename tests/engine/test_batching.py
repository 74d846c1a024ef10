"""Inputs of equal shape gathered into batches."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.engine.batching import Batches


def array(length: int) -> np.ndarray:
    return np.zeros(length, np.uint8)


@given(
    lengths=st.lists(st.integers(1, 5), max_size=40),
    batch_size=st.integers(1, 6),
    limit=st.integers(1, 60),
    run=st.integers(1, 3),
)
def test_every_input_comes_once_in_a_batch_of_its_shape_and_no_more_waits_than_allowed(lengths, batch_size, limit, run):
    batches, given_, waiting = Batches(batch_size, limit, run), [], {}
    for item, length in enumerate(lengths):
        waiting[item] = length
        if batch := batches.add(item, np.full(length, item, np.uint8)):
            given_.append(batch)
            for done in batch.items:
                del waiting[done]
        assert batches.oldest == min(waiting, default=None)
        if len(set(waiting.values())) > 1:
            assert sum(waiting.values()) <= limit + 5 * batch_size, "beyond it by less than a batch"
    given_ += batches.rest()
    assert sorted(item for batch in given_ for item in batch.items) == list(range(len(lengths)))
    for batch in given_:
        assert 1 <= len(batch.items) <= batch_size * run
        assert batch.values.tolist() == [[item] * lengths[item] for item in batch.items]
    assert batches.oldest is None


def test_of_one_shape_every_batch_is_given_when_it_is_full():
    batches = Batches(2)
    assert batches.add(0, array(3)) is None
    assert batches.add(1, array(3)).items == [0, 1]
    assert batches.add(2, array(3)) is None
    assert batches.oldest == 2


def test_of_several_shapes_a_run_of_batches_is_waited_for():
    batches = Batches(2, run_batches=2)
    assert [batches.add(item, array(3 + (item == 0))) for item in range(4)] == [None] * 4
    assert batches.add(4, array(3)).items == [1, 2, 3, 4]
    assert batches.oldest == 0
    assert batches.give_oldest().items == [0]


def test_when_memory_runs_short_the_fullest_batch_is_given_early():
    batches = Batches(8, limit_bytes=20)
    for item, length in enumerate([4, 4, 10]):
        assert batches.add(item, array(length)) is None  # 18 bytes
    assert batches.add(3, array(4)).items == [0, 1, 3]  # 22 bytes


def test_what_is_given_early_are_whole_batches_where_there_are_any():
    batches = Batches(2, limit_bytes=20)
    for item, length in enumerate([7, 4, 4, 4]):
        assert batches.add(item, array(length)) is None  # 19 bytes
    assert batches.add(4, array(7)).items == [1, 2]  # 26 bytes, three of four bytes and two of seven wait
    assert batches.give_oldest().items == [0, 4]
    assert batches.oldest == 3


def test_of_one_shape_a_full_batch_is_waited_for_whatever_its_size():
    batches = Batches(3, limit_bytes=10)
    assert [batches.add(item, array(100)) is None for item in range(3)] == [True, True, False]


def test_equal_shapes_of_different_dtypes_are_not_mixed():
    batches = Batches(2)
    assert batches.add(0, np.zeros(3, np.uint8)) is None
    assert batches.add(1, np.zeros(3, np.float32)) is None


def test_the_rest_comes_with_the_largest_first():
    batches = Batches(8)
    for item, length in enumerate([2, 9, 5, 9]):
        batches.add(item, array(length))
    assert [batch.items for batch in batches.rest()] == [[1, 3], [2], [0]]
