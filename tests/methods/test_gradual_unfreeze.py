from __future__ import annotations

import pytest

from headstart.methods.gradual_unfreeze import GradualUnfreeze, GradualUnfreezeConfig
from methods.helpers_training import TinyContext, TinyModel


def boundaries(top, bottom, epochs):
    """The boundary of each epoch, as the engine follows them."""
    method = GradualUnfreeze(GradualUnfreezeConfig(freeze=bottom, epochs=epochs))
    model, ctx, found = TinyModel(top), TinyContext(epochs=epochs), []
    for ctx.epoch in range(epochs):
        change = method.on_epoch_start(model, ctx)
        assert not change.restart
        model.boundary = model.boundary if change.boundary is None else change.boundary
        found.append(model.boundary)
    return found


@pytest.mark.parametrize(
    ("top", "bottom", "epochs", "expected"),
    [
        (3, 0, 6, [3, 2, 1, 0, 0, 0]),
        (9, 0, 6, [9, 6, 3, 0, 0, 0]),
        (5, 1, 3, [5, 1, 1]),
        (4, 4, 6, [4] * 6),
        (7, 2, 1, [2]),
    ],
)
def test_stages_join_by_hand(top, bottom, epochs, expected):
    assert boundaries(top, bottom, epochs) == expected


@pytest.mark.parametrize("epochs", [2, 3, 4, 6, 10, 17])
@pytest.mark.parametrize(("top", "bottom"), [(4, 0), (13, 0), (12, 5), (3, 2), (6, 6), (40, 1)])
def test_the_boundary_never_rises_and_ends_where_it_should(top, bottom, epochs):
    found = boundaries(top, bottom, epochs)
    assert found[0] == top and found[-1] == bottom
    assert found == sorted(found, reverse=True)
    assert found[-max(1, epochs // 3) :] == [bottom] * max(1, epochs // 3)


def test_an_epoch_in_which_nothing_joins_changes_nothing():
    method, ctx = GradualUnfreeze(GradualUnfreezeConfig(freeze=1)), TinyContext()
    ctx.epoch = 5
    assert method.on_epoch_start(TinyModel(1), ctx).boundary is None
    assert method.on_epoch_start(TinyModel(2), ctx).boundary == 1


def test_it_begins_at_the_top():
    assert GradualUnfreeze.begins == "top"


def test_of_several_cycles_the_first_unfreezes_so_that_a_training_can_be_gone_on_with():
    def boundaries(epochs, cycles):
        model, found = TinyModel(4), []
        method = GradualUnfreeze(GradualUnfreezeConfig(freeze=1, cycles=cycles))
        for epoch in range(epochs):
            ctx = TinyContext(epochs=epochs)
            ctx.epoch = epoch
            change = method.on_epoch_start(model, ctx)
            model.boundary = model.boundary if change.boundary is None else change.boundary
            found.append(model.boundary)
        return found

    assert boundaries(12, 2)[:6] == boundaries(6, 1)
    assert boundaries(12, 2)[6:] == [1] * 6
