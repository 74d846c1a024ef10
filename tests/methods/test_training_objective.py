from __future__ import annotations

import math

import pytest
import torch

from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import a_batch

LOG3 = math.log(3)
OUTPUTS = torch.tensor([[0.0, LOG3], [0.0, 0.0]])  # probabilities 1/4, 3/4 and 1/2, 1/2
FIRST, SECOND, EVEN = math.log(4), math.log(4 / 3), math.log(2)  # surprise of each class in row 0, of either in row 1


def a_batch_of(targets, weights=None):
    batch = a_batch(len(targets), weights=None if weights is None else torch.tensor(weights))
    object.__setattr__(batch, "targets", targets)
    return batch


def test_loss_of_classes_is_the_surprise_at_the_right_one():
    rows = TaskObjective("class", 2).rows(OUTPUTS, torch.tensor([0, 1]))
    assert rows.tolist() == pytest.approx([FIRST, EVEN])


def test_loss_of_mixed_classes_is_the_mixed_surprise():
    rows = TaskObjective("class", 2).rows(OUTPUTS, torch.tensor([[0.3, 0.7], [1.0, 0.0]]))
    assert rows.tolist() == pytest.approx([0.3 * FIRST + 0.7 * SECOND, EVEN])


@pytest.mark.parametrize("targets", [torch.tensor([1, 0]), torch.tensor([[0.0, 1.0], [1.0, 0.0]])])
def test_smoothing_spreads_a_share_over_all_classes(targets):
    rows = TaskObjective("class", 2, label_smoothing=0.2).rows(OUTPUTS, targets)
    assert rows.tolist() == pytest.approx([0.9 * SECOND + 0.1 * FIRST, EVEN])


def test_loss_of_labels_is_the_mean_over_labels():
    rows = TaskObjective("multilabel", 2).rows(OUTPUTS, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    # sigmoid of log 3 is 3/4: row 0 pays ln 2 for its first label and ln 4 for a second one that is absent
    assert rows.tolist() == pytest.approx([(EVEN + math.log(4)) / 2, EVEN])


def test_smoothing_moves_labels_towards_a_half():
    rows = TaskObjective("multilabel", 2, label_smoothing=0.2).rows(OUTPUTS[:1], torch.tensor([[1.0, 0.0]]))
    assert rows.item() == pytest.approx((EVEN + 0.9 * math.log(4) + 0.1 * math.log(4 / 3)) / 2)


def test_loss_of_numbers_is_half_the_squared_error():
    rows = TaskObjective("real", 1).rows(torch.tensor([[1.0], [-2.0]]), torch.tensor([[3.0], [-2.0]]))
    assert rows.tolist() == [2.0, 0.0]


def test_grades_and_numbers_are_not_smoothed():
    assert TaskObjective("ordinal", 2, 0.2).rows(OUTPUTS, torch.tensor([0, 1])).tolist() == pytest.approx([FIRST, EVEN])
    assert TaskObjective("real", 1, 0.2).rows(torch.tensor([[1.0]]), torch.tensor([[0.0]])).item() == 0.5


def test_loss_of_a_batch_is_the_mean_of_its_rows():
    loss = TaskObjective("class", 2)(OUTPUTS, a_batch_of(torch.tensor([0, 1])))
    assert loss.item() == pytest.approx((FIRST + EVEN) / 2)


def test_weights_count_rows_more_or_less():
    loss = TaskObjective("class", 2)(OUTPUTS, a_batch_of(torch.tensor([0, 1]), [0.5, 1.5]))
    assert loss.item() == pytest.approx((0.5 * FIRST + 1.5 * EVEN) / 2)
    loss = TaskObjective("class", 2)(OUTPUTS, a_batch_of(torch.tensor([0, 1]), [0.0, 1.0]))
    assert loss.item() == pytest.approx(EVEN / 2)  # divided by rows, so a batch of light rows moves less


def test_outputs_of_half_precision_are_computed_in_full():
    loss = TaskObjective("class", 2).rows(OUTPUTS.bfloat16(), torch.tensor([0, 1]))
    assert loss.dtype == torch.float32


def test_gradient_of_classes_is_probability_minus_target():
    outputs = OUTPUTS.clone().requires_grad_()
    TaskObjective("class", 2)(outputs, a_batch_of(torch.tensor([0, 1]))).backward()
    assert outputs.grad.flatten().tolist() == pytest.approx([-0.375, 0.375, 0.25, -0.25])
