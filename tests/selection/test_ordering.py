"""The order, what cannot be told apart, and how often each is the best."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.selection.ordering import place
from headstart.selection.resampling import MOST_UNITS, resample

ALONE = np.arange(400)


def rng(seed=0):
    return np.random.default_rng(seed)


def right(share, seed, n=400):
    """Scores of one candidate: 1 where it is right."""
    return (rng(seed).random(n) < share).astype(float)


def test_the_best_mean_is_first_and_the_differences_are_paired():
    good = right(0.8, 1)
    worse = good.copy()
    worse[np.flatnonzero(good)[:12]] = 0  # 3 points, on the same rows: much surer than two independent samples
    placed = place(np.stack([worse, good]), ALONE, [1, 2], rng())
    assert [each.number for each in placed] == [1, 0]
    assert placed[0].behind == 0 and placed[0].behind_interval == (0, 0) and placed[0].is_tied
    assert placed[1].behind == pytest.approx(12 / 400)
    assert not placed[1].is_tied and 0 < placed[1].behind_interval[0] < 0.03 < placed[1].behind_interval[1]
    assert placed[0].best_probability > 0.99


def test_candidates_that_are_right_on_other_rows_cannot_be_told_apart():
    placed = place(np.stack([right(0.8, 1), right(0.8, 2)]), ALONE, [1, 2], rng())
    assert placed[1].is_tied
    assert sum(each.best_probability for each in placed) == pytest.approx(1)


def test_equals_share_every_draw_and_the_smaller_one_is_first():
    same = right(0.7, 3)
    placed = place(np.stack([same, same, same]), ALONE, [5, 2, 9], rng())
    assert [each.number for each in placed] == [1, 0, 2]
    assert [each.best_probability for each in placed] == pytest.approx([1 / 3] * 3)


def test_where_nothing_varies_there_is_no_interval():
    placed = place(np.stack([np.ones(10), np.zeros(10)]), np.arange(10), [1, 1], rng())
    assert placed[0].interval is None and placed[1].interval is None
    assert placed[1].behind == 1 and not placed[1].is_tied


def test_the_interval_of_a_share_is_about_that_of_the_normal_distribution():
    scores = right(0.8, 4)
    share = scores.mean()
    reach = 1.96 * np.sqrt(share * (1 - share) / 400)
    assert place(scores[None], ALONE, [1], rng())[0].interval == pytest.approx(
        (share - reach, share + reach), abs=0.006
    )


def test_rows_of_a_group_are_drawn_together_which_widens_the_interval():
    per_group = right(0.5, 5, 50)
    scores, groups = np.repeat(per_group, 8), np.repeat(np.arange(50), 8)
    low, high = resample(scores[None], groups, rng()).interval(0)
    narrow = resample(scores[None], ALONE, rng()).interval(0)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 50), rel=0.1)
    assert (high - low) / (narrow[1] - narrow[0]) == pytest.approx(np.sqrt(8), rel=0.1)


def test_groups_of_different_sizes_weigh_as_many_rows_as_they_have():
    scores, groups = np.array([[1.0, 1, 1, 0]]), np.array([0, 0, 0, 1])
    means = resample(scores, groups, rng()).means[:, 0]
    assert set(np.round(means, 6)) == {1.0, 0.75, 0.0}  # both groups twice, one of each, the other twice


def test_many_groups_are_dealt_into_blocks_of_the_same_spread():
    n = 4 * MOST_UNITS
    scores = right(0.5, 6, n)
    low, high = resample(scores[None], np.arange(n), rng(), draws=400).interval(0)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / n), rel=0.15)


def test_errors_are_turned_into_what_is_reported():
    errors = -np.stack([rng(7).chisquare(1, 400), 4 * rng(8).chisquare(1, 400)])
    placed = place(errors, ALONE, [1, 1], rng(), lambda means: -np.sqrt(-means))
    assert [each.number for each in placed] == [0, 1]
    assert placed[1].behind == pytest.approx(1, abs=0.3)  # roots of 4 and of 1


def test_the_same_seed_draws_the_same():
    scores = np.stack([right(0.6, 1), right(0.65, 2)])
    assert place(scores, ALONE, [1, 2], rng(3)) == place(scores, ALONE, [1, 2], rng(3))


@pytest.mark.parametrize(("scores", "groups"), [(np.ones((2, 0)), 0), (np.ones((2, 3)), 2), (np.ones(3), 3)])
def test_arrays_that_do_not_fit_are_refused(scores, groups):
    with pytest.raises(ShapeError, match="scores must be"):
        resample(scores, np.arange(groups), rng())
