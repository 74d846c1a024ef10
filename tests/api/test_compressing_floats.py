"""What a search does not measure twice."""

from __future__ import annotations

import numpy as np

from headstart.api.compressing_floats import SAME, says_the_same


def test_a_stage_before_pooling_alone_says_what_the_network_says():
    whole = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    assert says_the_same(whole + SAME / 2 * np.abs(whole).max(), whole)
    assert not says_the_same(whole + 2 * SAME * np.abs(whole).max(), whole)
    assert not says_the_same(whole[:, :4], whole)
