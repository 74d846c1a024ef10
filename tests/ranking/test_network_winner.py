"""Which network wins with and without a limit of time; losses made by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.ranking.network_tried import Tried
from headstart.ranking.network_winner import above, winner

ROWS = 200
NOISE = np.random.default_rng(0).normal(0, 1, ROWS)


def part(groups=None):
    rows = np.arange(ROWS)
    return SimpleNamespace(held=rows, groups=rows if groups is None else groups, seed=0)


def tried(name, flops, losses):
    losses = np.broadcast_to(np.asarray(losses, float), (ROWS,))
    probe = SimpleNamespace(losses=losses, loss=float(losses.mean()))
    network = SimpleNamespace(card=SimpleNamespace(flops=flops))
    return Tried(SimpleNamespace(name=name, network=network), probe)


def chosen(entries, *, is_timed, groups=None):
    found = winner(entries, part(groups), "log-loss", is_timed=is_timed)
    return found.best.rival.name, found


def test_without_a_limit_the_smallest_loss_wins_whatever_it_costs():
    entries = [tried("small", 1, 0.52 + NOISE), tried("large", 9, 0.5)]
    name, found = chosen(entries, is_timed=False)
    assert name == "large" and found.above is None
    assert "smallest log-loss" in found.why["large"] and "is not smaller than that of large" in found.why["small"]


def test_under_a_limit_a_cheaper_one_wins_that_is_not_shown_to_be_worse():
    """0.02 apart on 200 rows of spread 1: the standard error of the difference is 0.07."""
    entries = [tried("large", 9, 0.5 - 0.02), tried("small", 1, 0.5 + NOISE - NOISE.mean()), tried("middle", 4, 0.49)]
    name, found = chosen(entries, is_timed=True)
    low, high = found.above
    assert name == "small" and low < 0.02 < high
    assert "0.111 of the cost of large" in found.why["small"] and "only within chance" in found.why["middle"]


def test_under_a_limit_one_that_is_worse_on_every_row_does_not_win():
    entries = [tried("small", 1, 0.7 + NOISE), tried("large", 9, 0.5 + NOISE)]
    name, found = chosen(entries, is_timed=True)
    assert name == "large" and found.above is None and "worse beyond chance" in found.why["large"]


def test_rows_of_a_group_count_once():
    """What 200 rows show, the same rows as copies of five do not."""
    gap = np.repeat([0.3, 0.25, -0.2, 0.3, 0.1], ROWS // 5)
    entries = [tried("small", 1, 0.5 + gap), tried("large", 9, 0.5)]
    assert chosen(entries, is_timed=True)[0] == "large"
    assert chosen(entries, is_timed=True, groups=np.arange(ROWS) // (ROWS // 5))[0] == "small"


def test_a_cost_or_a_loss_that_is_not_known_wins_nothing():
    entries = [tried("unknown", None, 0.5 + NOISE * 0.01), tried("broken", 1, math.nan), tried("large", 9, 0.5)]
    assert chosen(entries, is_timed=True)[0] == "large"
    assert above(entries[1], entries[2], part()) == (math.inf, math.inf)


def test_of_one_alone_nothing_is_compared():
    name, found = chosen([tried("only", 1, 0.5)], is_timed=True)
    assert (name, found.why) == ("only", {"only": "it is the only one that was tried"})


def test_the_interval_is_that_of_the_mean_of_the_differences():
    """By the normal approximation, which the bootstrap of a mean comes close to."""
    one, other = tried("a", 1, 0.5 + NOISE), tried("b", 9, 0.5)
    low, high = above(one, other, part())
    error = NOISE.std(ddof=1) / np.sqrt(ROWS)
    assert low == pytest.approx(NOISE.mean() - 1.96 * error, abs=0.02)
    assert high == pytest.approx(NOISE.mean() + 1.96 * error, abs=0.02)
