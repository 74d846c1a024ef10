"""Validators by hand and beside a slow, obvious second version."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import entropy

from adaptation.validators.helpers_validators import estimate, labeled, random_view, said, view
from headstart.adaptation.validators.deep_embedded import controlled_risk
from headstart.adaptation.validators.negative_entropy import entropies
from headstart.adaptation.validators.nuclear_norm import share_of_largest
from headstart.adaptation.validators.propagated_labels import propagated
from headstart.adaptation.validators.silhouette import silhouettes
from headstart.adaptation.validators.soft_neighbourhood_density import neighbourhood_entropy


def test_three_of_four_held_out_rows_right_is_three_quarters():
    assert estimate("held_out", view(held_said=said([0, 1, 1, 1], 2))) == 0.75


def test_a_wrong_row_that_comes_three_times_as_often_counts_three_times():
    seen = view(held_said=said([0, 1, 1, 1], 2), ratio=np.array([1.0, 3.0, 1.0, 1.0]))
    assert estimate("importance_weighted", seen) == pytest.approx(3 / 6)


def test_weights_that_go_with_losses_are_led_back_to_a_mean_of_one():
    # w = (1, 3, 2), l = (0, 1, 0): wl = (0, 3, 0), mean 1; cov(wl, w) = ((-1)(-1) + 2 * 1 + (-1) * 0) / 3 = 1;
    # var(w) = 2/3, eta = -3/2; risk = 1 + eta * 2 - eta = 1 - 3/2
    assert controlled_risk(np.array([1.0, 3.0, 2.0]), np.array([0.0, 1.0, 0.0])) == pytest.approx(-0.5)
    assert controlled_risk(np.ones(4), np.array([1, 0, 0, 0])) == pytest.approx(0.25)


def test_the_control_variate_takes_variance_away_and_no_expectation():
    rng = np.random.default_rng(0)
    plain, controlled = [], []
    for _ in range(400):
        w = rng.exponential(size=200)
        losses = (rng.random(200) < 0.6).astype(float)
        plain.append((w * losses).mean())
        controlled.append(controlled_risk(w, losses))
    assert np.mean(controlled) == pytest.approx(0.6, abs=0.01)  # variances 0.84 and 0.84 - 0.6^2, over n
    assert np.var(controlled) < 0.7 * np.var(plain)


def test_entropy_is_that_of_scipy():
    p = np.random.default_rng(1).dirichlet(np.ones(5), size=7)
    assert entropies(p) == pytest.approx(entropy(p, axis=1) / math.log(5))


def test_sure_and_balanced_answers_have_all_the_information_and_one_class_has_none():
    assert estimate("mutual_information", view(outputs=said([0, 1, 0, 1], 2, sure=50))) == pytest.approx(1)
    assert estimate("mutual_information", view(outputs=said([1, 1, 1, 1], 2, sure=50))) == pytest.approx(0)
    # a half sure of 0, a half undecided: H(3/4, 1/4) - (0 + 1) / 2
    outputs = np.array([[50.0, 0.0], [50.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    bits = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)) - 0.5
    assert estimate("mutual_information", view(outputs=outputs)) == pytest.approx(bits)


def test_the_nuclear_norm_is_that_of_the_singular_values():
    p = np.random.default_rng(2).dirichlet(np.ones(4), size=30)
    assert share_of_largest(p) == pytest.approx(np.linalg.svd(p, compute_uv=False).sum() / math.sqrt(30 * 4))
    assert share_of_largest(np.array([[1.0, 0.0]] * 9)) == pytest.approx(math.sqrt(9) / math.sqrt(18))


def test_soft_neighbourhood_density_row_by_row():
    p = np.random.default_rng(3).dirichlet(np.ones(3), size=12)
    unit = p / np.linalg.norm(p, axis=1, keepdims=True)
    total = 0.0
    for i in range(12):
        weights = np.array([math.exp(unit[i] @ unit[j] / 0.05) for j in range(12) if j != i])
        total += entropy(weights)
    assert neighbourhood_entropy(p) == pytest.approx(total / 12 / math.log(11), abs=1e-4)


def test_two_dense_groups_are_denser_than_scattered_answers():
    groups = said(np.arange(20) % 2, 2, sure=9)
    scattered = np.random.default_rng(4).normal(size=(20, 2)) * 2
    assert estimate("soft_neighbourhood_density", view(outputs=groups)) > estimate(
        "soft_neighbourhood_density", view(outputs=scattered)
    )


def test_as_many_rows_above_the_threshold_as_are_right():
    # held-out rows are sure in the order 4 > 3 > 2 > 1 and the two surest are right: the threshold is theirs
    held = labeled(np.zeros((4, 2), np.float32), [0, 0, 0, 0], 2)
    held_said = np.array([[4.0, 0.0], [3.0, 0.0], [0.0, 2.0], [0.0, 1.0]])
    outputs = np.array([[5.0, 0.0], [0.0, 3.5], [2.9, 0.0], [0.0, 0.0]])  # two of four are surer than that of 3
    assert estimate("confidence_threshold", view(held, held_said, outputs=outputs)) == 0.5


def test_confidence_is_the_mean_of_the_largest_probability():
    outputs = np.log(np.array([[0.9, 0.1], [0.4, 0.6]]))
    assert estimate("confidence", view(outputs=outputs)) == pytest.approx(0.75)


def test_neighbours_of_the_source_side_with_the_head_or_not():
    seen = view()
    assert estimate("neighbour_labels", seen) == 1
    assert estimate("neighbour_labels", view(outputs=said([0, 1, 1, 1], 2))) == 0.75


def test_neighbours_are_looked_for_where_the_head_expects_source_rows():
    swapped = view(carry=lambda rows: rows.features[:, ::-1])
    assert estimate("neighbour_labels", swapped) == 0


def test_a_row_that_strayed_follows_its_neighbours():
    # three target rows around (0, 1), one of them nearest to a learned row of class 1 that strayed there
    target = np.array([[0.0, 1.0], [0.1, 1.0], [-0.1, 1.0], [1.0, 0.0], [1.0, 0.1], [1.0, -0.1]], np.float32)
    votes = np.array([[0.2, 0.8], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1.0]])
    near = np.array([[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]])
    assert propagated(votes, near).argmax(axis=1).tolist() == [0, 0, 0, 1, 1, 1]
    space = view(target=target, outputs=said([0, 0, 0, 1, 1, 1], 2)).space
    assert [set(row.tolist()) >= {1, 2} for row in space.neighbours[:1]] == [True]
    assert all(place not in row for place, row in enumerate(space.neighbours.tolist()))


def test_propagation_is_the_same_by_loops():
    rng = np.random.default_rng(8)
    votes, near = rng.dirichlet(np.ones(3), size=9), rng.integers(0, 9, (9, 4))
    spread = votes.copy()
    for _ in range(5):
        spread = np.array([0.5 * votes[i] + 0.5 * sum(spread[j] for j in near[i]) / 4 for i in range(9)])
    assert propagated(votes, near) == pytest.approx(spread)


def test_propagated_votes_are_not_swayed_by_a_class_that_was_frequent():
    features = np.ones((12, 2), np.float32)  # all in one place: the votes are the shares of the classes
    learned = labeled(features, [0] * 9 + [1] * 3, 2)
    seen = view(learned=learned, target=features[:5], outputs=said([1, 1, 1, 1, 1], 2))
    votes = seen.votes / np.array([9.5, 3.5])
    assert estimate("propagated_labels", seen) == float(votes[0].argmax() == 1)


def test_where_only_shares_changed_each_class_is_recognised_as_it_was():
    # class 0 is always right, class 1 half of the time
    held = labeled(np.zeros((4, 2), np.float32), [0, 0, 1, 1], 2)
    held_said = said([0, 0, 1, 0], 2)
    outputs = said([0] * 15 + [1] * 5, 2)  # C q = (3/4, 1/4): q = (1/2, 1/2), 1/2 * 1 + 1/2 * 1/2
    assert estimate("label_shift", view(held, held_said, outputs=outputs)) == pytest.approx(0.75)
    with_shift = view(held, held_said, outputs=outputs + np.array([0, 9.0]), shift=np.array([0, 9.0]))
    assert estimate("label_shift", with_shift) == pytest.approx(0.5)  # it now says 1 always


def test_a_shift_counts_where_held_out_rows_stand_for_the_target():
    shifted = view(shift=np.array([0.0, 9.0]), outputs=said([1, 1, 1, 1], 2))
    assert estimate("held_out", shifted) == 1
    assert estimate("importance_weighted", shifted) == 0.5


def test_shares_as_in_the_source_are_no_fault_and_neither_are_those_that_confusions_explain():
    assert estimate("class_balance", view()) == 0
    three_to_one = view(outputs=said([0, 0, 0, 1], 2))  # held-out rows are all right: BBSE says 3/4 and 1/4
    assert estimate("class_balance", three_to_one) == pytest.approx(0, abs=1e-9)
    # a class that is never answered: its columns are alike, BBSE says nothing, and the source's shares are 1/2 away
    lost = view(held_said=said([1, 1, 1, 1], 2), outputs=said([1, 1, 1, 1], 2))
    assert estimate("class_balance", lost) == pytest.approx(-0.5)


def test_the_way_back_is_judged_by_the_source_and_one_class_leads_to_that_class():
    assert estimate("reverse_validation", view(again=lambda pseudo: said([0, 1, 1, 1], 2))) == 0.75
    held = labeled(np.zeros((4, 2), np.float32), [0, 1, 1, 1], 2)
    assert estimate("reverse_validation", view(held, outputs=said([1, 1, 1, 1], 2))) == 0.75


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_silhouettes_are_those_of_scikit_learn(form):
    from sklearn.metrics import silhouette_samples

    rng = np.random.default_rng(5)
    points = rng.normal(size=(25, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = np.append(rng.integers(0, 3, 24), 7)  # and a class of one row
    assert silhouettes(form(points), labels) == pytest.approx(
        silhouette_samples(points, labels, metric="cosine"), abs=1e-5
    )


def test_deep_embedded_weights_make_up_for_shares_that_changed():
    # right about class 0 alone; the target has it four times as often as the other
    rng = np.random.default_rng(6)
    held = labeled(np.zeros((400, 2), np.float32), np.arange(400) % 4, 4)
    guessed = np.where(held.targets.values < 2, held.targets.values, (held.targets.values - 1) % 2 + 2)
    guessed[held.targets.values == 3] = 2
    guessed[held.targets.values == 2] = 3
    held_said = said(guessed, 4) + 0.1 * rng.normal(size=(400, 4))
    outputs = said(rng.choice(4, 500, p=[0.4, 0.4, 0.1, 0.1]), 4) + 0.1 * rng.normal(size=(500, 4))
    value = estimate("deep_embedded", view(held, held_said, outputs=outputs))
    assert estimate("held_out", view(held, held_said, outputs=outputs)) == 0.5
    assert value == pytest.approx(0.8, abs=0.06)


def test_random_views_differ_between_heads():
    assert estimate("confidence", random_view(0, noise=0.2)) != estimate("confidence", random_view(0, noise=3.0))
