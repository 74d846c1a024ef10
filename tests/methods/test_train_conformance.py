"""Every train method of the room, found by its file: what the engine relies on, whatever the method adds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from headstart.core import plugins
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import (
    TinyModel,
    a_batch,
    by_name,
    prepared,
    tensors_of,
    train_only,
    with_gradient,
)

TRAINED = [name for name in plugins.names("methods") if plugins.load("methods", name).kind == "train"]
every_method = pytest.mark.parametrize("name", TRAINED)


def build(name):
    plugin = plugins.load("methods", name)
    return plugin.build(plugin.config())


def ready(name, boundary=0):
    """A method and the model that it prepared, with nothing but its groups left to train."""
    method = build(name)
    model, ctx = prepared(method, boundary)
    train_only(model, method.param_groups(model))
    return method, model, ctx


def loss_of(method, model, batch):
    return method.step(model, batch, TaskObjective("class", 3), 0).total


@every_method
@pytest.mark.parametrize("is_frozen", [False, True], ids=["all stages", "the last ones"])
def test_all_that_it_trains_gets_a_finite_gradient_and_nothing_else_does(name, is_frozen):
    deepest = 1 if "maps" in plugins.load("methods", name).needs else 2  # behind the pooling there are no maps
    method, model, _ = ready(name, deepest if is_frozen else 0)
    asked = [value for group in method.param_groups(model) for value in group.parameters]
    assert len({id(value) for value in asked}) == len(asked) > 0
    loss_of(method, model, a_batch()).backward()
    assert with_gradient(model) == by_name(model, asked)
    assert all(value.grad.isfinite().all() for value in asked)


@every_method
def test_preparing_again_gives_the_same_start(name):
    (_, first, _), (_, second, _) = ready(name), ready(name)
    mine, other = tensors_of(first), tensors_of(second)
    assert list(mine) == list(other)
    assert all(torch.equal(value, other[key]) for key, value in mine.items())


@every_method
def test_a_loss_does_not_depend_on_the_order_of_the_rows(name):
    method, model, _ = ready(name)
    batch = a_batch(rows=6)
    turned = torch.tensor([4, 2, 0, 5, 1, 3])
    other = replace(batch, values=batch.values[turned], targets=batch.targets[turned], rows=batch.rows[turned.numpy()])
    expected = loss_of(method, model, batch).item()
    assert loss_of(method, model, other).item() == pytest.approx(expected, rel=1e-5)


@every_method
def test_a_step_changes_neither_the_batch_nor_the_model(name):
    method, model, _ = ready(name)
    batch, before = a_batch(), {key: value.clone() for key, value in tensors_of(model).items()}
    values, targets = batch.values.clone(), batch.targets.clone()
    loss_of(method, model, batch).backward()
    assert torch.equal(batch.values, values) and torch.equal(batch.targets, targets)
    assert all(torch.equal(value, before[key]) for key, value in tensors_of(model).items())


@every_method
def test_what_it_carries_can_be_taken_and_given_back(name):
    method, model, _ = ready(name)
    expected = loss_of(method, model, a_batch()).item()
    again = build(name)
    prepared(again)
    again.load_state(method.state())
    assert loss_of(again, model, a_batch()).item() == pytest.approx(expected, rel=1e-6)


@every_method
def test_after_the_end_the_network_has_its_own_architecture_and_the_report_is_json(name):
    method, model, ctx = ready(name)
    ctx.last = ctx.taken(model)
    json.dumps(dict(method.finish(model, ctx)), allow_nan=False)
    own = {key for key in tensors_of(TinyModel()) if key.startswith("backbone.")}
    assert {key for key in tensors_of(model) if key.startswith("backbone.")} == own
