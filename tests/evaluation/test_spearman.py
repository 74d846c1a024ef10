from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.spearman import _influence, _mean_above, spearman


def with_ties(seed, n=12):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 6, n).astype(float)
    return y, np.round(y + rng.normal(size=n))


def test_the_mean_above_by_hand():
    # above 1: the weights 4 and 8 and half of its own; of the two equal ones half of both
    assert _mean_above(np.array([1, 2, 2]), np.array([1.0, 4.0, 8.0])) == pytest.approx([12.5 / 3, 6 / 3, 6 / 3])


@pytest.mark.parametrize("seed", range(3))
def test_the_influence_is_how_the_correlation_moves_when_an_example_weighs_more(seed):
    y, p = with_ties(seed)
    value = spearman(y, p)
    influence = _influence(y, p, value)
    many = 2000  # copies of all, so that one example more moves little
    for i in range(len(y)):
        moved = spearman(np.append(np.tile(y, many), y[i]), np.append(np.tile(p, many), p[i])) - value
        assert moved * (many * len(y) + 1) == pytest.approx(influence[i], abs=5e-3)
    assert influence.mean() == pytest.approx(0, abs=1e-12)
