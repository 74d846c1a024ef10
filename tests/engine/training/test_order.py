from __future__ import annotations

import numpy as np

from headstart.engine.training.order import batches_of, beside


def test_each_batch_gets_as_many_target_rows_and_all_of_them_come_equally_often():
    counts = np.zeros(7, int)
    for epoch in range(7):
        batches = batches_of(np.arange(10), 4)
        found = beside(batches, 10, 7, 3, epoch)
        for own, both in zip(batches, found, strict=True):
            assert np.array_equal(both[: len(own)], own) and len(both) == 2 * len(own)
            assert both[len(own) :].min() >= 10
            counts += np.bincount(both[len(own) :] - 10, minlength=7)
    assert (counts == 10).all()  # 7 epochs of 10


def test_it_is_a_function_of_seed_and_epoch():
    batches = batches_of(np.arange(6), 3)
    one, other = (np.concatenate(beside(batches, 6, 50, seed, 1)) for seed in (0, 1))
    assert np.array_equal(one, np.concatenate(beside(batches, 6, 50, 0, 1))) and not np.array_equal(one, other)


def test_one_domain_alone_stays_as_it_is():
    batches = batches_of(np.arange(6), 4)
    assert beside(batches, 0, 6, 0, 0) is batches and beside(batches, 6, 0, 0, 0) is batches
