"""What students are taught: by hand, against slow second versions in NumPy, and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from headstart.compression.distillation import answer_loss, distance_loss, feature_loss, linear_map, standards

KINDS = ("class", "ordinal", "multilabel", "real")


def drawn(rows, columns, seed=0, dtype=torch.float64):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def as_close(dtype):
    return {"rel": 1e-4, "abs": 1e-6} if dtype == torch.float32 else {"rel": 1e-9}


both = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def test_features_that_are_off_by_1_2_3_and_4_cost_30_quarters():
    assert feature_loss(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.zeros(2, 2)).item() == pytest.approx(7.5)


def test_distances_by_hand():
    # student at 0, 1, 3: distances 1, 3, 2 of mean 2, so 0.5, 1.5, 1; teacher at 0, 1, 2: 0.75, 1.5, 0.75
    # off by -0.25, 0 and 0.25: squares halved are 1/32, 0, 1/32, whose mean is 1/48
    student, teacher = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    assert distance_loss(student, teacher).item() == pytest.approx(1 / 48, rel=1e-5)


def slow_distances(student, teacher):
    def relative(rows):
        found = [math.dist(one, other) for i, one in enumerate(rows) for j, other in enumerate(rows) if i != j]
        return [each / (sum(found) / len(found)) for each in found]

    total = 0.0
    ours, theirs = relative(student.tolist()), relative(teacher.tolist())
    for one, other in zip(ours, theirs, strict=True):
        off = abs(one - other)
        total += off**2 / 2 if off <= 1 else off - 0.5
    return total / len(ours)


@both
def test_distances_are_those_of_loops(dtype):
    student, teacher = drawn(7, 3, 1, dtype), drawn(7, 5, 2, dtype) ** 3  # some are off by more than 1
    assert distance_loss(student, teacher).item() == pytest.approx(slow_distances(student, teacher), **as_close(dtype))


def test_distances_count_as_shares_and_rows_alone_or_alike_teach_nothing():
    rows = drawn(6, 4)
    assert distance_loss(3 * rows + 1, rows).item() == pytest.approx(0, abs=1e-12)
    assert distance_loss(rows[:1], rows[:1]).item() == 0
    alike = torch.ones(4, 2, requires_grad=True)
    distance_loss(alike, rows[:4]).backward()
    assert torch.isfinite(alike.grad).all()


def test_answers_by_hand():
    # at temperature 2 the teacher's (0, 2 ln 3) is (1/4, 3/4) and the student's zeros are halves
    told, said = torch.tensor([[0.0, 2 * math.log(3)]]), torch.zeros(1, 2)
    apart = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert answer_loss(said, told, "class", 2.0).item() == pytest.approx(4 * apart, rel=1e-5)
    assert answer_loss(torch.tensor([[1.0]]), torch.tensor([[3.0]]), "real", 2.0).item() == pytest.approx(4.0)


@both
@pytest.mark.parametrize("kind", ["class", "multilabel"])
def test_answers_are_those_of_numpy(kind, dtype):
    said, told, temperature = drawn(5, 3, 1, dtype), drawn(5, 3, 2, dtype), 3.0
    ours, theirs = said.numpy() / temperature, told.numpy() / temperature
    if kind == "class":
        q, p = (np.exp(each) / np.exp(each).sum(1, keepdims=True) for each in (ours, theirs))
        expected = (p * np.log(p / q)).sum(1).mean()
    else:
        q, p = (1 / (1 + np.exp(-each)) for each in (ours, theirs))
        expected = (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).sum(1).mean()
    found = answer_loss(said, told, kind, temperature).item()
    assert found == pytest.approx(temperature**2 * expected, **as_close(dtype))


@pytest.mark.parametrize("kind", KINDS)
def test_a_student_that_says_what_its_teacher_says_has_nothing_to_learn(kind):
    said = (1e3 * drawn(4, 3)).requires_grad_()
    loss = answer_loss(said, said.detach(), kind, 2.0)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-9) and said.grad.abs().max() < 1e-9


def test_the_map_finds_what_is_linear():
    ours, weight, bias = drawn(60, 4), drawn(3, 4, 1), drawn(1, 3, 2)[0]
    found, shift = linear_map(ours, ours @ weight.T + bias, ridge=1e-9)
    assert torch.allclose(found.double(), weight, atol=1e-5) and torch.allclose(shift.double(), bias, atol=1e-5)


def test_the_map_is_ridge_regression():
    sklearn = pytest.importorskip("sklearn.linear_model")
    ours, theirs = drawn(30, 5) * torch.arange(1, 6) + 2, drawn(30, 2, 1)
    mean, spread = standards(ours)
    slow = sklearn.Ridge(alpha=0.3 * 30).fit(((ours - mean) / spread).numpy(), theirs.numpy())
    weight, bias = linear_map(ours, theirs, ridge=0.3)
    expected = slow.predict(((ours - mean) / spread).numpy())
    assert np.allclose((ours @ weight.double().T + bias).numpy(), expected, atol=1e-5)


def test_features_that_never_differ_map_to_the_mean():
    theirs = drawn(8, 2, 1)
    weight, bias = linear_map(torch.full((8, 3), 5.0), theirs)
    assert torch.equal(weight, torch.zeros(2, 3)) and torch.allclose(bias.double(), theirs.mean(0), atol=1e-6)
