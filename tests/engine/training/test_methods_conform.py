"""Every train method, found by its file, on networks of several families and every kind of target."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from engine.training.helpers_training import (
    FAMILIES,
    KINDS,
    MORE_FAMILIES,
    TRAIN_METHODS,
    backbone_of,
    frozen_names,
    same,
    tensors_of,
    trainer_of,
)
from headstart.core import plugins
from headstart.core.errors import ConfigError
from headstart.engine.training.checkpoint import Checkpoints

FREEZE = {"resnet": 3, "vit": 2, "bert_like": 2, "wav2vec2_like": 2, "speech_embedding": 2}
WITH_MAPS = ("resnet", "speech_embedding")
on_every_method = pytest.mark.parametrize("method", TRAIN_METHODS)


def needs_maps(method):
    return "maps" in plugins.load("methods", method).needs


def pairs(names):
    """Every method with every family that it can train."""
    return [(method, name) for method in TRAIN_METHODS for name in names if name in WITH_MAPS or not needs_maps(method)]


def freeze_of(method, name):
    return (
        0
        if plugins.load("methods", method).build(plugins.load("methods", method).config()).start == "random"
        else (FREEZE[name])
    )


def trained(method, name="resnet", **options):
    options.setdefault("freeze", freeze_of(method, name))
    trainer = trainer_of(method, name=name, **options)
    return trainer, trainer.run()


def check(method, name, kind):
    before = tensors_of(backbone_of(name))
    trainer, found = trained(method, name, kind=kind, lr=3e-3)
    boundary = trainer.settings.freeze
    after = tensors_of(found.backbone)
    assert same(before, tensors_of(backbone_of(name)))  # the network it began from is as it was
    assert after.keys() == before.keys()  # the same architecture again: nothing that was added is left
    for frozen in frozen_names(found.backbone, boundary):
        assert torch.equal(after[frozen], before[frozen]), frozen
    assert found.fitted.spec == {"method": method, "form": "linear", "trained": True}
    weight, bias = found.fitted.arrays["weight"], found.fitted.arrays["bias"]
    width = trainer.context.width
    assert weight.shape == (width, found.backbone.feature_dim) and bias.shape == (width,)
    assert np.isfinite(weight).all() and np.isfinite(bias).all()
    assert not any(module.training for module in found.backbone.network.modules())
    json.dumps(found.report, allow_nan=False)
    assert len(found.report["history"]) == trainer.settings.epochs
    assert found.report["best"]["val_loss"] <= found.report["start"]["val_loss"]
    # What is reported is what the shipped network and head give.
    features = found.backbone(torch.from_numpy(trainer.job.feed.prepared[trainer.job.val_rows])).detach().numpy()
    outputs = features @ weight.T.astype(np.float64) + bias
    loss = trainer.job.task.loss(trainer.job.val_targets, outputs).mean()
    assert loss == pytest.approx(found.report["end"]["val_loss"], rel=1e-2)


@pytest.mark.parametrize(("method", "name"), pairs(FAMILIES))
def test_frozen_is_frozen_and_what_ships_is_the_pretrained_architecture(method, name):
    check(method, name, "class")


@pytest.mark.slow
@pytest.mark.parametrize(("method", "name"), pairs(MORE_FAMILIES))
def test_frozen_is_frozen_on_every_family(method, name):
    check(method, name, "class")


@pytest.mark.parametrize("method", [method for method in TRAIN_METHODS if needs_maps(method)])
@pytest.mark.parametrize("name", sorted({*FAMILIES, *MORE_FAMILIES} - set(WITH_MAPS)))
def test_what_needs_maps_refuses_a_network_without_them(method, name):
    with pytest.raises(ConfigError, match=f"{method} takes a network with channel maps"):
        trainer_of(method, name=name, freeze=0).prepare()


@on_every_method
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "class"])
def test_every_kind_of_target_is_trained(method, kind):
    check(method, "resnet", kind)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "name"), pairs(["bert_like", *MORE_FAMILIES]))
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "class"])
def test_every_kind_of_target_is_trained_on_every_family(method, name, kind):
    check(method, name, kind)


@on_every_method
def test_the_same_seed_gives_the_same_bits_and_another_one_does_not(method):
    one, other = trained(method)[1], trained(method)[1]
    assert same(tensors_of(one.backbone), tensors_of(other.backbone))
    assert np.array_equal(one.fitted.arrays["weight"], other.fitted.arrays["weight"])
    assert one.report["history"] == other.report["history"]
    assert trained(method, seed=1)[1].report["history"] != one.report["history"]


RESUMED = [
    *((method, 0) for method in TRAIN_METHODS),
    *(
        (method, 4) if method == "lp_ft" else pytest.param(method, 4, marks=pytest.mark.slow)
        for method in TRAIN_METHODS
    ),
]


class Killed(BaseException):
    """Raised in the middle, as a signal would."""


class Killer:
    """A listener that ends the process' work at a step."""

    def __init__(self, step):
        self.at = step

    def on_step(self, step, losses, lr):
        if step == self.at:
            raise Killed

    def on_epoch(self, record):
        """Ignore."""

    def on_message(self, text):
        """Ignore."""


@pytest.mark.parametrize(("method", "workers"), RESUMED)
def test_killed_and_gone_on_with_it_ends_with_the_same_bits(method, workers, tmp_path):
    options = {"freeze": freeze_of(method, "resnet"), "loader_workers": workers, "views": 2, "ema": 0.5, "dropout": 0.2}
    whole = trainer_of(method, **options).run()
    checkpoints = Checkpoints(tmp_path, {"of": method})
    for step in (2, 4, 7):  # in the first epoch, in the second, in the third
        with pytest.raises(Killed):
            trainer_of(method, checkpoints=checkpoints, checkpoint_seconds=0, listener=Killer(step), **options).run()
    resumed = trainer_of(method, checkpoints=checkpoints, checkpoint_seconds=0, **options).run()
    assert same(tensors_of(whole.backbone), tensors_of(resumed.backbone))
    for name in ("weight", "bias"):
        assert np.array_equal(whole.fitted.arrays[name], resumed.fitted.arrays[name])
    strip = {"timings"}
    assert {k: v for k, v in whole.report.items() if k not in strip} == {
        k: v for k, v in resumed.report.items() if k not in strip
    }


def test_the_room_has_the_methods_that_pay():
    assert {
        *("fine_tune", "lp_ft", "gradual_unfreeze", "l2_sp", "bss", "lora", "ssf", "bitfit", "wise_ft"),
        *("greedy_soup", "from_scratch", "swad", "mixstyle"),
    } <= set(TRAIN_METHODS)
    assert all(plugins.load("methods", name).paper for name in TRAIN_METHODS)
