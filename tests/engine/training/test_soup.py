"""Averages of trained networks: by hand, and what must hold of them."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.training.helpers_training import KINDS, backbone_of, frozen_names, job_of, same, tensors_of, trainer_of
from headstart.core.learning import Fitted
from headstart.engine.training.job import Trained
from headstart.engine.training.soup import soup_of
from headstart.methods.linear import linear_outputs


def trained(method="lp_ft", **options):
    return trainer_of(method, **{"epochs": 2, "lr": 3e-3, **options}).run()


def somewhere(seed, boundary=2, kind="class"):
    """A training that came to a random place near the start, with a random head."""
    rng = np.random.default_rng(seed)
    job, _ = job_of(kind=kind)
    backbone = copy.deepcopy(job.backbone)
    frozen = frozen_names(backbone, boundary)
    with torch.no_grad():
        for name, value in backbone.network.named_parameters():
            if name not in frozen:
                value.add_(torch.from_numpy(rng.normal(0, 0.02, value.shape)).to(value.dtype))
    width = job.train_targets.width
    arrays = {"weight": rng.normal(size=(width, backbone.feature_dim)), "bias": rng.normal(size=width)}
    fitted = Fitted({name: each.astype(np.float32) for name, each in arrays.items()}, {"method": "lp_ft"})
    report = {"end": {}, "boundary": boundary}
    return Trained(backbone.eval(), fitted, 1, True, np.zeros((len(job.val_rows), width)), report)


def test_weights_and_heads_are_the_means_of_their_members():
    members = [somewhere(1), somewhere(2, boundary=3), somewhere(3)]
    found = soup_of(job_of()[0], members)
    points = [tensors_of(each.backbone) for each in members]
    differing = 0
    for name, value in tensors_of(found.backbone).items():
        if value.is_floating_point():
            expected = sum(point[name].double() for point in points) / 3
            torch.testing.assert_close(value.double(), expected, rtol=1e-5, atol=1e-6)
            differing += not torch.equal(points[0][name], points[1][name])
    assert differing > 5
    factor = 1 / found.report["temperature"]
    for name in ("weight", "bias"):
        expected = factor * np.mean([each.fitted.arrays[name] for each in members], axis=0)
        np.testing.assert_allclose(found.fitted.arrays[name], expected, rtol=1e-4, atol=1e-6)


def test_what_no_member_changed_stays_to_the_last_bit():
    members = [somewhere(1), somewhere(2, boundary=3), somewhere(3)]
    found, before = tensors_of(soup_of(job_of()[0], members).backbone), tensors_of(backbone_of())
    frozen = frozen_names(backbone_of(), 2)
    assert all(torch.equal(found[name], before[name]) for name in frozen)
    assert any(not torch.equal(found[name], before[name]) for name in found.keys() - frozen)


def test_a_soup_of_one_and_the_same_training_is_that_training():
    one = trained()
    found = soup_of(job_of()[0], [one, one, one])
    assert same(tensors_of(found.backbone), tensors_of(one.backbone))
    np.testing.assert_allclose(
        found.val_outputs, one.val_outputs, rtol=1e-2, atol=1e-3
    )  # its temperature is found anew
    assert found.report["end"]["val_loss"] == pytest.approx(one.report["end"]["val_loss"], abs=1e-5)


def test_members_are_not_changed_and_the_same_members_give_the_same_bits():
    members = [somewhere(1), somewhere(2)]
    before = [tensors_of(each.backbone) for each in members]
    one, other = (soup_of(job_of()[0], members) for _ in range(2))
    assert all(same(tensors_of(each.backbone), point) for each, point in zip(members, before, strict=True))
    assert same(tensors_of(one.backbone), tensors_of(other.backbone))
    np.testing.assert_array_equal(one.fitted.arrays["weight"], other.fitted.arrays["weight"])


@pytest.mark.parametrize("method", ["lora", "ssf", "bitfit"])
def test_what_a_method_added_is_merged_before_it_is_averaged(method):
    found = soup_of(job_of()[0], [trained(), trained(method)])
    assert tensors_of(found.backbone).keys() == tensors_of(backbone_of()).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_gives_the_outputs_on_the_features_of_the_averaged_network(kind):
    job, _ = job_of(kind=kind)
    found = soup_of(job, [somewhere(1, kind=kind), somewhere(2, kind=kind)])
    with torch.no_grad():
        batch = job.feed.boundary(job.boundary, 0)[torch.from_numpy(job.val_rows)]
        whole = found.backbone.run(found.backbone.unpack(batch, job.boundary), job.boundary, len(job.backbone.stages))
    outputs = linear_outputs(found.fitted, whole.values.numpy())
    np.testing.assert_allclose(found.val_outputs, outputs, rtol=1e-3, atol=1e-3)
    assert found.moved and found.fitted.spec["method"] == "lp_ft"


def test_it_has_moved_where_one_member_has():
    one = replace(trained(), moved=False)
    assert not soup_of(job_of()[0], [one, one]).moved
    assert soup_of(job_of()[0], [one, replace(one, moved=True)]).moved
