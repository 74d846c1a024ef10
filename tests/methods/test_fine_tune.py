from __future__ import annotations

import pytest
import torch

from headstart.methods.fine_tune import FineTune, FineTuneConfig
from headstart.methods.from_scratch import FromScratch, FromScratchConfig
from methods.helpers_training import TinyContext, TinyModel, by_name, prepared

HEAD = ["head.bias", "head.weight"]


def epochs_of(method, count=4):
    """For each epoch whether groups were asked again, and the names of what is trained."""
    model, ctx = prepared(method)
    found = []
    for ctx.epoch in range(count):
        change = method.on_epoch_start(model, ctx)
        trained = [value for group in method.param_groups(model) for value in group.parameters]
        found.append((change.regroup, by_name(model, trained) == HEAD, len(trained)))
    return found


def test_the_head_is_alone_in_the_first_epoch():
    everything = len(list(TinyModel().parameters()))
    assert epochs_of(FineTune(FineTuneConfig())) == [
        (False, True, 2),
        (True, False, everything),
        (False, False, everything),
        (False, False, everything),
    ]


@pytest.mark.parametrize("head_epochs", [0, 2])
def test_the_head_is_alone_for_as_long_as_was_asked(head_epochs):
    found = epochs_of(FineTune(FineTuneConfig(head_epochs=head_epochs)))
    assert [alone for _, alone, _ in found] == [epoch < head_epochs for epoch in range(4)]
    assert [asked for asked, _, _ in found] == [epoch == head_epochs and epoch > 0 for epoch in range(4)]


def test_the_head_is_alone_before_the_first_epoch_begins():
    method = FineTune(FineTuneConfig())
    model, _ = prepared(method)
    assert [group.lr_scale for group in method.param_groups(model)] == [10.0, 10.0]


def test_rates_fall_from_the_head_to_the_first_stage():
    method = FineTune(FineTuneConfig())
    model, ctx = prepared(method)
    ctx.epoch = 1
    method.on_epoch_start(model, ctx)
    scales = {group.name: group.lr_scale for group in method.param_groups(model)}
    assert (scales["head"], scales["ln/vectors"], scales["body"]) == (10.0, 1.0, 0.6)
    assert scales["stem"] == pytest.approx(0.36)


@pytest.mark.parametrize("method", [FineTune(FineTuneConfig()), FromScratch(FromScratchConfig())])
def test_the_head_is_drawn_the_same_each_time_and_leaves_other_draws_alone(method):
    model, ctx = TinyModel(), TinyContext()
    before = torch.get_rng_state()
    method.prepare(model, ctx)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(model.head.weight, prepared(method)[0].head.weight)
    assert 0 < model.head.weight.abs().max() < 0.1 and model.head.bias.abs().max() == 0


def test_the_network_stays_as_it_came():
    model, plain = prepared(FineTune(FineTuneConfig()))[0], TinyModel()
    own = plain.backbone.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in model.backbone.state_dict().items())


def test_what_it_carries_survives_a_checkpoint():
    method, other = FineTune(FineTuneConfig()), FineTune(FineTuneConfig())
    (_, ctx), (model, _) = prepared(method), prepared(other)
    ctx.epoch = 1
    method.on_epoch_start(model, ctx)
    other.load_state(method.state())  # an epoch that has begun does not begin again
    assert len(other.param_groups(model)) > 2
