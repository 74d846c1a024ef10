"""How many units each group keeps."""

from __future__ import annotations

import torch

from headstart.compression.pruning.scores.elimination import by_size
from headstart.compression.pruning.sharing import MULTIPLE, shared_out


def test_what_loses_least_for_what_it_saves_goes_first():
    """Units of the second group lose twice as much each and save four times as much, so they go first."""
    first, second = by_size(torch.ones(64)), by_size(torch.full((64,), 2.0))
    assert shared_out([first, second], [1.0, 4.0], [1, 1], [0.9, 0.8]) == [[64, 48], [64, 48]]
    assert shared_out([first, second], [1.0, 4.0], [1, 1], [0.7]) == [[64, 32]]
    assert shared_out([first, second], [4.0, 1.0], [1, 1], [0.9]) == [[48, 64]]


def test_widths_are_multiples_and_nothing_vanishes():
    [kept] = shared_out([by_size(torch.ones(100)), by_size(torch.ones(12))], [1.0, 40.0], [1, 32], [0.0])
    assert kept[0] % MULTIPLE == 0 and 0 < kept[0] <= 16
    assert 0 < kept[1] <= 2  # heads are wide enough to go one by one


def test_all_of_it_may_stay():
    assert shared_out([by_size(torch.ones(20))], [1.0], [1], [1.0]) == [[20]]
