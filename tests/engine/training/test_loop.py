"""The train loop: what it keeps, when it steps back or stops, and that its shortcuts change nothing."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
import torch

from engine.training.helpers_training import backbone_of, same, tensors_of, trainer_of
from headstart.core.errors import ConfigError
from headstart.core.training import StepLoss
from headstart.engine.training.tensors import taken


class Listener:
    """Keeps what it is told."""

    def __init__(self):
        self.steps, self.epochs, self.messages = [], [], []

    def on_step(self, step, losses, lr):
        self.steps.append((step, losses, lr))

    def on_epoch(self, record):
        self.epochs.append(record)

    def on_message(self, text):
        self.messages.append(text)


def test_the_start_is_the_linear_probe():
    trainer = trainer_of()
    trainer.prepare()
    weight, bias = trainer.job.probe
    features = trainer.job.features("val")
    expected = trainer.context.judged(features @ weight.T + bias)
    assert trainer.context.judged(trainer.context.predict(trainer.model, "val")) == pytest.approx(expected, rel=1e-4)


def test_a_listener_hears_of_every_step_and_epoch():
    listener = Listener()
    trainer_of(listener=listener, epochs=2).run()
    assert [step for step, _, _ in listener.steps] == [1, 2, 3, 4, 5, 6]  # 16 rows in batches of 6, 6 and 4
    assert [record["epoch"] for record in listener.epochs] == [1, 2]
    assert all(record["seconds"] > 0 and record["cpu_seconds"] > 0 for record in listener.epochs)


def test_training_lowers_the_training_loss():
    trainer = trainer_of(epochs=12, patience=20, lr=3e-3, batch_size=16, freeze=1, interpolate=False)
    history = trainer.run().report["history"]
    assert history[-1]["train_loss"] < 0.8 * history[0]["train_loss"]


def test_the_best_epoch_is_put_back_and_what_came_later_is_not():
    trainer = trainer_of("l2_sp", epochs=6, lr=3e-2)
    found = trainer.run()
    losses = [found.report["start"]["val_loss"], *(record["val_loss"] for record in found.report["history"])]
    assert found.best_epoch == int(np.argmin(losses))
    assert found.report["end"]["val_loss"] == pytest.approx(min(losses), rel=1e-5)


def test_it_stops_after_so_many_epochs_that_were_no_better():
    trainer = trainer_of("bss", epochs=30, lr=1e-1, patience=2)
    report = trainer.run().report
    assert "no better validation loss for 2 epochs" in report["stopped"] or "diverged" in report["stopped"]
    assert len(report["history"]) < 30


def test_a_loss_that_is_not_finite_steps_back_and_halves_the_rate():
    trainer = trainer_of(epochs=4)
    usual, calls = trainer.method.step, []

    def step(model, batch, objective, phase):
        calls.append(1)
        found = usual(model, batch, objective, phase)
        return StepLoss(found.total * (math.nan if len(calls) == 2 else 1.0), found.parts)

    trainer.method.step = step
    found = trainer.run()
    assert len(found.report["messages"]) == 1 and "became nan" in found.report["messages"][0]
    assert trainer.state.factor == 0.5
    assert np.isfinite(found.fitted.arrays["weight"]).all()


def test_what_diverges_again_and_again_ends_at_the_best_point():
    trainer = trainer_of("l2_sp", epochs=10, lr=50.0, clip=0.0, optimizer="sgd", alpha=0.0, beta=0.0)
    found = trainer.run()
    assert found.report["stopped"] == "it diverged 3 times" and found.best_epoch == 0 and not found.moved
    assert same(tensors_of(found.backbone), tensors_of(backbone_of()))
    assert trainer.state.factor == 1 / 8


def test_no_epoch_begins_after_the_deadline():
    report = trainer_of(epochs=5, deadline=time.monotonic() - 1).run().report
    assert report["stopped"] == "the time that was given is over" and report["history"] == []


@pytest.mark.parametrize("method", ["lp_ft", "ssf", "bss"])
def test_a_batch_in_parts_gives_the_gradient_of_the_whole(method):
    whole, parts = (
        trainer_of(method, accumulate=count, batch_size=8, eta=0.0)
        if method == "bss"
        else trainer_of(method, accumulate=count, batch_size=8)
        for count in (1, 3)
    )
    whole.run(), parts.run()
    for one, other in zip(whole.stepper.trained(), parts.stepper.trained(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_where_memory_runs_out_the_batch_is_computed_in_parts_which_is_said_once():
    listener = Listener()
    usual_run = trainer_of(epochs=2)
    usual_run.run()
    trainer = trainer_of(epochs=2, listener=listener)
    usual, most = trainer.method.step, 3

    def step(model, batch, objective, phase):
        if len(batch.rows) > most:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.")
        return usual(model, batch, objective, phase)

    trainer.method.step = step
    trainer.run()
    assert listener.messages == [
        "memory ran out: each batch is computed in 2 parts from now on; its gradient stays that of the whole batch"
    ]
    assert trainer.state.accumulate == 2
    for one, other in zip(usual_run.stepper.trained(), trainer.stepper.trained(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_an_error_that_is_not_about_memory_is_raised():
    trainer = trainer_of()

    def step(model, batch, objective, phase):
        raise RuntimeError("shapes do not fit")

    trainer.method.step = step
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        trainer.run()


def test_a_batch_of_one_with_statistics_of_batches_is_refused():
    with pytest.raises(ConfigError, match=r"at least two examples; got batch_size 1"):
        trainer_of(norm="batch", batch_size=1)
    trainer_of(norm="frozen", batch_size=1, epochs=1).run()


def test_statistics_of_batches_move_above_the_boundary_and_nowhere_else():
    found = trainer_of(norm="batch", freeze=2, batch_size=8).run()
    before, after = tensors_of(backbone_of()), tensors_of(found.backbone)
    stages = found.backbone.stage_list
    moved = {name for name, value in after.items() if "running" in name and not torch.equal(value, before[name])}
    above = {name for stage in stages[2:] for name, _ in stage.tensors(found.backbone.network) if "running" in name}
    assert moved == above and moved


def test_statistics_of_the_pretraining_stay_by_default():
    found = trainer_of(freeze=0).run()
    before, after = tensors_of(backbone_of()), tensors_of(found.backbone)
    assert all(torch.equal(value, before[name]) for name, value in after.items() if "running" in name)


def test_kept_and_raw_inputs_train_to_the_same_weights():
    kept = trainer_of(views=2, epochs=4)
    raw = trainer_of(views=2, epochs=4)
    raw.job.feed.read = _through_the_prefix(raw)
    one, other = kept.run(), raw.run()
    for name, value in tensors_of(one.backbone).items():
        torch.testing.assert_close(value, tensors_of(other.backbone)[name], rtol=1e-4, atol=1e-6)


def _through_the_prefix(trainer):
    feed = trainer.job.feed

    def read(stage, view, rows):
        values = feed.boundary(0, view)[torch.from_numpy(np.asarray(rows))]
        if stage == 0:
            return values
        with torch.no_grad():
            return feed.backbone.pack(feed.backbone.run(feed.backbone.enter(values), 0, stage), stage)

    return read


def test_views_are_read_each_equally_often():
    trainer = trainer_of(views=2, epochs=4)
    trainer.run()
    read = [view for stage, view in trainer.job.feed.ensured if stage == 2 and view]
    assert sorted(read) == [1, 1, 2, 2]


def test_when_unfreezing_moves_the_boundary_the_feed_follows():
    trainer = trainer_of("gradual_unfreeze", epochs=6, freeze=1)
    found = trainer.run()
    boundaries = [record["boundary"] for record in found.report["history"]]
    assert boundaries == sorted(boundaries, reverse=True) and len(set(boundaries)) >= 3 and boundaries[-1] == 1
    assert {stage for stage, _ in trainer.job.feed.ensured} == set(boundaries)


def test_a_boundary_cannot_rise_again():
    from headstart.core.training import Change

    trainer = trainer_of(freeze=1)
    trainer.method.on_epoch_start = lambda model, ctx: Change(boundary=2)
    with pytest.raises(ConfigError, match="not frozen again"):
        trainer.run()


def test_the_moving_average_by_hand():
    seen = []

    class Watch(Listener):
        def on_step(self, step, losses, lr):
            seen.append(taken(trainer.model)["head.weight"])

    trainer = trainer_of("l2_sp", ema=0.5, epochs=1, listener=Watch())
    trainer.run()
    expected = seen[0]  # it begins with the weights after the first step; early decays are (1 + step) / (10 + step)
    for step, value in enumerate(seen[1:], 1):
        expected = expected.lerp(value, 1 - min(0.5, (1 + step) / (10 + step)))
    torch.testing.assert_close(trainer.average.tensors["head.weight"], expected)


def test_mixed_precision_trains_to_nearly_the_same():
    one, other = trainer_of().run(), trainer_of(precision="bfloat16").run()
    assert other.report["precision"] == "bfloat16"
    assert other.report["end"]["val_loss"] == pytest.approx(one.report["end"]["val_loss"], rel=0.1)
    assert all(value.dtype != torch.bfloat16 for value in tensors_of(other.backbone).values())


def test_weights_of_examples_count():
    one = trainer_of(epochs=1)
    weights = np.where(np.arange(16) < 8, 2.0, 0.0)
    from dataclasses import replace

    from headstart.engine.training.loop import Trainer

    weighted = Trainer(replace(one.job, weights=weights), one.settings, lr=1e-3)
    weighted.prepare()
    rows = np.arange(16)
    weighted.job.feed.ensure(2, 0, weighted.job.train_rows)
    values = weighted.job.feed.read(2, 0, weighted.job.train_rows[rows])
    loss = weighted.method.step(weighted.model, weighted.batch(values, rows), weighted.objective, 0).total
    half = weighted.method.step(weighted.model, weighted.batch(values[:8], rows[:8]), weighted.objective, 0).total
    assert loss.item() == pytest.approx(half.item() / 2, rel=1e-5)  # weights of 2 on half of the rows, mean over all


def test_what_joins_later_is_put_back_too_when_the_start_stays_best():
    trainer = trainer_of("fine_tune", lr=1e-2)
    losses = iter([1.0, 1.5, 1.4, 1.3])
    trainer._validated = lambda: (next(losses), 0.5)
    found = trainer.run()
    assert found.best_epoch == 0 and not found.moved
    assert same(tensors_of(found.backbone), tensors_of(backbone_of()))


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_a_method_hears_of_each_optimizer_step_once_in_however_many_parts(parts):
    trainer = trainer_of("l2_sp", epochs=2, accumulate=parts)
    heads = []
    trainer.method.on_step_end = lambda model, ctx: heads.append((ctx.epoch, model.head.weight.detach().clone()))
    trainer.run()
    assert [epoch for epoch, _ in heads] == [0, 0, 0, 1, 1, 1]  # 16 rows in batches of 6, 6 and 4
    assert all(not torch.equal(one, other) for (_, one), (_, other) in itertools.pairwise(heads))
