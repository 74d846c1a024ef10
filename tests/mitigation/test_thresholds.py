import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.mitigation.group_thresholds import PLUGIN, lots, predict, shifted, thresholds_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.thresholds import best_mixtures, best_thresholds, gap_of
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


def test_a_group_with_few_examples_keeps_its_threshold_and_binds_nobody():
    rows = rows_of_two_groups()
    groups = rows.groups.copy()
    groups[:30] = 2
    solution = PLUGIN.build(PLUGIN.config()).fit(replace(rows, groups=groups), PROBE, np.random.default_rng(0))
    alone = PLUGIN.build(PLUGIN.config()).fit(
        replace(rows, groups=np.where(groups == 2, -1, groups)), PROBE, np.random.default_rng(0)
    )
    assert solution.fitted.spec["thresholds"][2] == [[0.0, 1.0]]
    assert solution.fitted.spec["thresholds"][:2] == alone.fitted.spec["thresholds"]


def test_half_strength_leaves_half_of_the_gap():
    solution = PLUGIN.build(PLUGIN.config(strength=0.5)).fit(rows_of_two_groups(), PROBE, np.random.default_rng(0))
    told = solution.report["mitigation"]
    assert told["gap_after"] <= told["gap_before"] / 2 + 1e-9 and told["gap_after"] > told["gap_before"] / 4


def test_a_threshold_moves_the_second_logit_of_its_group_and_leaves_unknown_ones():
    moved = shifted(np.zeros((3, 2)), np.array([0, 1, -1]), [((2.0, 1.0),), ((-1.0, 1.0),)], np.zeros(3))
    assert moved.tolist() == [[0, -2], [0, 1], [0, 0]]
    with pytest.raises(DataError, match=r"0\.\.1"):
        shifted(np.zeros((1, 2)), np.array([2]), [((0.0, 1.0),)] * 2, np.zeros(1))


def test_lots_decide_between_thresholds_as_often_as_told():
    groups, drawn = np.zeros(1000, np.int64), (np.arange(1000) + 0.5) / 1000
    found = thresholds_of(groups, [((-1.0, 0.3), (2.0, 0.7))], drawn)
    assert (found == -1).sum() == 300 and (found == 2).sum() == 700


def test_a_lot_is_a_function_of_the_row_alone_and_even_over_rows():
    x = np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32)
    drawn = lots(x)
    assert np.array_equal(lots(x[::-1])[::-1], drawn) and np.array_equal(lots(x[7:8]), drawn[7:8])
    assert np.histogram(drawn, bins=4, range=(0, 1))[0] == pytest.approx(np.full(4, 1000), abs=120)


@settings(max_examples=30, deadline=None)
@cases(st.integers(0, 10_000), st.sampled_from(CRITERIA), st.sampled_from([0.0, 0.1, 0.3]))
def test_mixtures_are_within_the_gap_and_no_worse_than_single_thresholds(seed, criterion, allowed):
    truth, margin, groups = sample(seed)
    if any(not (truth[groups == g].any() and (~truth[groups == g]).any()) for g in (0, 1)):
        return
    found = best_mixtures(criterion, truth, margin, groups, 2, allowed, 100)
    rates, right = {g: [] for g in (0, 1)}, 0.0
    for g in (0, 1):
        own, m = truth[groups == g], margin[groups == g]
        assert sum(share for _, share in found[g]) == pytest.approx(1)
        counted = {"demographic_parity": [own | True], "equal_opportunity": [own], "equalized_odds": [own, ~own]}
        for which in counted[criterion]:
            rates[g].append(sum(share * (m > t)[which].mean() for t, share in found[g]))
        right += sum(share * ((m > t) == own).sum() for t, share in found[g])
    assert np.abs(np.subtract(rates[0], rates[1])).max() <= allowed + 1e-5
    assert right >= by_trying(criterion, truth, margin, groups, allowed) - 1e-4


def test_lots_reach_equalised_odds_where_one_group_is_easier_to_tell():
    def made(n, seed):
        rng = np.random.default_rng(seed)
        groups = np.arange(n) % 2
        truth = rng.random(n) < np.where(groups == 1, 0.6, 0.3)
        x = np.where(groups == 1, 1.6, 0.9) * (2 * truth - 1) + 1.2 * rng.normal(size=n)
        features = np.stack([x, groups, x * groups], axis=1).astype(np.float32)
        return Grouped(features, Targets(truth.astype(np.int64), "class", 2), groups, np.arange(n) // 2 % 5)

    rows, new = made(1200, 0), made(20_000, 1)
    accuracy = {}
    for with_lots in (False, True):
        solution = PLUGIN.build(PLUGIN.config(lots=with_lots)).fit(rows, PROBE, np.random.default_rng(0))
        said = predict(solution.fitted, new.features, new.groups, PROBE).argmax(1)
        assert gap_of("equalized_odds", new.targets.values == 1, said == 1, new.groups) < 0.1
        accuracy[with_lots] = (said == new.targets.values).mean()
    assert accuracy[True] > accuracy[False] + 0.02


def test_more_than_two_classes_are_refused():
    rows = given(60)
    three = Grouped(rows.features, Targets(np.arange(60) % 3, "class", 3), rows.groups, rows.folds)
    with pytest.raises(DataError, match="between two classes; got 3"):
        PLUGIN.build(PLUGIN.config()).fit(three, PROBE, np.random.default_rng(0))


def test_the_form_is_one_that_needs_the_group_so_a_plain_head_cannot_serve_it_by_mistake():
    fitted = PLUGIN.build(PLUGIN.config()).fit(given(120), PROBE, np.random.default_rng(0)).fitted
    assert fitted.spec["form"] == "group_thresholds" and fitted.spec["method"] == "group_thresholds"
    assert len(fitted.spec["thresholds"]) == 2
