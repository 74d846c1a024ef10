import itertools

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.mitigation.group_thresholds import PLUGIN, predict, shifted
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.thresholds import best_thresholds, gap_of
from mitigation.helpers_mitigation import PROBE, given

CRITERIA = ("demographic_parity", "equal_opportunity", "equalized_odds")


def sample(seed, n=24):
    rng = np.random.default_rng(seed)
    truth, groups = rng.random(n) < 0.5, rng.integers(2, size=n)
    return truth, rng.normal(size=n) + 1.5 * truth + 0.8 * groups - 1, groups


def by_trying(criterion, truth, margin, groups, allowed):
    """Most right examples over all pairs of thresholds within the gap; the slow second version."""
    options = [np.concatenate([[-99.0, 0.0], np.sort(margin[groups == g]) + 1e-9]) for g in (0, 1)]
    best = -1
    for pair in itertools.product(*options):
        decided = margin > np.array(pair)[groups]
        if gap_of(criterion, truth, decided, groups) <= allowed + 1e-12:
            best = max(best, int((decided == truth).sum()))
    return best


@settings(max_examples=40, deadline=None)
@cases(st.integers(0, 10_000), st.sampled_from(CRITERIA), st.sampled_from([0.1, 0.3, 1.0]))
def test_no_pair_of_thresholds_within_the_gap_is_right_oftener(seed, criterion, allowed):
    truth, margin, groups = sample(seed)
    if any(not (truth[groups == g].any() and (~truth[groups == g]).any()) for g in (0, 1)):
        return
    found = best_thresholds(criterion, truth, margin, groups, 2, allowed, 100)
    decided = margin > found[groups]
    assert gap_of(criterion, truth, decided, groups) <= allowed + 1e-9
    assert (decided == truth).sum() == by_trying(criterion, truth, margin, groups, allowed)


def test_gaps_by_hand():
    truth, groups = np.array([1, 1, 0, 0, 1, 0], bool), np.array([0, 0, 0, 0, 1, 1])
    decided = np.array([1, 0, 1, 0, 1, 0], bool)
    # group 0: 2 of 4 selected, 1 of 2 found, 1 of 2 false; group 1: 1 of 2, 1 of 1, 0 of 1
    assert [gap_of(criterion, truth, decided, groups) for criterion in CRITERIA] == [0, 0.5, 0.5]
    assert gap_of("equal_opportunity", truth & (groups == 0), decided, groups) is None


def test_a_group_without_positives_keeps_its_threshold():
    truth, margin, groups = sample(0)
    truth = truth & (groups == 0)
    assert best_thresholds("equal_opportunity", truth, margin, groups, 2, 0.0, 100).tolist() == [0, 0]


def test_among_equals_thresholds_stay_near_where_they_were():
    truth, groups = np.tile([True, False], 20), np.arange(40) // 20
    margin = np.where(truth, 5.0, -5.0)
    found = best_thresholds("equalized_odds", truth, margin, groups, 2, 0.0, 100)
    assert found.tolist() == [0, 0]


def rows_of_two_groups(n=1200, seed=0):
    rng = np.random.default_rng(seed)
    groups = np.arange(n) % 2
    truth = rng.random(n) < np.where(groups == 1, 0.6, 0.3)
    x = np.stack([1.5 * truth + rng.normal(size=n), groups + 0.3 * rng.normal(size=n)], axis=1)
    return Grouped(x.astype(np.float32), Targets(truth.astype(np.int64), "class", 2), groups, np.arange(n) // 2 % 5)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_gap_closes_on_rows_that_were_not_seen(criterion):
    rows, new = rows_of_two_groups(), rows_of_two_groups(6000, seed=1)
    plain = PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0))
    solution = PLUGIN.build(PLUGIN.config(criterion=criterion)).fit(rows, PROBE, np.random.default_rng(0))
    truth = new.targets.values == 1
    before = gap_of(criterion, truth, PROBE.predict(plain.fitted, new.features).argmax(1) == 1, new.groups)
    outputs = predict(solution.fitted, new.features, new.groups, PROBE)
    after = gap_of(criterion, truth, outputs.argmax(1) == 1, new.groups)
    assert before > 0.2 and after < 0.1
    told = solution.report["mitigation"]
    assert told["gap_after"] <= 0.02 + 1e-9 and told["gap_before"] > 0.2


def test_half_strength_leaves_half_of_the_gap():
    solution = PLUGIN.build(PLUGIN.config(strength=0.5)).fit(rows_of_two_groups(), PROBE, np.random.default_rng(0))
    told = solution.report["mitigation"]
    assert told["gap_after"] <= told["gap_before"] / 2 + 1e-9 and told["gap_after"] > told["gap_before"] / 4


def test_a_shift_moves_the_second_logit_of_its_group_and_leaves_unknown_ones():
    moved = shifted(np.zeros((3, 2)), np.array([0, 1, -1]), np.array([2.0, -1.0]))
    assert moved.tolist() == [[0, 2], [0, -1], [0, 0]]
    with pytest.raises(DataError, match=r"0\.\.1"):
        shifted(np.zeros((1, 2)), np.array([2]), np.zeros(2))


def test_more_than_two_classes_are_refused():
    rows = given(60)
    three = Grouped(rows.features, Targets(np.arange(60) % 3, "class", 3), rows.groups, rows.folds)
    with pytest.raises(DataError, match="between two classes; got 3"):
        PLUGIN.build(PLUGIN.config()).fit(three, PROBE, np.random.default_rng(0))


def test_the_form_is_one_that_needs_the_group_so_a_plain_head_cannot_serve_it_by_mistake():
    fitted = PLUGIN.build(PLUGIN.config()).fit(given(120), PROBE, np.random.default_rng(0)).fitted
    assert fitted.spec["form"] == "group_shifts" and fitted.spec["method"] == "group_thresholds"
    assert len(fitted.spec["shifts"]) == 2
