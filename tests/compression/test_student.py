"""A student in the engine's own loop: it gets nearer to its teacher on rows that it never saw."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from adaptation.helpers_domains import PointBackbone, PointFeed, clouds
from headstart.compression.distillation import linear_map, standards
from headstart.compression.student import MAP, Student, StudentConfig, Teacher
from headstart.core.learning import Targets
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.loop import Trainer
from headstart.engine.training.model import TrainableModel
from headstart.tasks.choose import configured

POINTS, NUMBERS = clouds(np.zeros(2), 0)
UNSEEN = np.arange(len(POINTS)) % 3 == 0
ROWS = np.flatnonzero(~UNSEEN)
SHORT = {"epochs": 30, "batch_size": 20, "freeze": 1, "views": 2, "loader_workers": 0, "keep": True, "lr": 0.01}
STAGES = 2


def network():
    return PointBackbone().eval()


def untaught():
    """A network whose last stage sees one direction only."""
    found = network()
    with torch.no_grad():
        weight = found.network.body.weight
        weight.copy_(weight[:1].expand_as(weight) * torch.linspace(0.5, 1.5, len(weight))[:, None])
    return found


def teacher():
    feed = PointFeed(POINTS, network())
    mean, spread = standards(feed.read(STAGES, 0, ROWS))
    generator = torch.Generator().manual_seed(3)
    return Teacher(feed, ROWS, STAGES, mean, spread, torch.randn(3, len(mean), generator=generator), torch.zeros(3))


def job_of(**changes):
    config = StudentConfig.parse({**SHORT, **changes}, "a student")
    backbone, words = untaught(), np.array([f"c{number}" for number in NUMBERS], dtype=object)
    task = configured("classification", words)
    targets: Targets = task.encode(words).take(ROWS)
    none = np.zeros(0, np.int64)
    head = np.zeros((3, backbone.feature_dim)), np.zeros(3)
    job = TrainingJob(
        name="student", backbone=backbone, method=Student(config, teacher()), feed=PointFeed(POINTS, backbone),
        train_rows=none, val_rows=ROWS[:20], train_targets=targets, val_targets=targets.take(np.arange(20)),
        weights=None, task=task, probe=head, features=lambda split: pytest.fail("it asks its teacher"),
        boundary=config.freeze, views=config.views, seed=0, target_rows=ROWS,
    )  # fmt: skip
    return job, config


def trained(**changes):
    job, config = job_of(**changes)
    return Trainer(job, config, lr=config.lr).run()


def unexplained(backbone):
    """Share of the teacher's features of unseen rows that no linear map from the student's tells."""
    ours = PointFeed(POINTS, backbone).read(STAGES, 0, np.arange(len(POINTS)))
    theirs = PointFeed(POINTS, network()).read(STAGES, 0, np.arange(len(POINTS)))
    mean, spread = standards(theirs)
    scaled = (theirs - mean) / spread
    weight, bias = linear_map(ours[~UNSEEN], scaled[~UNSEEN], ridge=1e-3)
    return float((ours[UNSEEN] @ weight.T + bias - scaled[UNSEEN]).square().mean())


def test_a_student_recovers_on_rows_that_it_never_saw():
    before, found = unexplained(untaught()), trained()
    assert before > 0.02 and unexplained(found.backbone) < 0.6 * before
    history = found.report["history"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_each_thing_that_is_taught_brings_a_student_nearer():
    for only in ("features", "distances", "answers"):
        weights = {name: float(name == only) for name in ("features", "distances", "answers")}
        first, *_, last = (each["train_loss"] for each in trained(**weights).report["history"])
        assert last < 0.7 * first, only


def test_frozen_stages_stay_and_the_map_is_taken_away():
    found, start = trained(epochs=2), untaught()
    assert torch.equal(found.backbone.network.stem.weight, start.network.stem.weight)
    assert not torch.equal(found.backbone.network.body.weight, start.network.body.weight)
    assert found.best_epoch == 2 and found.moved


def test_it_begins_with_the_best_linear_map_and_the_head_that_follows_from_it():
    job, config = job_of()
    trainer = Trainer(job, config)
    trainer.prepare()
    model, told = trainer.model, job.method.teacher
    ours = PointFeed(POINTS, untaught()).read(STAGES, 0, ROWS)
    weight, bias = linear_map(ours, told.features(0, np.arange(len(ROWS))))
    assert torch.allclose(getattr(model, MAP).weight, weight, atol=1e-6)
    mapped = told.answers(ours @ weight.T + bias)
    assert torch.allclose(model.outputs(ours), mapped, atol=1e-4)


def test_it_sees_the_view_that_its_teacher_sees():
    job, config = job_of(epochs=4)
    Trainer(job, config, lr=config.lr).run()
    ours = {view for stage, view in job.feed.reads if stage == 1}
    theirs = {view for _, view in job.method.teacher.feed.reads}
    assert ours == theirs == {0, 1, 2}  # view 0 begins, then each of the two


def test_the_same_seed_gives_the_same_student():
    one, two = trained(epochs=3), trained(epochs=3)
    assert torch.equal(one.backbone.network.body.weight, two.backbone.network.body.weight)


def test_a_training_that_is_out_of_time_ends_between_two_epochs():
    job, config = job_of()
    found = Trainer(job, config, lr=config.lr, deadline=-1.0).run()
    assert found.best_epoch == 0 and "time" in found.report["stopped"]


def test_a_teacher_answers_in_the_units_of_the_model():
    model = TrainableModel(copy.deepcopy(network()), 3, 1)
    told = replace(teacher(), weight=torch.eye(3, model.backbone.feature_dim), bias=torch.ones(3))
    features = told.features(0, np.arange(4))
    assert torch.allclose(told.answers(features), features[:, :3] + 1)
