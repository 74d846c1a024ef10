"""Features of several networks read as one."""

from __future__ import annotations

import numpy as np
import torch

from headstart.engine.training.joined_feed import JoinedFeed


class Numbers:
    def __init__(self, *columns):
        self.columns, self.asked = columns, []

    def ensure(self, stage, view, rows):
        self.asked.append((stage, view, list(rows)))

    def read(self, stage, view, rows):
        return torch.tensor([[float(100 * stage + 10 * view + row + each) for each in self.columns] for row in rows])


def test_each_gives_its_own_end_and_all_stand_side_by_side():
    one, two = Numbers(0.0), Numbers(0.25, 0.5)
    joined = JoinedFeed([(one, 3), (two, 7)])
    joined.ensure(1, 2, np.array([4, 5]))
    assert one.asked == [(3, 2, [4, 5])] and two.asked == [(7, 2, [4, 5])]
    assert joined.read(1, 2, np.array([4, 5])).tolist() == [[324.0, 724.25, 724.5], [325.0, 725.25, 725.5]]
