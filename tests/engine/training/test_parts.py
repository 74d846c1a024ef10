"""The parts of the loop, each by hand: schedule, order, scale, sharpness, mixing, loader, depth, rates, measuring."""

from __future__ import annotations

import dataclasses
import math
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.training.helpers_training import same, trainer_of
from headstart.core.errors import ConfigError, StageError
from headstart.core.learning import Targets
from headstart.core.training import Batch
from headstart.engine.training.depth import held_out_loss, last_general
from headstart.engine.training.feed import stacked
from headstart.engine.training.freezing import boundary_of, deepest
from headstart.engine.training.loader import values_of
from headstart.engine.training.measure import measure_step, typical
from headstart.engine.training.mixing import mixed, require_mixable
from headstart.engine.training.order import batches_of, by_length, drawn, permuted, view_of
from headstart.engine.training.rates import range_test
from headstart.engine.training.scale import Scale
from headstart.engine.training.schedule import rate
from headstart.engine.training.sharpness import best_factor
from headstart.engine.training.tensors import taken
from headstart.tasks.choose import configured


def test_one_cycle_rises_and_falls():
    assert rate("one_cycle", 0.0, 0.2) == pytest.approx(1 / 25)
    assert rate("one_cycle", 0.1, 0.2) == pytest.approx((1 + 1 / 25) / 2)
    assert rate("one_cycle", 0.2, 0.2) == pytest.approx(1.0)
    assert rate("one_cycle", 0.6, 0.2) == pytest.approx(0.5)  # halfway down
    assert rate("one_cycle", 1.0, 0.2) == pytest.approx(0.0)


def test_cosine_has_a_short_warm_up_and_constant_none():
    assert rate("cosine", 0.05, 0.2) == pytest.approx(1.0)
    assert rate("cosine", 0.525, 0.2) == pytest.approx(0.5)
    assert rate("cosine", 0.0, 0.0) == 1.0
    assert {rate("constant", p, 0.2) for p in (0.0, 0.3, 1.0)} == {1.0}


@given(st.integers(1, 300), st.integers(1, 64))
def test_batches_hold_every_row_once_and_none_is_alone(count, size):
    batches = batches_of(permuted(count, 0, 0), size)
    assert sorted(np.concatenate(batches).tolist()) == list(range(count))
    if size > 1 and count > 1:
        assert min(map(len, batches)) > 1
    assert max(map(len, batches)) <= size + 1


@given(st.integers(1, 200), st.integers(1, 32), st.integers(0, 5))
def test_batches_by_length_hold_every_row_once(count, size, epoch):
    lengths = np.random.default_rng(count).integers(1, 50, count)
    batches = by_length(permuted(count, 0, epoch), lengths, size, 0, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(count))


def test_batches_by_length_hold_rows_of_about_equal_length():
    lengths = np.random.default_rng(0).integers(1, 100, 512)
    order = permuted(512, 0, 0)
    spread = np.mean([np.ptp(lengths[rows]) for rows in by_length(order, lengths, 16, 0, 0)])
    assert spread < 0.2 * np.mean([np.ptp(lengths[rows]) for rows in batches_of(order, 16)])
    assert not all(
        np.array_equal(a, b)
        for a, b in zip(by_length(order, lengths, 16, 0, 0), by_length(order, lengths, 16, 0, 1), strict=True)
    )


def test_rows_are_drawn_as_often_as_their_chances_say():
    chances = np.array([1.0] * 90 + [9.0] * 10)
    counts = sum(np.bincount(drawn(chances, 0, epoch), minlength=100) for epoch in range(50))
    assert counts[90:].sum() / counts.sum() == pytest.approx(0.5, abs=0.03)
    assert np.array_equal(drawn(chances, 0, 1), drawn(chances, 0, 1))


def test_views_come_each_once_a_round():
    for views in (1, 3, 6):
        for round_ in range(3):
            seen = [view_of(epoch, views, 0) for epoch in range(round_ * views, (round_ + 1) * views)]
            assert sorted(seen) == list(range(1, views + 1))
    assert view_of(4, 0, 0) == 0


def test_numbers_are_standardised_and_come_back():
    scale = Scale.of(Targets(np.array([1.0, 3.0, 5.0]), "real", 1))
    assert scale.mean == 3 and scale.spread == pytest.approx(math.sqrt(8 / 3))
    assert scale.targets(Targets(np.array([3.0 + scale.spread]), "real", 1)).tolist() == [[1.0]]
    weight, bias = np.array([[2.0, 4.0]]), np.array([7.0])
    back = scale.head_out(*scale.head_in(weight, bias))
    assert back[0] == pytest.approx(weight) and back[1] == pytest.approx(bias)
    x = np.array([[0.3, -0.2]])
    inside = x @ scale.head_in(weight, bias)[0].T + scale.head_in(weight, bias)[1]
    assert scale.outputs(inside) == pytest.approx(x @ weight.T + bias)
    assert Scale.of(Targets(np.array([2.0, 2.0]), "real", 1)).spread == 1.0  # all alike


def test_the_best_factor_is_that_of_a_grid():
    rng = np.random.default_rng(0)
    targets = Targets(rng.integers(0, 3, 200), "class", 3)
    outputs = 4 * rng.normal(size=(200, 3)) + 2 * np.eye(3)[targets.values]
    task = configured("classification", np.array(["a", "b", "c"], dtype=object)[targets.values])
    grid = np.exp(np.linspace(math.log(0.05), math.log(5), 2000))
    losses = [task.loss(targets, outputs * factor).mean() for factor in grid]
    assert best_factor(task, targets, outputs) == pytest.approx(grid[int(np.argmin(losses))], rel=1e-2)
    assert best_factor(task, targets, outputs * np.nan) == 1.0


class Mix:
    mixup = cutmix = manifold_mixup = 0.0

    def __init__(self, **values):
        self.__dict__.update(values)


def batch_of(values, targets):
    return Batch(values, 0, targets, None, np.arange(len(values)))


def test_mixup_mixes_pixels_and_targets_by_the_same_share():
    values = torch.arange(4, dtype=torch.uint8).reshape(4, 1, 1, 1).mul(60).expand(4, 2, 2, 3).contiguous()
    found = mixed(batch_of(values, torch.tensor([0, 1, 2, 3])), Mix(mixup=1.0), "class", 4, np.random.default_rng(3))
    assert found.values.dtype == torch.uint8
    assert found.targets.sum(1).tolist() == pytest.approx([1, 1, 1, 1])
    expected = found.targets @ torch.tensor([0.0, 60, 120, 180])
    assert found.values[:, 0, 0, 0].float().tolist() == pytest.approx(expected.tolist(), abs=0.51)


def test_cutmix_gives_targets_the_share_of_the_pixels():
    values = torch.arange(3, dtype=torch.uint8).reshape(3, 1, 1, 1).expand(3, 16, 16, 3).contiguous()
    found = mixed(batch_of(values, torch.tensor([0, 1, 2])), Mix(cutmix=1.0), "class", 3, np.random.default_rng(1))
    for row in range(3):
        shares = [(found.values[row, :, :, 0] == number).float().mean().item() for number in range(3)]
        assert found.targets[row].tolist() == pytest.approx(shares, abs=1e-6)


def test_manifold_mixup_mixes_what_was_kept_and_numbers_too():
    values, targets = torch.eye(4), torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    found = mixed(batch_of(values, targets), Mix(manifold_mixup=2.0), "real", 1, np.random.default_rng(0))
    assert torch.allclose(found.values @ targets, found.targets)


def test_a_batch_of_one_and_settings_of_zero_mix_nothing():
    batch = batch_of(torch.zeros(1, 2), torch.tensor([0]))
    assert mixed(batch, Mix(mixup=1.0), "class", 2, np.random.default_rng(0)) is batch
    two = batch_of(torch.zeros(2, 2), torch.tensor([0, 1]))
    assert mixed(two, Mix(), "class", 2, np.random.default_rng(0)) is two


def test_what_cannot_be_mixed_is_refused():
    with pytest.raises(ConfigError, match="pixels of pictures; these inputs are of kind 'text'"):
        require_mixable(Mix(mixup=0.2), "text", 2)
    with pytest.raises(ConfigError, match="different lengths"):
        require_mixable(Mix(manifold_mixup=0.2), "text", 2)
    with pytest.raises(ConfigError, match="nothing is frozen"):
        require_mixable(Mix(manifold_mixup=0.2), "image", 0)
    require_mixable(Mix(mixup=0.2), "image", 2)


def test_mixup_trains_from_raw_inputs():
    trainer = trainer_of(mixup=0.4, freeze=2)
    assert trainer.entry == 0
    trainer.run()
    assert {stage for stage, _ in trainer.job.feed.reads if stage == 0} == {0}


def test_stochastic_depth_is_for_the_training_alone():
    trainer = trainer_of("lp_ft", name="vit", drop_path=0.5, freeze=1)
    trainer.prepare()
    from timm.layers.drop import DropPath

    rates = [m.drop_prob for m in trainer.model.modules() if isinstance(m, DropPath)]
    assert rates == sorted(rates) and rates[-1] == 0.5
    found = trainer.run()
    assert not [m for m in found.backbone.network.modules() if isinstance(m, DropPath) and m.drop_prob]


def test_stochastic_depth_needs_residual_blocks():
    with pytest.raises(ConfigError, match="Leave drop_path out"):
        trainer_of(name="bert_like", drop_path=0.1).prepare()


class SlowFeed:
    """Gives the rows back, late ones first done."""

    def __init__(self):
        self.threads = set()

    def ensure(self, stage, view, rows):
        """Nothing."""

    def read(self, stage, view, rows):
        self.threads.add(threading.current_thread().name)
        time.sleep(0.002 * (10 - int(rows[0])))
        return torch.from_numpy(rows)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_batches_come_in_order_whatever_the_number_of_threads(workers):
    rows = [np.array([n]) for n in range(8)]
    feed = SlowFeed()
    assert [int(values) for values in values_of(feed, 0, 0, rows, workers)] == list(range(8))
    assert (threading.current_thread().name in feed.threads) == (workers == 0)


def test_an_error_of_a_thread_arrives_where_the_batch_is_used():
    class Broken(SlowFeed):
        def read(self, stage, view, rows):
            if rows[0] == 2:
                raise ValueError("cannot be read")
            return torch.from_numpy(rows)

    got = values_of(Broken(), 0, 0, [np.array([n]) for n in range(5)], 2)
    assert [int(next(got)), int(next(got))] == [0, 1]
    with pytest.raises(ValueError, match="cannot be read"):
        next(got)


def test_rows_of_different_lengths_are_padded_in_band():
    floats = stacked([np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)], 1)
    assert floats.shape == (2, 4, 3) and np.isnan(floats[0, 2:]).all() and not np.isnan(floats[1]).any()
    tokens = stacked([np.ones((2, 2), np.int32), np.ones((3, 2), np.int32)], 0)
    assert tokens[0, 2].tolist() == [-1, -1]
    assert stacked([np.zeros((2, 3))] * 2, 1).shape == (2, 2, 3)


def test_the_last_general_boundary_by_hand():
    assert last_general([1.0, 0.9, 0.5, 0.1], 1.0) == 2  # 0, 0.11, 0.56: the third explains half of what the best does
    assert last_general([0.1, 0.2], 1.0) == 0
    assert last_general([1.0, 1.0, 0.2], 1.0) == 2


def test_the_held_out_loss_of_a_constant_is_about_the_entropy():
    targets = Targets(np.arange(90) % 3, "class", 3)
    task = configured("classification", np.array(["a", "b", "c"], dtype=object)[targets.values])
    folds = np.arange(90) // 3 % 3
    constant = held_out_loss(np.zeros((90, 1), np.float32), targets, folds, task)
    assert constant == pytest.approx(math.log(3), rel=1e-3)
    telling = np.eye(3, dtype=np.float32)[targets.values] + 0.01
    assert held_out_loss(telling, targets, folds, task) < 0.3 * constant


def test_stages_are_named_or_numbered_and_something_must_be_left():
    from engine.training.helpers_training import backbone_of

    backbone = backbone_of()
    assert boundary_of(backbone, 2) == 2 and boundary_of(backbone, backbone.stages[2]) == 3
    with pytest.raises(StageError, match=r"layer3"):
        boundary_of(backbone, "layer33")
    with pytest.raises(StageError, match="something must be left to train"):
        boundary_of(backbone, len(backbone.stages))
    with pytest.raises(StageError, match="must be 0 to"):
        boundary_of(backbone, 99)
    assert backbone.parameters_of(deepest(backbone), len(backbone.stages))
    assert not backbone.parameters_of(deepest(backbone) + 1, len(backbone.stages))


@pytest.mark.parametrize("method", ["lp_ft", "lora", "greedy_soup"])
def test_measuring_and_the_range_test_leave_no_trace(method):
    trainer = trainer_of(method, ema=0.9)
    trainer.prepare()
    before, state = taken(trainer.model), trainer.state.to_dict()
    cost = measure_step(trainer, "bfloat16")
    assert cost.wall > 0 and cost.cpu > 0 and cost.rows == 6
    assert cost.epoch(12).wall == pytest.approx(2 * cost.wall)
    range_test(trainer, 1e-3)
    assert same(taken(trainer.model), before) and trainer.state.to_dict() == state
    assert trainer.stepper.precision == "float32" and not trainer.average.tensors
    assert not trainer.stepper.optimizer.state


def test_the_range_test_keeps_a_rate_that_does_no_harm_and_lowers_one_that_does():
    gentle = trainer_of()
    gentle.prepare()
    assert range_test(gentle, 1e-6) == 1e-6
    wild = trainer_of(optimizer="sgd", clip=0.0)
    wild.prepare()
    assert range_test(wild, 1e4) < 1e4 / 2


def test_the_step_that_is_timed_is_of_usual_length():
    trainer = trainer_of(batch_size=3)
    n = len(trainer.job.train_rows)
    lengths = np.ones(n, np.int64)
    lengths[0] = 1000  # one text that is far longer than all others
    trainer.job = dataclasses.replace(trainer.job, lengths=lengths)
    assert 0 not in typical(trainer)
    trainer.job = dataclasses.replace(trainer.job, lengths=None)
    assert typical(trainer).tolist() == permuted(n, trainer.job.seed, 0)[:3].tolist()
