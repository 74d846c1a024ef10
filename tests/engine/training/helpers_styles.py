"""Toy pictures in several styles: two textures, each style with levels and contrasts of channels of its own."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from headstart.backbones.pretrained.stage import modules
from headstart.core import plugins
from headstart.core.boundary import Boundary
from headstart.core.learning import Targets
from headstart.engine.training.job import Trained, TrainingJob
from headstart.engine.training.loop import Trainer
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.tasks.choose import configured

LEARNED, EACH, SIDE = 4, 48, 8  # styles that are learned from; validation rows are those of the others
UNSEEN = tuple(range(100, 112))


class World(NamedTuple):
    """The share of the second class in each style that is seen, and how noisy pictures are."""

    shares: tuple[float, ...]
    noise: float


SHORTCUT = World((0.15, 0.85, 0.15, 0.85, 0.5, 0.5), 1.5)  # a style that is learned from gives its class away
NOISY = World((0.4, 0.6, 0.4, 0.6, 0.5, 0.5), 2.2)


class Maps(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 1)
        self.act = nn.ReLU()
        self.body = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


class MapBackbone(nn.Module):
    """Stages stem, which sees single points, and body, with what ``engine/training`` asks of a backbone."""

    name, modality, variable_axis, feature_dim = "maps", "image", None, 16

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.network = Maps()
        self.stage_list = (modules("stem", "stem", "act"), modules("body", "body", "pool"))
        self.stages = tuple(stage.name for stage in self.stage_list)

    def example(self, count):
        return np.zeros((count, 3, SIDE, SIDE), np.float32)

    def enter(self, values):
        return Boundary(values)

    def unpack(self, values, start):
        return Boundary(values)

    def run(self, boundary, start, stop):
        for stage in self.stage_list[start:stop]:
            boundary = stage.apply(self.network, boundary)
        return boundary

    def parameters_of(self, start, stop):
        owned = [stage.tensors(self.network) for stage in self.stage_list[start:stop]]
        return [value for stage in owned for _, value in stage if isinstance(value, nn.Parameter)]


class MapFeed:
    """Pictures in memory."""

    def __init__(self, pictures, backbone):
        self.pictures, self.backbone = pictures, backbone

    def ensure(self, stage, view, rows):
        """They are there."""

    def read(self, stage, view, rows):
        with torch.no_grad():
            return self.backbone.run(Boundary(torch.from_numpy(self.pictures[rows])), 0, stage).values


def pictures_in(style: int, noise: float, count: int = EACH, share: float = 0.5):
    """``(n, 3, SIDE, SIDE)``, and 0 for stripes that lie, 1 for stripes that stand; both in noise.

    ``share``: of those that stand.
    """
    rng = np.random.default_rng(style)
    level, contrast = rng.normal(0, 1.5, (3, 1, 1)), np.exp(rng.normal(0, 0.6, (3, 1, 1)))
    classes = (np.arange(count) * 0.618 % 1 < share).astype(np.int64)
    wave = np.sin(np.pi * np.arange(SIDE)[None, :] / 2 + rng.uniform(0, 2 * np.pi, (count, 1)))
    stripes = np.where(classes[:, None, None] == 1, wave[:, None, :], wave[:, :, None])
    plain = stripes[:, None] + rng.normal(0, noise, (count, 3, SIDE, SIDE))
    return (plain * contrast + level).astype(np.float32), classes


@functools.cache
def seen(world: World):
    """The backbone, pictures of the styles that are seen, their classes and styles."""
    parts = [pictures_in(style, world.noise, share=share) for style, share in enumerate(world.shares)]
    pictures, classes = (np.concatenate(each) for each in zip(*parts, strict=True))
    return MapBackbone().eval(), pictures, classes, np.repeat(np.arange(len(world.shares)), EACH)


def trained(method: str, world: World, *, seed: int, lr: float, named: bool = True, **changes: Any) -> Trained:
    """Trained on some styles and judged on others, as with ``fit --domains``; ``named``: whether the method is told."""
    plugin = plugins.load("methods", method)
    short = {"batch_size": 16, "freeze": 0, "views": 0, "loader_workers": 0, "keep": False}
    config = plugin.config.parse({**short, **changes}, method)
    backbone, pictures, classes, styles = seen(world)
    is_held = styles >= LEARNED
    train, val = np.flatnonzero(~is_held), np.flatnonzero(is_held)
    words = np.array([f"c{number}" for number in classes], dtype=object)
    task = configured("classification", words)
    targets: Targets = task.encode(words)
    feed = MapFeed(pictures, backbone)
    features = feed.read(2, 0, train).numpy()
    weight, bias = solve_at_penalty(features, targets.take(train), np.ones((1, len(train))), 1.0, 1e-6, 1e-6)
    job = TrainingJob(
        name=method, backbone=backbone, method=plugin.build(config), feed=feed, train_rows=train, val_rows=val,
        train_targets=targets.take(train), val_targets=targets.take(val), weights=None, task=task,
        probe=(weight[0], bias[0]), features=lambda split: None, boundary=0, views=0, seed=seed,
        domains=styles[train] if named else None,
    )  # fmt: skip
    return Trainer(job, config, lr=lr).run()


def right_in_unseen_styles(found: Trained, world: World) -> float:
    """Accuracy on 40 pictures of each."""
    right = []
    for style in UNSEEN:
        pictures, classes = pictures_in(style, world.noise, 40)
        with torch.no_grad():
            features = found.backbone.run(Boundary(torch.from_numpy(pictures)), 0, 2).values.numpy()
        weight, bias = found.fitted.arrays["weight"], found.fitted.arrays["bias"]
        right.append(float(((features @ weight.T + bias).argmax(1) == classes).mean()))
    return float(np.mean(right))
