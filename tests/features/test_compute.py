"""Which examples the twin with random weights sees."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from headstart.features.compute import twin_wanted


class Data(SimpleNamespace):
    def __len__(self):
        return len(self.keys)


def data(split):
    keys = np.arange(len(split), dtype=np.uint8)[:, None].repeat(32, axis=1)
    return Data(keys=keys, split=np.array(split))


def test_of_a_given_test_split_both_parts_are_seen():
    found = twin_wanted(data(["train"] * 6 + ["test"] * 4), np.zeros(10, np.int64), resplit=False)
    assert found.all()


def test_data_of_which_everything_is_test_have_no_training_examples_to_see():
    assert twin_wanted(data(["test"] * 4), np.zeros(4, np.int64), resplit=False).all()


def test_without_a_test_split_it_is_by_content_alone():
    one = twin_wanted(data([""] * 5000), np.zeros(5000, np.int64), resplit=False)
    assert 0 < one.sum() < 5000
