from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError
from headstart.core.plugins import load, names
from headstart.methods.bss import BssConfig
from headstart.methods.fine_tune import FineTuneConfig
from headstart.methods.from_scratch import FromScratchConfig
from headstart.methods.gradual_unfreeze import GradualUnfreezeConfig
from headstart.methods.greedy_soup import GreedySoupConfig
from headstart.methods.l2_sp import L2SpConfig
from headstart.methods.lora import LoraConfig
from headstart.methods.training.settings import TrainConfig, changed

TRAINED = [name for name in names("methods") if load("methods", name).kind == "train"]
OUTSIDE = [
    ("head_lr_scale", -1),
    ("head_lr_scale", 0),
    ("lr", 0),
    ("lr", "fast"),
    ("epochs", 0),
    ("batch_size", 0),
    ("head_lr_scale", 0),
    ("stage_decay", 1.5),
    ("weight_decay", -0.1),
    ("cycles", 0),
    ("warmup", 1),
    ("patience", 0),
    ("views", -1),
    ("label_smoothing", 1),
    ("norm", "none"),
    ("optimizer", "adam"),
]


@pytest.mark.parametrize("method", TRAINED)
@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_bounds_hold_in_every_method(method, name, value):
    with pytest.raises(ConfigError, match=rf"config\.{name}"):
        load("methods", method).config.parse({name: value})


@pytest.mark.parametrize("method", TRAINED)
def test_descriptions_are_those_of_all_methods(method):
    fields = load("methods", method).config.model_fields
    for name, field in TrainConfig.model_fields.items():
        assert fields[name].description == field.description


@pytest.mark.parametrize("method", TRAINED)
@pytest.mark.parametrize("name", ["lr", "views", "freeze", "keep", "loader_workers", "precision", "augmentation"])
def test_auto_is_accepted_and_kept(method, name):
    assert getattr(load("methods", method).config.parse({name: "auto"}), name) == "auto"


@pytest.mark.parametrize("method", TRAINED)
def test_settled_settings_are_valid_again(method):
    config = load("methods", method).config
    settled = config().model_dump() | {"lr": 1e-3, "views": 0, "freeze": 2, "keep": False, "loader_workers": 0}
    assert config(**settled).model_dump() == settled


def test_an_unknown_key_is_an_error_that_names_the_nearest():
    with pytest.raises(ConfigError, match="head_lr_scale"):
        LoraConfig.parse({"usual_rl": 1e-3})
    with pytest.raises(ConfigError, match="rank"):
        TrainConfig.parse({"rank": 4})


def test_defaults_that_methods_change():
    assert (FineTuneConfig().usual_epochs, FineTuneConfig().head_lr_scale, FineTuneConfig().stage_decay) == (
        6,
        10.0,
        0.6,
    )
    assert (LoraConfig().weight_decay, LoraConfig().rank) == (0.0, 8)
    assert (FromScratchConfig().freeze, FromScratchConfig().norm) == (0, "batch")
    assert (GreedySoupConfig().usual_epochs, GreedySoupConfig().cycles, GreedySoupConfig().patience) == (9, 3, 1000)
    assert (L2SpConfig().weight_decay, GradualUnfreezeConfig().stage_decay) == (0.0, 0.8)


def test_changing_a_default_leaves_the_common_one():
    assert changed("usual_epochs", 99).default == 99
    assert TrainConfig.model_fields["usual_epochs"].default == TrainConfig().usual_epochs == 4
    assert BssConfig().usual_epochs == 4 and BssConfig().weight_decay == 0.01


@pytest.mark.parametrize(
    ("config", "name", "value"), [(LoraConfig, "rank", 0), (LoraConfig, "alpha", 0), (BssConfig, "smallest", 0)]
)
def test_bounds_of_a_methods_own_settings(config, name, value):
    with pytest.raises(ConfigError, match=name):
        config.parse({name: value})
