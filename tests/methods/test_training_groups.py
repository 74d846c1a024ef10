from __future__ import annotations

import pytest
from torch import nn

from headstart.methods.training.base import Training
from headstart.methods.training.groups import groups_by_stage, split_by_decay
from headstart.methods.training.settings import TrainConfig
from methods.helpers_training import TinyModel, by_name, prepared


def test_groups_run_from_the_head_to_the_first_stage_each_slower_than_the_one_above():
    scales = {group.name: group.lr_scale for group in groups_by_stage(TinyModel(), 0.5, 10.0)}
    assert scales == {
        "head": 10.0,
        "head/vectors": 10.0,
        "ln/vectors": 1.0,
        "body": 0.5,
        "body/vectors": 0.5,
        "stem": 0.25,  # the pool between has no parameters and costs no factor
        "stem/vectors": 0.25,
    }
    assert list(scales)[0] == "head" and list(scales)[-1] == "stem/vectors"


def test_weight_decay_is_on_matrices_and_kernels_only():
    for group in groups_by_stage(TinyModel()):
        assert {value.ndim > 1 for value in group.parameters} == {group.decays}
    model = TinyModel()
    decaying = [value for group in groups_by_stage(model) if group.decays for value in group.parameters]
    network = "backbone.network"
    assert by_name(model, decaying) == [
        f"{network}.conv.weight",
        f"{network}.fc.weight",
        f"{network}.out.weight",
        "head.weight",
    ]


def test_every_parameter_is_in_one_group():
    model = TinyModel()
    found = [value for group in groups_by_stage(model) for value in group.parameters]
    assert by_name(model, found) == sorted(name for name, _ in model.named_parameters())


@pytest.mark.parametrize(
    ("boundary", "stages"),
    [(1, {"head", "body", "ln"}), (2, {"head", "body", "ln"}), (3, {"head", "ln"}), (4, {"head"})],
)
def test_frozen_stages_are_in_no_group(boundary, stages):
    names = {group.name.removesuffix("/vectors") for group in groups_by_stage(TinyModel(boundary), 0.5)}
    assert names == stages


def test_names_of_groups_are_unique():
    names = [group.name for group in groups_by_stage(TinyModel())]
    assert len(names) == len(set(names))


def test_parameters_of_one_shape_make_one_group():
    vector, matrix = nn.Parameter(nn.init.ones_(TinyModel().head.bias.detach().clone())), TinyModel().head.weight
    assert [(group.name, group.decays) for group in split_by_decay("a", [vector], 2.0)] == [("a/vectors", False)]
    assert [(group.name, group.decays) for group in split_by_decay("a", [matrix], 2.0)] == [("a", True)]
    assert split_by_decay("a", [], 1.0) == []


def test_a_method_takes_scales_from_its_settings():
    method = Training(TrainConfig(stage_decay=0.1, head_lr_scale=3.0))
    model, _ = prepared(method)
    scales = {group.name: group.lr_scale for group in method.param_groups(model)}
    assert (scales["head"], scales["ln/vectors"], scales["body"]) == (3.0, 1.0, 0.1)
    assert scales["stem"] == pytest.approx(0.01)
