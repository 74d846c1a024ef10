"""Folders of sentence-transformers: their pooling, their layers after it, their length and prefix."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from backbones.pretrained.text.helpers_text import batch, model_folder, sentence_files
from headstart.backbones.pretrained.find import BackboneOptions, find_card, load
from headstart.core.errors import DataError, ShapeError

NORMALIZE = {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
DENSE = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
MEAN = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}


@pytest.mark.parametrize(
    ("said", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode_lasttoken": True}, "last"),
        ({"embedding_dimension": 16, "pooling_mode": "lasttoken"}, "last"),  # as version 6 writes it
    ],
)
def test_the_pooling_is_the_folders(tmp_path, said, pooling):
    folder = sentence_files(model_folder(tmp_path / "mine"), said)
    assert find_card(str(folder)).options["pooling"] == pooling


@pytest.mark.parametrize(
    "said",
    [{}, {"pooling_mode": "weightedmean"}, {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}],
)
def test_a_pooling_that_is_not_known_is_refused(tmp_path, said):
    folder = sentence_files(model_folder(tmp_path / "mine"), said)
    with pytest.raises(DataError, match="the pooling of .* must be one of"):
        find_card(str(folder))


def test_length_prefix_and_scaling_are_the_folders(tmp_path):
    folder = sentence_files(
        model_folder(tmp_path / "mine"),
        MEAN,
        NORMALIZE,
        sentence_bert_config={"max_seq_length": 40},
        config_sentence_transformers={
            "prompts": {"query": "query: ", "other": ""},
            "default_prompt_name": "query",
        },
    )
    card = find_card(str(folder))
    assert card.preprocessing.max_tokens == 40 and card.preprocessing.prefix == "query: " and card.options["normalised"]
    with torch.inference_mode():
        assert torch.allclose(load(str(folder))(batch(5, 9)).norm(dim=1), torch.ones(2))


def test_several_prompts_without_a_default_are_not_chosen_from(tmp_path):
    folder = sentence_files(
        model_folder(tmp_path / "mine"), MEAN, config_sentence_transformers={"prompts": {"query": "query: "}}
    )
    assert find_card(str(folder)).preprocessing.prefix == ""


def test_a_length_beyond_the_positions_is_cut_to_them(tmp_path):
    folder = sentence_files(model_folder(tmp_path / "mine"), MEAN, sentence_bert_config={"max_seq_length": 5000})
    assert find_card(str(folder)).preprocessing.max_tokens == 64


def dense(folder, activation="torch.nn.modules.activation.Tanh", **tensors):
    (folder / "2_Dense").mkdir()
    document = {"in_features": 16, "out_features": 3, "bias": True, "activation_function": activation}
    (folder / "2_Dense" / "config.json").write_text(json.dumps(document))
    weight = torch.arange(48.0).view(3, 16) / 50
    save_file(
        {"linear.weight": weight, "linear.bias": torch.ones(3), **tensors}, folder / "2_Dense" / "model.safetensors"
    )
    return weight


@torch.inference_mode()
def test_a_dense_layer_with_tanh_comes_after_the_pooling(tmp_path):
    plain = load(str(model_folder(tmp_path / "plain")))(batch(5, 9))
    folder = sentence_files(model_folder(tmp_path / "mine"), MEAN, DENSE)
    weight = dense(folder)
    backbone = load(str(folder))
    assert torch.allclose(backbone(batch(5, 9)), (plain @ weight.T + 1).tanh(), atol=1e-6)
    assert backbone.feature_dim == 3 and backbone.card.sha256 is not None
    assert load(str(folder), expected_sha256=backbone.card.sha256).card == backbone.card


def test_a_dense_layer_of_another_shape_is_told(tmp_path):
    folder = sentence_files(model_folder(tmp_path / "mine"), MEAN, DENSE)
    dense(folder, **{"linear.weight": torch.zeros(4, 16)})
    with pytest.raises(ShapeError, match=r"pool\..*\(4, 16\)"):
        load(str(folder))


def test_an_activation_that_is_not_known_is_refused(tmp_path):
    folder = sentence_files(model_folder(tmp_path / "mine"), MEAN, DENSE)
    dense(folder, activation="torch.nn.modules.activation.GELU")
    with pytest.raises(DataError, match=r"one of the activations \['Identity', 'Tanh'\]; 2_Dense has GELU"):
        find_card(str(folder))


def test_a_module_that_is_not_known_is_refused(tmp_path):
    more = {"idx": 2, "name": "2", "path": "2_LayerNorm", "type": "sentence_transformers.models.LayerNorm"}
    folder = sentence_files(model_folder(tmp_path / "mine"), MEAN, more)
    with pytest.raises(DataError, match=r"must be a Transformer, a Pooling.*'LayerNorm'"):
        find_card(str(folder))


@torch.inference_mode()
def test_the_network_may_lie_in_a_folder_of_its_own(tmp_path):
    """As older versions saved it."""
    outer = tmp_path / "outer"
    model_folder(outer / "0_Transformer")
    sentence_files(outer, MEAN)
    modules = json.loads((outer / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    (outer / "modules.json").write_text(json.dumps(modules))
    expected = load(str(model_folder(tmp_path / "plain")))(batch(5))
    backbone = load(str(outer), options=BackboneOptions())
    assert torch.equal(backbone(batch(5)), expected) and "tokenizer.json" in backbone.assets
