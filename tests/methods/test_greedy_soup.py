from __future__ import annotations

import pytest
import torch

from headstart.core.errors import ConfigError
from headstart.methods.greedy_soup import GreedySoup, GreedySoupConfig, mean_of
from methods.helpers_training import Line, TinyContext, TinyModel


def cooked(places, end, best, bottom):
    """Trials that ended at places, the last one at ``end``; validation is the distance from ``bottom``."""
    method = GreedySoup(GreedySoupConfig(epochs=12))
    method.ingredients = [{"place": torch.tensor([float(place)])} for place in places]
    model, ctx = Line(best), TinyContext(lambda each: abs(each.place.item() - bottom))
    ctx.last = {"place": torch.tensor([float(end)])}
    return method.finish(model, ctx), model.place.item()


def test_the_mean_is_that_of_floats_and_the_first_of_all_else():
    found = mean_of(
        [{"a": torch.tensor([1.0, 2.0]), "n": torch.tensor(3)}, {"a": torch.tensor([3.0, 6.0]), "n": torch.tensor(9)}]
    )
    assert found["a"].tolist() == [2.0, 4.0] and found["n"].item() == 3


def test_ingredients_are_added_best_first_as_long_as_the_mean_does_not_get_worse():
    # from 5: places 2, 9, 6 lose 3, 4, 1; order 2, 0, 1. 6 with 2 is 4: loses 1, kept. With 9 it is 17/3: loses 2/3
    found, left_at = cooked([2, 9], end=6, best=20, bottom=5)
    assert found["losses"] == [3.0, 4.0, 1.0]
    assert found["ingredients"] == [2, 0, 1] and found["soup"] == pytest.approx(2 / 3, abs=1e-5)
    assert found["moved"] and left_at == pytest.approx(17 / 3)


def test_an_ingredient_that_makes_it_worse_is_left_out():
    # from 5: 6 and 8 lose 1 and 3, their mean 7 loses 2; 6 and 0 make 3, which loses 2 too
    found, left_at = cooked([8, 0], end=6, best=20, bottom=5)
    assert found["ingredients"] == [2] and found["soup"] == 1.0 and left_at == 6.0


def test_what_was_left_out_does_not_end_the_search():
    # from 5: 6, 7, 1 lose 1, 2, 4; 6 with 7 is 6.5, which loses 1.5: left out; 6 with 1 is 3.5, which loses 1.5 too
    assert cooked([7, 1], end=6, best=20, bottom=5)[0]["ingredients"] == [2]
    # 6 with 3.5 is 4.75, which loses 0.25: kept
    found, left_at = cooked([6.4, 3.5], end=6, best=20, bottom=5)
    assert found["ingredients"] == [2, 1] and left_at == 4.75


def test_the_best_point_stays_where_the_soup_is_not_better():
    found, left_at = cooked([2, 9], end=6, best=5.5, bottom=5)
    assert not found["moved"] and left_at == 5.5 and found["soup"] == pytest.approx(2 / 3, abs=1e-5)


def test_each_trial_begins_at_the_start_with_its_own_rate():
    method, model, ctx = GreedySoup(GreedySoupConfig(epochs=6, cycles=3)), TinyModel(), TinyContext()
    method.prepare(model, ctx)
    start, seen = model.head.weight.detach().clone(), []
    for ctx.epoch in range(6):
        change = method.on_epoch_start(model, ctx)
        if change.restart:
            assert torch.equal(model.head.weight, start)
        seen.append((change.restart, method.param_groups(model)[0].lr_scale))
        with torch.no_grad():
            model.head.weight += 1
    assert seen == [(False, 1.0), (False, 1.0), (True, 0.4), (False, 0.4), (True, 2.0), (False, 2.0)]
    assert [torch.equal(each["head.weight"], start + 1 + 1) for each in method.ingredients] == [True, True]


def test_what_it_carries_survives_a_checkpoint():
    method, model, ctx = GreedySoup(GreedySoupConfig(epochs=12)), TinyModel(), TinyContext()
    method.prepare(model, ctx)
    for ctx.epoch in range(9):
        method.on_epoch_start(model, ctx)
    other = GreedySoup(GreedySoupConfig(epochs=12))
    other.prepare(TinyModel(), ctx)
    other.load_state(method.state())
    assert other.trial == method.trial == 2 and len(other.ingredients) == len(method.ingredients) == 2
    for mine, its in zip(method.ingredients, other.ingredients, strict=True):
        assert mine.keys() == its.keys() and all(torch.equal(mine[name], its[name]) for name in mine)


def test_state_before_the_first_trial_ended_is_empty_but_for_the_trial():
    method, model = GreedySoup(GreedySoupConfig(epochs=12)), TinyModel()
    method.prepare(model, TinyContext())
    assert method.state() == {"trial": torch.tensor(0)}
    method.load_state(method.state())
    assert method.ingredients == []


def test_epochs_are_shared_evenly_among_trials():
    assert GreedySoupConfig.parse({"epochs": 8, "cycles": 4}).epochs == 8
    with pytest.raises(ConfigError, match="multiple of cycles; got 10 and 3"):
        GreedySoupConfig.parse({"epochs": 10})
