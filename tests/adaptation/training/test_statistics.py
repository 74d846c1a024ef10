from __future__ import annotations

import torch
from torch import nn

from headstart.adaptation.training.statistics import statistics_untouched


def test_running_statistics_are_the_targets():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.BatchNorm1d(2))
    model.train()
    model[1].eval()
    before = model[0].running_mean.clone()
    with statistics_untouched(model):
        source = model(torch.randn(8, 2) + 5)
    assert torch.equal(model[0].running_mean, before)
    assert source.mean(0).abs().max() < 1e-5  # of its own batch all the same
    model(torch.full((8, 2), 3.0) + torch.randn(8, 2))
    assert (model[0].running_mean > 0.2).all() and model[0].momentum == 0.1
    assert torch.equal(model[1].running_mean, torch.zeros(2))
