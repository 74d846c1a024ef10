"""Ways are judged in the light of each other: by hand, by law, and by what it does to choosing."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.compression.expected import FAR, FEWEST, expected_losses

N = 400


def rows(mean, spread, rng, n=N):
    values = rng.normal(size=n)
    return mean + spread * (values - values.mean()) / values.std()


def test_a_few_ways_are_taken_as_they_are():
    lost = np.array([[1.0, 3.0], [0.0, np.nan], [4.0, 0.0]])
    assert len(lost) < FEWEST
    assert expected_losses(lost, np.array([1.1, 1.5, 2.0])).tolist() == [2.0, 0.0, 2.0]


def test_ways_that_differ_by_chance_alone_lie_on_the_line():
    rng, line = np.random.default_rng(0), np.array([1.0, 2.0, 3.0, 4.0])
    bent = line + np.array([0.1, -0.1, -0.1, 0.1])  # the least squares line of these is ``line``
    lost = np.array([rows(mean, 60.0, rng) for mean in bent])  # an error of 3 points each
    assert expected_losses(lost, np.exp(line)).tolist() == pytest.approx(line.tolist(), abs=1e-3)


def test_ways_that_are_known_well_stay_where_they_are():
    rng, means = np.random.default_rng(0), np.array([0.0, 5.0, 1.0, 6.0, 2.0])
    lost = np.array([rows(mean, 0.2, rng) for mean in means])
    assert expected_losses(lost, np.array([1.1, 1.3, 1.5, 1.7, 2.0])).tolist() == pytest.approx(
        means.tolist(), abs=0.01
    )


def test_a_way_that_breaks_the_model_says_nothing_of_the_others():
    rng, speeds = np.random.default_rng(0), np.array([1.1, 1.4, 1.7, 2.0, 2.0])
    lost = np.array([rows(mean, 30.0, rng) for mean in (0.5, 1.0, 0.0, 2.0, FAR + 30)])
    with_it, without = expected_losses(lost, speeds), expected_losses(lost[:-1], speeds[:-1])
    assert with_it[:-1].tolist() == pytest.approx(without.tolist()) and with_it[-1] == pytest.approx(FAR + 30)


def test_what_is_chosen_keeps_nearer_to_its_promise_than_by_its_own_figure():
    """Of a dozen ways the fastest within a point: 300 searches whose true losses are known."""
    rng, gaps = np.random.default_rng(1), {"own": [], "expected": []}
    speeds = np.linspace(1.1, 2.5, 12)
    for _ in range(300):
        truth = 4.0 * np.log(speeds) + rng.normal(scale=0.5, size=12)
        lost = truth[:, None] + 100 * rng.choice([-1, 0, 1], p=[0.05, 0.9, 0.05], size=(12, 300))
        for name, losses in (("own", lost.mean(axis=1)), ("expected", expected_losses(lost, speeds))):
            fits = losses <= 1.0
            if fits.any():
                place = int(np.argmax(np.where(fits, speeds, 0)))
                gaps[name].append(truth[place] - losses[place])
    assert np.mean(gaps["own"]) > 1.5  # points that it loses more than it was chosen for
    assert np.mean(gaps["expected"]) < np.mean(gaps["own"]) / 3
