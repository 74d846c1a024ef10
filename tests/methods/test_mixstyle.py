"""MixStyle: statistics by hand and by NumPy, partners, and where in a network it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.methods.mixstyle import MixStyle, MixStyleConfig, mixed_styles, partners
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import TinyContext, TinyModel, a_batch


def test_a_channel_between_two_styles_by_hand():
    # means 2 and 10, spreads 1 and 4. Half of each: mean 6, spread 2.5; a quarter of the other's own: 4 and 1.75
    maps = torch.tensor([[[[1.0, 3.0]]], [[[6.0, 14.0]]]])
    found = mixed_styles(maps, torch.tensor([1, 0]), torch.tensor([0.5, 0.25]))
    assert found[0].flatten().tolist() == pytest.approx([3.5, 8.5], abs=1e-4)
    assert found[1].flatten().tolist() == pytest.approx([4 - 1.75, 4 + 1.75], abs=1e-4)


def test_all_of_its_own_style_changes_nothing_and_none_of_it_is_the_other_style():
    draw = torch.Generator().manual_seed(0)
    maps = torch.randn(3, 4, 5, 6, generator=draw) * 3 + 1
    others = torch.tensor([2, 0, 1])
    assert torch.allclose(mixed_styles(maps, others, torch.ones(3)), maps, atol=1e-5)
    found = mixed_styles(maps, others, torch.zeros(3))
    assert torch.allclose(found.mean((2, 3)), maps[others].mean((2, 3)), atol=1e-5)
    assert torch.allclose(found.std((2, 3)), maps[others].std((2, 3)), atol=1e-4)


def slowly(values, others, shares, mask):
    """Row by row and channel by channel; ``values`` ``(B, T, F, C)``, padded times stay."""
    found = values.copy()
    for row, other in enumerate(others):
        for channel in range(values.shape[3]):
            own, lent = values[row, mask[row], :, channel], values[other, mask[other], :, channel]
            mean = shares[row] * own.mean() + (1 - shares[row]) * lent.mean()
            spread = shares[row] * np.sqrt(own.var() + 1e-6) + (1 - shares[row]) * np.sqrt(lent.var() + 1e-6)
            found[row, mask[row], :, channel] = (own - own.mean()) / np.sqrt(own.var() + 1e-6) * spread + mean
    return found


def test_of_recordings_padded_times_neither_count_nor_change():
    rng = np.random.default_rng(0)
    values, mask = rng.normal(2, 3, (3, 5, 4, 2)).astype(np.float32), np.arange(5) < np.array([[5], [3], [4]])
    others, shares = np.array([1, 2, 0]), np.array([0.2, 0.9, 0.5], np.float32)
    expected = slowly(values.astype(np.float64), others, shares.astype(np.float64), mask)
    tensors = (torch.from_numpy(each) for each in (values, others, shares))
    found = mixed_styles(*tensors, channels=3, mask=torch.from_numpy(mask))
    assert found.numpy() == pytest.approx(expected, abs=1e-5) and found.dtype == torch.float32


def test_statistics_are_constants_in_the_gradient():
    maps = torch.tensor([[[[1.0, 3.0]]], [[[6.0, 14.0]]]], requires_grad=True)
    mixed_styles(maps, torch.tensor([1, 0]), torch.tensor([0.5, 0.5]))[0, 0, 0, 0].backward()
    # (x - 2) / 1 * 2.5 + 6: the slope is 2.5 for the point itself and nothing for any other
    assert maps.grad.flatten().tolist() == pytest.approx([2.5, 0, 0, 0], abs=1e-4)


def test_maps_that_do_not_vary_stay_finite():
    maps = torch.ones(2, 3, 4, 4).half()
    found = mixed_styles(maps, torch.tensor([1, 0]), torch.tensor([0.3, 0.6]))
    assert found.isfinite().all() and found.dtype == torch.float16


def test_partners_are_others_and_follow_from_the_rows_not_from_their_order():
    rows = np.array([7, 3, 9, 1, 5])
    seen = set()
    for seed in range(40):
        found = partners(rows, None, np.random.default_rng(seed))
        assert (found != np.arange(5)).all()
        turned = np.array([4, 0, 3, 1, 2])
        again = partners(rows[turned], None, np.random.default_rng(seed))
        assert rows[turned][again].tolist() == rows[found][turned].tolist()
        seen |= {(int(rows[at]), int(rows[other])) for at, other in enumerate(found)}
    assert len(seen) == 5 * 4  # any other one


def test_partners_are_of_another_domain_where_there_is_one():
    rows, domains = np.arange(6), np.array([0, 1, 0, 2, 1, 0])
    for seed in range(20):
        found = partners(rows, domains, np.random.default_rng(seed))
        assert (domains[found] != domains).all()
        alone = partners(rows, np.zeros(6, np.int64), np.random.default_rng(seed))
        assert (alone != rows).all()


def stepped(batch=None, domains=None, boundary=0, steps=0, **settings):
    method, model, ctx = MixStyle(MixStyleConfig(**settings)), TinyModel(boundary), TinyContext()
    ctx.domains = domains
    method.prepare(model, ctx)
    for _ in range(steps):
        method.on_step_end(model, ctx)
    batch = a_batch() if batch is None else batch
    return method, model, batch, method.step(model, batch, TaskObjective("class", 3), 0).total.item()


def test_only_boundaries_that_hold_maps_are_mixed():
    assert stepped()[0].places == (1,)  # behind the stem; then comes the pooling
    assert stepped(boundary=1)[0].places == (1,)


def test_without_a_chance_it_is_the_plain_loss_and_with_one_it_is_not():
    method, model, batch, loss = stepped(chance=0.0)
    plain = TaskObjective("class", 3)(model(batch), batch).item()
    assert loss == pytest.approx(plain, rel=1e-6)
    assert abs(stepped(chance=1.0)[3] - plain) > 1e-3


def test_one_example_has_nobody_to_mix_with():
    _, model, batch, loss = stepped(a_batch(rows=1), chance=1.0)
    assert loss == pytest.approx(TaskObjective("class", 3)(model(batch), batch).item(), rel=1e-6)


def test_each_step_draws_anew_and_the_same_again():
    losses = [stepped(chance=1.0, steps=steps)[3] for steps in range(4)]
    assert len(set(losses)) == 4 and losses[2] == stepped(chance=1.0, steps=2)[3]


def test_values_may_enter_at_the_boundary_where_they_are_mixed():
    from dataclasses import replace

    _, model, batch, whole = stepped(chance=1.0, boundary=1)
    entered = model.backbone.run(model.backbone.enter(batch.values), 0, 1).values.detach()
    assert stepped(replace(batch, values=entered, start=1), chance=1.0, boundary=1)[3] == pytest.approx(whole, rel=1e-5)


def test_domains_are_those_of_the_rows_of_the_batch():
    # row 4 alone is of another domain: all others take its style, and it takes that of any
    apart = stepped(chance=1.0, domains=np.array([0, 0, 0, 0, 1]))[3]
    assert apart != stepped(chance=1.0, domains=np.array([0, 0, 0, 0, 0]))[3]
