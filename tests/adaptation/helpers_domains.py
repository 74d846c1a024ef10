"""A toy shift: three clouds of points, and the same clouds moved; a small network with a head solved on the first."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from headstart.backbones.pretrained.stage import modules
from headstart.core import plugins
from headstart.core.boundary import Boundary
from headstart.core.learning import Targets
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.loop import Trainer
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.tasks.choose import configured

ROOM = "adaptation.trainers"
OF_TEXTS = {"texts", "masked_texts"}  # needs that clouds of points do not meet
TRAINERS = [name for name in plugins.names(ROOM) if not plugins.load(ROOM, name).needs & OF_TEXTS]
SOURCE_FREE = [name for name in TRAINERS if "source_free" in plugins.load(ROOM, name).needs]
CLASSES, WIDTH, EACH = 3, 16, 40
MOVED = np.array([1.5, 0.75])  # clouds lie 3.5 apart: one of them comes near the border to the next


class Points(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(2, WIDTH)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.act = nn.Tanh()
        self.body = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Tanh()


class PointBackbone(nn.Module):
    """Stages stem and body, with what ``engine/training`` asks of a backbone."""

    name, modality, variable_axis = "points", "sound", None  # no layout of maps
    feature_dim = WIDTH

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2)
            self.network = Points()
        self.stage_list = (modules("stem", "stem", "norm", "act"), modules("body", "body", "out"))
        self.stages = tuple(stage.name for stage in self.stage_list)

    def unpack(self, values, start):
        return Boundary(values)

    def run(self, boundary, start, stop):
        for stage in self.stage_list[start:stop]:
            boundary = stage.apply(self.network, boundary)
        return boundary

    def parameters_of(self, start, stop):
        owned = [stage.tensors(self.network) for stage in self.stage_list[start:stop]]
        return [value for stage in owned for _, value in stage if isinstance(value, nn.Parameter)]


class PointFeed:
    """Points in memory; a view moves each a little."""

    def __init__(self, points, backbone):
        self.points, self.backbone = points, backbone
        self.reads = []

    def ensure(self, stage, view, rows):
        """They are there."""

    def read(self, stage, view, rows):
        self.reads.append((stage, view))
        values = torch.from_numpy(self.points[rows])
        if view:
            values = (
                values + torch.from_numpy(np.random.default_rng(view).normal(0, 0.1, self.points.shape)[rows]).float()
            )
        with torch.no_grad():
            return self.backbone.run(Boundary(values), 0, stage).values


def clouds(moved: np.ndarray, seed: int):
    """``(n, 2)`` points and the number of their cloud."""
    rng = np.random.default_rng(seed)
    numbers = np.tile(np.arange(CLASSES), EACH)
    angles = numbers * 2 * np.pi / CLASSES
    points = 2 * np.stack([np.cos(angles), np.sin(angles)], 1) + rng.normal(0, 0.3, (len(numbers), 2)) + moved
    return points.astype(np.float32), numbers


@functools.cache
def domains():
    """Backbone, points of both domains, and the numbers of their clouds."""
    (ours, own), (theirs, true) = clouds(np.zeros(2), 0), clouds(MOVED, 1)
    return PointBackbone().eval(), np.concatenate([ours, theirs]), own, true


def job_of(name: str, *, seed: int = 0, **changes: Any) -> tuple[TrainingJob, Any]:
    """A job and its settings: four fifths of the source are learned from, all of the target is seen."""
    plugin = plugins.load(ROOM, name)
    short = {"epochs": 12, "batch_size": 24, "freeze": 0, "views": 0, "loader_workers": 0, "keep": False}
    config = plugin.config.parse({**short, **changes}, name)
    backbone, points, own, _ = domains()
    held = np.arange(len(own)) % 5 == 0
    train, val = np.flatnonzero(~held), np.flatnonzero(held)
    words = np.array([f"c{number}" for number in own], dtype=object)
    task = configured("classification", words)
    targets: Targets = task.encode(words)
    feed = PointFeed(points, backbone)
    features = feed.read(2, 0, train).numpy()
    weight, bias = solve_at_penalty(features, targets.take(train), np.ones((1, len(train))), 0.1, 1e-6, 1e-6)
    job = TrainingJob(
        name=name, backbone=backbone, method=plugin.build(config), feed=feed, train_rows=train, val_rows=val,
        train_targets=targets.take(train), val_targets=targets.take(val), weights=None, task=task,
        probe=(weight[0], bias[0]), features=lambda split: None, boundary=config.freeze, views=config.views, seed=seed,
        target_rows=np.arange(len(own), len(points)),
    )  # fmt: skip
    if name in SOURCE_FREE:
        none = np.zeros(0, np.int64)
        job = replace(job, train_rows=none, train_targets=job.train_targets.take(none))
    return job, config


def trainer_of(name: str, *, lr: float = 3e-3, **options: Any) -> Trainer:
    """A trainer; options of the trainer and of :func:`job_of` together."""
    own = {key: options.pop(key) for key in ("checkpoints", "checkpoint_seconds", "listener") if key in options}
    job, config = job_of(name, **options)
    return Trainer(job, config, lr=lr, **own)


def accuracy(backbone, weight, bias) -> float:
    """In the target domain, whose labels only this function knows."""
    _, points, own, true = domains()
    with torch.no_grad():
        features = backbone.run(Boundary(torch.from_numpy(points[len(own) :])), 0, 2).values.numpy()
    return float(((features @ weight.T + bias).argmax(1) == true).mean())


def source_only() -> float:
    """Of the network as it is, with the head of the source."""
    job, _ = job_of("mcc")
    return accuracy(job.backbone, *job.probe)
