"""SWAD: which steps are averaged, by hand and by the paper's algorithm word for word; what it carries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from headstart.methods.swad import Segment, Swad, SwadConfig, joined
from methods.helpers_training import Line, TinyContext


class Seen(TinyContext):
    """Looks find the losses that were written down, one after another, then those of the start and of the mean;
    24 rows are three steps an epoch.
    """

    def __init__(self, losses, epochs, end=(1.0, 1.0)):
        super().__init__(self.next_loss, epochs)
        self.left, self.looked_at = [*losses, *end], []

    def next_loss(self, model):
        self.looked_at.append(model.place.item())
        return self.left.pop(0)


class LineSwad(Swad):
    """Of a model without a head."""

    def prepare(self, model, ctx):
        model.head = torch.nn.Linear(4, ctx.width)
        super().prepare(model, ctx)
        del model.head
        self.began = ctx.taken(model)


def begun(losses, epochs=4, end=(1.0, 1.0), **settings):
    """Ready to walk; a look after each step unless ``looks`` says otherwise."""
    method, model, ctx = LineSwad(SwadConfig(**{"batch_size": 8, "looks": 3 * epochs} | settings)), Line(), None
    ctx = Seen(losses, epochs, end)
    method.prepare(model, ctx)
    return method, model, ctx


def walked(method, model, ctx, places):
    """Steps that lead to places, then the end: what is told, and where the model is left."""
    for place in places:
        with torch.no_grad():
            model.place.fill_(float(place))
        method.on_step_end(model, ctx)
        assert model.place.item() == place  # a look leaves no trace
    with torch.no_grad():
        model.place.fill_(-1.0)  # the best point, as the engine puts it back
    told = method.finish(model, ctx)
    return told, model.place.item()


def average(losses, places=None, **settings):
    return walked(*begun(losses, **settings), range(len(losses)) if places is None else places)


def test_the_mean_of_segments_counts_each_step_alike():
    one, other = ({"a": torch.tensor([value]), "n": torch.tensor(int(value))} for value in (1.0, 4.0))
    found = joined(Segment(one, steps=2), Segment(other, steps=1))
    assert found.mean["a"].item() == pytest.approx((1 + 1 + 4) / 3) and found.mean["n"].item() == 4
    assert found.steps == 3 and joined(None, found) is found


def test_the_valley_by_hand():
    # 4 is the first that none of the next two undercuts; the bound is 1.3 * (4 + 5 + 6) / 3 = 6.5. 8 lies above it and
    # is left out, 6 comes back below; then two in turn lie above, so it is over, and the last 4 does not count.
    told, left_at = average([9, 7, 4, 5, 6, 8, 6, 7, 9, 4], overfit_patience=2)
    assert told["bound"] == pytest.approx(6.5) and told["losses"] == [9, 7, 4, 5, 6, 8, 6, 7, 9, 4]
    assert told["steps"] == 4 and left_at == pytest.approx((2 + 3 + 4 + 6) / 4) and told["moved"]


def test_a_look_is_at_the_mean_of_its_steps_and_the_rest_is_looked_at_in_the_end():
    method, model, ctx = begun(
        [3.0, 2.0, 2.5], epochs=2, looks=3
    )  # six steps: a look after two; a seventh is left over
    told, left_at = walked(method, model, ctx, [0, 2, 4, 10, 12])
    assert ctx.looked_at[:4] == [1.0, 7.0, 12.0, 0.0]
    # 7 is the lowest, and the valley has not begun: the mean is that of it and the one after it
    assert told["bound"] is None and told["steps"] == 3 and left_at == pytest.approx((4 + 10 + 12) / 3)


def test_where_the_loss_falls_on_it_begins_anew():
    # it rests at 10, and the bound is 13.2; but 1.3 * 7 is less than 10
    told, left_at = average([10, 10.5, 10, 7, 7.5, 7.1])
    assert told["bound"] == pytest.approx(1.3 * 7.2) and told["steps"] == 3 and left_at == 4.0


def test_losses_that_fall_to_the_end_leave_the_last_segment():
    assert average([5, 4, 3])[1] == 2.0


@pytest.mark.parametrize(("start", "mean", "moved"), [(2.0, 2.6, True), (2.0, 2.7, False), (3.0, 1.0, True)])
def test_the_best_point_stays_where_the_mean_is_worse_than_the_start_by_more_than_the_tolerance(start, mean, moved):
    told, left_at = average([5, 4, 3], end=(start, mean))
    assert told["moved"] == moved and left_at == (2.0 if moved else -1.0)


def test_where_nothing_was_finite_the_best_point_stays():
    told, left_at = average([math.inf, math.inf])
    assert left_at == -1.0 and not told["moved"] and told["losses"] == [None, None]
    assert average([]) == ({"losses": [], "bound": None, "steps": 0, "moved": False}, -1.0)


def by_the_paper(losses, first, patience, tolerance, after=0):
    """Numbers of the looks that algorithm 1 averages, those above its bound left out; it begins anew far below."""
    count = len(losses)
    starts = (at for at in range(after, count - first + 1) if losses[at] == min(losses[at : at + first]))
    if (start := next(starts, None)) is None:
        return list(range(losses.index(min(losses[after:])), count))
    bound, end = tolerance * sum(losses[start : start + first]) / first, count - 1
    for at in range(start + 1, count):
        if at - start > patience and min(losses[at - patience : at]) > bound:
            end = at - 1
            break
        if losses[at] * tolerance < losses[start]:
            return by_the_paper(losses, first, patience, tolerance, at)
    return [at for at in range(start, end + 1) if losses[at] <= bound]


@pytest.mark.parametrize("seed", range(40))
def test_it_averages_what_the_algorithm_of_the_paper_does(seed):
    rng = np.random.default_rng(seed)
    losses = rng.uniform(0.8, 1.2, 12).tolist()
    first, patience, tolerance = int(rng.integers(2, 5)), int(rng.integers(1, 5)), float(rng.uniform(1.0, 1.2))
    settings = {"optimum_patience": first, "overfit_patience": patience, "tolerance": tolerance}
    places = rng.normal(size=12).astype(np.float32)
    expected = places[by_the_paper(losses, first, patience, tolerance)]
    told, left_at = average(losses, places.tolist(), **settings)
    assert told["steps"] == len(expected) and left_at == pytest.approx(float(expected.mean()), abs=1e-5)


@pytest.mark.parametrize("at", range(1, 9))
def test_what_it_carries_survives_a_checkpoint_anywhere(at):
    losses, places, settings = [9, 7, 4, 5, 6, 8, 6, 7, 5], [3, 1, 4, 1, 5, 9, 2, 6, 5], {"overfit_patience": 2}
    whole = average(losses, places, **settings)
    method, model, ctx = begun(losses, **settings)
    for place in places[:at]:
        with torch.no_grad():
            model.place.fill_(float(place))
        method.on_step_end(model, ctx)
    again, model, _ = begun([], **settings)
    again.load_state({name: value.clone() for name, value in method.state().items()})
    assert walked(again, model, ctx, places[at:]) == whole
