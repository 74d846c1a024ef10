"""Which trainings are put together: by hand, and against every subset."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from headstart.selection.combining import (
    MOST_AVERAGED,
    MOST_MEMBERS,
    MOST_PICKS,
    forward_selection,
    greedy_soup,
    mean_output,
)

POINTS = {"a": 1.0, "b": -2.0, "c": 3.0, "d": -1.9}  # the loss of a mean is its distance from zero


def distance(names):
    return abs(sum(POINTS[name] for name in names) / len(names))


def test_a_soup_takes_best_first_what_makes_its_mean_better():
    # a: 1; with d: |1 - 1.9| / 2 = 0.45, taken; with b: 2.9 / 3, not taken; with c: 2.1 / 3 = 0.7, not taken
    found = greedy_soup({name: distance([name]) for name in POINTS}, distance)
    assert dict(found.times) == {"a": 1, "d": 1} and found.loss == pytest.approx(0.45) and found.tried == 3


def test_a_mean_that_is_only_as_good_is_not_taken():
    found = greedy_soup({"a": 1.0, "b": 1.5}, lambda names: 1.0)
    assert found.is_alone and found.loss == 1.0 and list(found.times) == ["a"]


def test_a_loss_that_is_not_finite_is_not_taken():
    assert greedy_soup({"a": 1.0, "b": 1.5}, lambda names: float("nan")).is_alone


def test_only_the_best_few_are_tried():
    losses = {str(number): float(number) for number in range(20, 0, -1)}
    asked = []

    def loss_of(names):
        asked.append(names[-1])
        return 100.0

    greedy_soup(losses, loss_of)
    assert asked == [str(number) for number in range(2, MOST_AVERAGED + 1)]


def test_without_time_what_was_found_so_far_stands():
    answers = iter([True, False])
    found = greedy_soup({"a": 3.0, "b": 4.0, "c": 5.0}, lambda names: 3.0 / len(names), lambda: next(answers))
    assert list(found.times) == ["a", "b"] and (found.loss, found.tried) == (1.5, 1)
    assert greedy_soup({"a": 3.0, "b": 4.0}, lambda names: 0.0, lambda: False).tried == 0


def test_a_mean_of_outputs_counts_each_so_often():
    outputs = {"a": np.array([[0.0, 3.0]]), "b": np.array([[3.0, 0.0]])}
    np.testing.assert_allclose(mean_output(outputs, {"a": 2, "b": 1}), [[1.0, 2.0]])  # (0+0+3)/3, (3+3+0)/3


def test_one_that_is_picked_twice_counts_twice():
    outputs = {"a": np.array([1.0]), "b": np.array([4.0])}  # the aim is 2: a, then a and b (2.5), then a, a, b (2)
    found = forward_selection(outputs, lambda mean: float(np.abs(mean - 2).sum()))
    assert dict(found.times) == {"a": 2, "b": 1} and found.loss == 0


def test_where_no_mean_is_better_the_best_one_is_alone():
    outputs = {"a": np.array([2.1]), "b": np.array([3.0])}
    found = forward_selection(outputs, lambda mean: float(np.abs(mean - 2).sum()))
    assert found.is_alone and list(found.times) == ["a"] and found.tried == 2


def log_loss_of(targets):
    def loss(outputs):
        shifted = outputs - outputs.max(1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        return float(-logs[np.arange(len(targets)), targets].mean())

    return loss


@pytest.mark.parametrize("seed", range(5))
def test_a_selection_is_never_worse_than_the_best_and_no_single_step_would_improve_it(seed):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, 40)
    outputs = {str(n): rng.normal(size=(40, 3)) + 1.5 * np.eye(3)[targets] for n in range(7)}
    loss = log_loss_of(targets)
    found = forward_selection(outputs, loss)
    picks = sum(found.times.values())
    assert len(found.times) <= MOST_MEMBERS and picks <= MOST_PICKS
    assert found.loss == pytest.approx(loss(mean_output(outputs, found.times)))
    assert found.loss < min(loss(each) for each in outputs.values())
    if picks < MOST_PICKS:
        for name in outputs if len(found.times) < MOST_MEMBERS else found.times:
            more = {**found.times, name: found.times.get(name, 0) + 1}
            assert loss(mean_output(outputs, more)) >= found.loss


@pytest.mark.parametrize("seed", range(5))
def test_a_soup_is_between_the_best_one_and_the_best_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    points = {str(n): rng.normal(size=4) for n in range(MOST_AVERAGED)}

    def loss(names):
        return float(np.linalg.norm(np.mean([points[name] for name in names], axis=0)))

    found = greedy_soup({name: loss([name]) for name in points}, loss)
    subsets = itertools.chain.from_iterable(itertools.combinations(points, size) for size in range(1, 6))
    assert min(map(loss, subsets)) - 1e-12 <= found.loss <= min(loss([name]) for name in points)
    assert found.loss == pytest.approx(loss(list(found.times)))


def test_a_constant_of_each_row_changes_no_choice():
    """Logits and log-probabilities are the same to a mean that is normalised afterwards."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 3, 40)
    outputs = {str(n): rng.normal(size=(40, 3)) + np.eye(3)[targets] for n in range(4)}
    shifted = {name: each + rng.normal(size=(40, 1)) for name, each in outputs.items()}
    one, other = (forward_selection(each, log_loss_of(targets)) for each in (outputs, shifted))
    assert one.times == other.times and one.loss == pytest.approx(other.loss)
