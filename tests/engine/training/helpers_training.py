"""Trainings of small random networks, with activations in memory: what the tests of the train loop share."""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from backbones.helpers_backbones import TINY, small_backbone
from headstart.backbones.pretrained.family import Small, family
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.loop import Trainer
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.tasks.choose import configured

TRAIN_METHODS = [name for name in plugins.names("methods") if plugins.load("methods", name).kind == "train"]
KINDS = ("class", "ordinal", "multilabel", "real")
TASK_OF = {"class": "classification", "ordinal": "ordinal", "multilabel": "multilabel", "real": "regression"}
CLASSES = 3
OF_TRAINERS = ("checkpoints", "checkpoint_seconds", "listener", "peers", "deadline")
# A family of convolutions, one of texts; of vision transformers, of recordings, one of another kind.
FAMILIES, MORE_FAMILIES = ("resnet", "bert_like"), ("vit", "wav2vec2_like", "speech_embedding")


class ArrayFeed:
    """Boundaries computed once from prepared inputs in memory; ``views`` are the inputs with a little noise.

    Attributes:
        reads: (stage, view) of every read.
        ensured: (stage, view) of every call of ``ensure``.
    """

    def __init__(self, backbone, prepared):
        self.backbone = copy.deepcopy(backbone).eval()
        self.prepared = prepared
        self.reads, self.ensured, self.ready = [], [], set()
        self._kept = {}

    def ensure(self, stage, view, rows):
        self.ensured.append((stage, view))
        self.ready |= {(stage, view, int(row)) for row in rows}

    def boundary(self, stage, view):
        if (stage, view) not in self._kept:
            batch = torch.from_numpy(self.prepared)
            if view and batch.is_floating_point():
                noise = np.random.default_rng(view).normal(0, 0.02, batch.shape).astype(np.float32)
                batch = batch + torch.from_numpy(noise)
            elif view and batch.dtype == torch.uint8:
                batch = batch.roll(view, 2)
            if stage:
                with torch.no_grad():
                    whole = self.backbone.run(self.backbone.enter(batch), 0, stage)
                    batch = self.backbone.pack(whole, stage)
            self._kept[stage, view] = batch.detach().clone()
        return self._kept[stage, view]

    def read(self, stage, view, rows):
        self.reads.append((stage, view))
        missing = [row for row in rows if (stage, view, int(row)) not in self.ready]
        assert not missing, f"{len(missing)} rows were read that nobody asked to be there"
        return self.boundary(stage, view)[torch.from_numpy(np.asarray(rows))]


def backbone_of(name: str = "resnet"):
    """A small one; never changed, since a trainer copies it."""
    return _backbone(name)  # one and the same, however it was asked for


@functools.cache
def _backbone(name: str):
    small: Small = TINY if name == "resnet" else next(iter(family(name).small))
    return calibrated(small_backbone(small, name=name))


def calibrated(backbone):
    """With the statistics that its own activations have: a random network's features hardly differ otherwise."""
    norms = [each for each in backbone.network.modules() if isinstance(each, _BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean
        norm.train()
    with torch.no_grad():
        for seed in range(3):
            backbone(torch.from_numpy(backbone.example(8, seed)))
    for norm in norms:
        norm.momentum = 0.1
        norm.eval()
    return backbone


@functools.cache
def prepared_of(name: str, count: int):
    """``count`` prepared inputs of random content, of which the last third of the classes look a little different."""
    return backbone_of(name).example(count, 1)


def written(kind: str, count: int) -> np.ndarray:
    """Targets as users write them."""
    numbers = np.arange(count) % CLASSES
    if kind == "multilabel":
        return np.array([f'["c{n}"]' if n else '["c0", "c1"]' for n in numbers], dtype=object)
    if kind == "class":
        return np.array([f"c{n}" for n in numbers], dtype=object)
    return np.array([str(n if kind == "ordinal" else 10.0 * n + 0.5) for n in numbers], dtype=object)


def settings_of(method: str, **changes: Any) -> Any:
    """A method's config with a few short epochs, everything resolved."""
    plugin = plugins.load("methods", method)
    short = {"epochs": 3, "batch_size": 6, "freeze": 2, "views": 0, "loader_workers": 0, "keep": True}
    if method == "greedy_soup":
        short |= {"epochs": 4, "cycles": 2}
    return plugin.config.parse({**short, **changes}, f"method {method}")


def job_of(
    method: str = "lp_ft", name: str = "resnet", kind: str = "class", count: int = 24, seed: int = 0, **changes: Any
) -> tuple[TrainingJob, Any]:
    """A job and its settings; two thirds of the rows are trained on."""
    config = settings_of(method, **changes)
    backbone, prepared = backbone_of(name), prepared_of(name, count)
    feed = ArrayFeed(backbone, prepared)
    train, val = np.flatnonzero(np.arange(count) % 3 < 2), np.flatnonzero(np.arange(count) % 3 == 2)
    order = np.random.default_rng(5).permutation(count)  # so that both parts hold all classes
    task = configured(TASK_OF[kind], written(kind, count)[order])
    targets: Targets = task.encode(written(kind, count)[order])
    features = feed.boundary(len(backbone.stages), 0).numpy()
    weight, bias = solve_at_penalty(features[train], targets.take(train), np.ones((1, len(train))), 1.0, 1e-6, 1e-6)
    if np.abs(weight).max() > 1e3:  # the features of some random networks hardly differ from input to input
        weight, bias = np.zeros_like(weight), np.zeros_like(bias)
    rows = {"train": train, "val": val}
    built = plugins.load("methods", method).build(config)
    boundary = config.freeze
    if built.begins == "top":
        boundary = max(n for n in range(len(backbone.stages)) if backbone.parameters_of(n, n + 1))
    job = TrainingJob(
        name=method,
        backbone=backbone,
        method=built,
        feed=feed,
        train_rows=train,
        val_rows=val,
        train_targets=targets.take(train),
        val_targets=targets.take(val),
        weights=None,
        task=task,
        probe=(weight[0], bias[0]),
        features=lambda split: features[rows[split]],
        boundary=boundary,
        views=config.views,
        seed=seed,
    )
    return job, config


def trainer_of(method: str = "lp_ft", *, lr: float = 1e-3, precision: str = "float32", **options: Any) -> Trainer:
    """A trainer; options of the trainer (checkpoints, ...) and of :func:`job_of` together."""
    own = {
        key: options.pop(key)
        for key in ("checkpoints", "checkpoint_seconds", "listener", "peers", "deadline")
        if key in options
    }
    job, config = job_of(method, **options)
    return Trainer(job, config, lr=lr, precision=precision, **own)


def tensors_of(backbone) -> dict[str, torch.Tensor]:
    """Every parameter and buffer, by name."""
    network = backbone.network
    return {name: value.detach().clone() for name, value in [*network.named_parameters(), *network.named_buffers()]}


def frozen_names(backbone, boundary: int) -> set[str]:
    """Names of the tensors of ``stages[:boundary]``."""
    return {name for stage in backbone.stage_list[:boundary] for name, _ in stage.tensors(backbone.network)}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """The same names and bits."""
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())
