"""Every train method of adaptation, found by its file: what the engine relies on, and what must never reach it."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
import torch

from adaptation.helpers_domains import ROOM, SOURCE_FREE, TRAINERS, domains, job_of, trainer_of
from headstart.core import plugins
from headstart.core.training import Batch, DomainBatch, UnlabeledBatch
from headstart.engine.training.checkpoint import Checkpoints
from headstart.engine.training.parts import parts_of

every = pytest.mark.parametrize("name", TRAINERS)
SHORT = {"epochs": 3}


def tensors_of(backbone):
    network = backbone.network
    return {name: value.detach().clone() for name, value in [*network.named_parameters(), *network.named_buffers()]}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def test_the_room_has_the_methods_that_are_known():
    known = {"dan", "jan", "dann", "cdan", "mcd", "mdd", "mcc", "deep_coral", "fixmatch", "shot", "nrc", "aad"}
    assert known <= set(TRAINERS) and {"shot", "nrc", "aad"} <= set(SOURCE_FREE)
    assert all(plugins.load(ROOM, name).paper and plugins.load(ROOM, name).title for name in TRAINERS)


@every
def test_frozen_is_frozen_and_what_ships_is_the_architecture_that_was_there(name):
    before = tensors_of(domains()[0])
    found = trainer_of(name, freeze=1, lr=1e-2, **SHORT).run()
    after = tensors_of(found.backbone)
    assert same(before, tensors_of(domains()[0]))  # the network it began from is as it was
    assert after.keys() == before.keys()
    moved = {key.split(".")[0] for key in before if not torch.equal(before[key], after[key])}
    assert moved == {"body"}
    assert found.moved and found.best_epoch == 3 and found.fitted.arrays["weight"].shape == (3, 16)
    assert found.fitted.spec == {"method": name, "form": "linear", "trained": True}
    json.dumps(found.report, allow_nan=False)


@every
def test_all_that_it_trains_gets_a_gradient_in_one_of_its_phases_and_nothing_else_does(name):
    trainer = trainer_of(name, freeze=1)
    trainer.prepare()
    trainer.method.progress = 0.5
    asked = {id(value) for group in trainer.method.param_groups(trainer.model) for value in group.parameters}
    batch, got = trainer.read(0, np.arange(20)), set()
    for phase in range(trainer.method.phases):
        trainer.model.zero_grad(set_to_none=True)
        trainer.method.step(trainer.model, batch, trainer.objective, phase).total.backward()
        grads = [value.grad for value in trainer.model.parameters() if value.grad is not None]
        assert all(grad.isfinite().all() for grad in grads)
        got |= {
            id(value) for value in trainer.model.parameters() if value.grad is not None and value.grad.abs().sum() > 0
        }
    assert got == asked


@every
def test_the_same_seed_gives_the_same_bits_and_another_one_does_not(name):
    one, other = (trainer_of(name, **SHORT).run() for _ in range(2))
    assert same(tensors_of(one.backbone), tensors_of(other.backbone))
    assert one.report["history"] == other.report["history"]
    assert trainer_of(name, seed=1, **SHORT).run().report["history"] != one.report["history"]


class Killed(BaseException):
    """Raised in the middle, as a signal would."""


class Killer:
    def __init__(self, step):
        self.at = step

    def on_step(self, step, losses, lr):
        if step == self.at:
            raise Killed

    def on_epoch(self, record):
        """Ignore."""

    def on_message(self, text):
        """Ignore."""


@every
def test_killed_in_the_middle_of_an_epoch_and_gone_on_with_it_ends_with_the_same_bits(name, tmp_path):
    options = {"views": 2, **SHORT}
    whole = trainer_of(name, **options).run()
    checkpoints = Checkpoints(tmp_path, {"of": name})
    with pytest.raises(Killed):
        trainer_of(name, checkpoints=checkpoints, checkpoint_seconds=0, listener=Killer(7), **options).run()
    resumed = trainer_of(name, checkpoints=checkpoints, checkpoint_seconds=0, **options).run()
    assert same(tensors_of(whole.backbone), tensors_of(resumed.backbone))
    assert np.array_equal(whole.fitted.arrays["weight"], resumed.fitted.arrays["weight"])


def test_target_rows_have_no_targets_wherever_a_method_could_look():
    assert {each.name for each in fields(UnlabeledBatch)} == {"values", "start", "rows", "plain"}
    assert {each.name for each in fields(DomainBatch)} == {"source", "target"}
    job, _ = job_of("dann")
    labelled = {each.name: len(getattr(job, each.name)) for each in fields(job) if each.name.endswith("_targets")}
    assert labelled == {"train_targets": len(job.train_rows), "val_targets": len(job.val_rows)}
    assert not {*job.train_rows, *job.val_rows} & {*job.target_rows}


@every
def test_a_step_sees_labelled_source_rows_and_target_rows_or_those_alone(name, monkeypatch):
    trainer, seen = trainer_of(name, **SHORT), []
    step = trainer.method.step
    monkeypatch.setattr(
        trainer.method, "step", lambda model, batch, *rest: seen.append(batch) or step(model, batch, *rest)
    )
    trainer.run()
    targets = [batch.target if isinstance(batch, DomainBatch) else batch for batch in seen]
    assert all(isinstance(batch, UnlabeledBatch if name in SOURCE_FREE else DomainBatch) for batch in seen)
    assert set(np.concatenate([each.rows for each in targets])) == set(range(len(trainer.job.target_rows)))
    for batch in seen:
        if isinstance(batch, DomainBatch):
            assert isinstance(batch.source, Batch) and len(batch.source.rows) == len(batch.target.rows)
            expected = trainer.targets[torch.from_numpy(batch.source.rows)]
            assert torch.equal(batch.source.targets, expected)
            points = trainer.job.feed.points[trainer.job.train_rows[batch.source.rows]]
            assert torch.equal(batch.source.values, torch.from_numpy(points))
        own = batch.target if isinstance(batch, DomainBatch) else batch
        assert torch.equal(own.values, torch.from_numpy(trainer.job.feed.points[trainer.job.target_rows[own.rows]]))


def test_consistency_is_given_each_target_row_in_two_views():
    trainer = trainer_of("fixmatch", views=2)
    trainer.prepare()
    target = trainer.read(1, np.arange(6)).target
    points = torch.from_numpy(trainer.job.feed.points[trainer.job.target_rows[target.rows]])
    assert torch.equal(target.plain, points) and not torch.equal(target.values, points)
    assert torch.allclose(target.values, points, atol=0.6)


@every
def test_statistics_of_batches_end_as_the_targets(name):
    trainer = trainer_of(name, norm="batch", epochs=8, lr=1e-5)
    found = trainer.run()
    _, points, own, _ = domains()
    stem = found.backbone.network.stem
    with torch.no_grad():
        ours, theirs = (stem(torch.from_numpy(some)).mean(0) for some in (points[: len(own)], points[len(own) :]))
    mean = found.backbone.network.norm.running_mean
    assert (mean - theirs).norm() < 0.2 * (ours - theirs).norm()


def test_a_batch_of_two_domains_is_parted_in_both():
    trainer = trainer_of("dann")
    batch = trainer.read(0, np.arange(10))
    parts = parts_of(batch, 3)
    assert sum(share for _, share in parts) == pytest.approx(1)
    for side in ("source", "target"):
        values = torch.cat([getattr(part, side).values for part, _ in parts])
        assert torch.equal(values, getattr(batch, side).values)
    assert torch.equal(torch.cat([part.source.targets for part, _ in parts]), batch.source.targets)


@pytest.mark.parametrize("name", ["dann", "shot"])
def test_short_memory_parts_the_batch_and_ends_the_same_way(name):
    found = trainer_of(name, accumulate=3, **SHORT).run()
    assert np.isfinite(found.fitted.arrays["weight"]).all() and found.best_epoch == 3
