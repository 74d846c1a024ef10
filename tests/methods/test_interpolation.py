from __future__ import annotations

import pytest
import torch

from headstart.methods.lp_ft import LpFt, LpFtConfig
from headstart.methods.training.interpolation import best_between, between
from headstart.methods.wise_ft import WiseFt, WiseFtConfig
from methods.helpers_training import Line, TinyContext, TinyModel

SHARES = (0.25, 0.5, 0.75)


def bowl(bottom):
    return lambda model: (model.place.item() - bottom) ** 2


def searched(bottom, best, end=8.0, shares=SHARES):
    """From place 0, a training that ended at ``end`` and was best at ``best``."""
    model, ctx = Line(best), TinyContext(bowl(bottom))
    ctx.last = {"place": torch.tensor([end])}
    return best_between(model, ctx, {"place": torch.tensor([0.0])}, shares), model.place.item()


@pytest.mark.parametrize(("share", "expected"), [(0.0, [1.0, -2.0]), (0.5, [2.0, 1.0]), (1.0, [3.0, 4.0])])
def test_places_on_the_way(share, expected):
    found = between({"a": torch.tensor([1.0, -2.0])}, {"a": torch.tensor([3.0, 4.0])}, share)
    assert found["a"].tolist() == expected


def test_what_is_no_float_or_was_not_there_is_that_of_the_end():
    start = {"count": torch.tensor(2), "old": torch.tensor([1.0])}
    end = {"count": torch.tensor(9), "new": torch.tensor([5.0])}
    assert between(start, end, 0.25) == end


def test_the_way_changes_neither_end():
    start, end = {"a": torch.tensor([0.0])}, {"a": torch.tensor([4.0])}
    assert between(start, end, 0.25)["a"].item() == 1.0
    assert (start["a"].item(), end["a"].item()) == (0.0, 4.0)


@pytest.mark.parametrize(("bottom", "share", "place"), [(2.1, 0.25, 2.0), (4.0, 0.5, 4.0), (7.0, 0.75, 6.0)])
def test_the_place_of_the_smallest_loss_is_taken(bottom, share, place):
    found, left_at = searched(bottom, best=20.0)
    assert (found["share"], found["moved"], left_at) == (share, True, place)


def test_losses_are_told_by_share():
    found, _ = searched(4.0, best=5.0)
    assert found["losses"] == {"best": 1.0, "0.25": 4.0, "0.5": 0.0, "0.75": 4.0}


def test_the_best_point_stays_where_nothing_is_better():
    found, left_at = searched(5.0, best=5.0)
    assert (found["share"], found["moved"], left_at) == (None, False, 5.0)


def test_of_equal_losses_the_best_point_then_the_first_is_taken():
    assert searched(5.0, best=6.0)[0]["share"] is None  # 4 and 6 are as far
    assert searched(3.0, best=20.0)[0]["share"] == 0.25  # 2 and 4 are as far


def test_a_loss_that_is_infinite_is_never_taken():
    model, ctx = Line(1.0), TinyContext(lambda model: float("inf"))
    ctx.last = {"place": torch.tensor([8.0])}
    assert best_between(model, ctx, {"place": torch.tensor([0.0])}, SHARES)["share"] is None
    assert model.place.item() == 1.0


@pytest.mark.parametrize(
    ("method", "tried"), [(LpFt(LpFtConfig()), 3), (WiseFt(WiseFtConfig()), 10)], ids=["lp_ft", "wise_ft"]
)
def test_methods_go_back_to_the_probe_they_started_from(method, tried):
    # the loss is the distance of one bias from a half above its start; the training went one whole step
    model = TinyModel()
    ctx = TinyContext(lambda each: abs(each.head.bias[0].item() - start - 0.5))
    start = float(ctx.probe_head()[1][0])
    method.prepare(model, ctx)
    with torch.no_grad():
        model.head.bias[0] += 1.0
    ctx.last = ctx.taken(model)
    found = method.finish(model, ctx)
    assert found["share"] == 0.5 and len(found["losses"]) == tried + 1
    assert model.head.bias[0].item() == pytest.approx(start + 0.5, abs=1e-6)


def test_lp_ft_may_leave_the_end_alone():
    method, model, ctx = LpFt(LpFtConfig(interpolate=False)), TinyModel(), TinyContext()
    method.prepare(model, ctx)
    assert method.finish(model, ctx) == {}
