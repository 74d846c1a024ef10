from __future__ import annotations

import pytest
import torch

from headstart.core.boundary import Boundary
from headstart.methods.ldifs import Ldifs, LdifsConfig, relative_distance, stage_features
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import TinyBackbone, TinyContext, TinyModel, a_batch


class SlicedBackbone(TinyBackbone):
    """With what a method may ask of a real one."""

    variable_axis = None

    def unpack(self, values, number):
        return Boundary(values)

    def run(self, boundary, start, stop):
        for stage in self.stage_list[start:stop]:
            boundary = stage.apply(self.network, boundary)
        return boundary


def started(boundary=0, **settings):
    model = TinyModel(boundary)
    model.backbone = SlicedBackbone()
    model.eval()
    method = Ldifs(LdifsConfig(**settings))
    method.prepare(model, TinyContext())
    return method, model


def stepped(method, model):
    return method.step(model, a_batch(), TaskObjective("class", 3), 0)


def test_a_known_distance_is_what_arithmetic_says():
    before = [torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[2.0]])]
    now = [torch.tensor([[3.0, 6.0], [1.0, 0.0]]), torch.tensor([[5.0]])]
    # Stage one moved by 4 + 1 of 9 + 16, stage two by 9 of 4.
    assert relative_distance(now, before).item() == pytest.approx((5 / 25 + 9 / 4) / 2)


def test_features_of_zero_count_by_their_plain_distance():
    assert relative_distance([torch.tensor([[2.0]])], [torch.tensor([[0.0]])]).item() == 4


def test_the_unit_of_a_stage_does_not_matter():
    draw = torch.Generator().manual_seed(0)
    now, before = torch.randn(4, 3, generator=draw), torch.randn(4, 3, generator=draw)
    one, same = relative_distance([now], [before]), relative_distance([1000 * now], [1000 * before])
    assert one.item() == pytest.approx(same.item(), rel=1e-5)


def test_features_of_each_stage_are_averaged_and_the_last_are_the_pooled_ones():
    _, model = started()
    batch = a_batch()
    found = stage_features(model.backbone, Boundary(batch.values), 0)
    assert [tuple(each.shape) for each in found] == [(5, 6), (5, 6), (5, 4), (5, 4)]
    maps = model.backbone.network.bn(model.backbone.network.conv(batch.values))
    assert torch.allclose(found[0], maps.mean((2, 3)), atol=1e-6)
    assert torch.allclose(found[-1], model.features(batch), atol=1e-6)


def test_padded_positions_do_not_count():
    _, model = started()
    model.backbone.variable_axis = 1
    model.backbone.stage_list = model.backbone.stage_list[3:]
    model.backbone.stages = ("ln",)
    values, mask = torch.randn(1, 3, 4), torch.tensor([[True, True, False]])
    found = stage_features(model.backbone, Boundary(values, mask), 0)[0]
    assert torch.allclose(found, model.backbone.network.ln(values)[:, :2].mean(1), atol=1e-6)


def test_at_the_start_nothing_is_added():
    found = stepped(*started())
    assert found.parts["ldifs"].item() == 0 and found.total.item() == found.parts["loss"].item()


def test_a_step_adds_alpha_times_the_distance_and_pulls_back():
    method, model = started(alpha=3.0)
    shift = model.backbone.network.ln.bias
    with torch.no_grad():
        shift += 1
    found = stepped(method, model)
    before = method.pretrained.run(Boundary(a_batch().values), 0, 4).values
    expected = 5 * 4 / before.square().sum() / 4  # of four stages the last alone moved, by 1 in each of 5 x 4 features
    assert found.parts["ldifs"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert found.total.item() == pytest.approx((found.parts["loss"] + 3 * expected).item(), rel=1e-5)
    (found.total - found.parts["loss"]).backward(retain_graph=True)
    assert all(value.grad is None for value in method.pretrained.parameters())


def test_the_loss_is_that_of_the_model():
    method, model = started()
    objective, batch = TaskObjective("class", 3), a_batch()
    assert stepped(method, model).parts["loss"].item() == pytest.approx(objective(model(batch), batch).item(), rel=1e-6)


def test_frozen_stages_are_not_compared():
    method, model = started(boundary=3)
    with torch.no_grad():
        model.backbone.network.fc.weight += 1  # below the boundary: it cannot happen in a training, and is not seen
    assert stepped(method, model).parts["ldifs"].item() == 0


def test_the_copy_stays_as_it_was():
    method, model = started()
    with torch.no_grad():
        for value in model.backbone.parameters():
            value.zero_()
    assert all(value.abs().sum() > 0 for value in method.pretrained.network.parameters())
    assert not any(module.training for module in method.pretrained.modules())
