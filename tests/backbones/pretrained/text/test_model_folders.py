"""Folders of transformers: complete, split, older, and everything that can be wrong with them."""

from __future__ import annotations

import json
import warnings

import pytest
import torch
from safetensors.torch import load_file, save_file

from backbones.pretrained.text.helpers_text import (
    WORDS,
    batch,
    edited,
    library_model,
    model_folder,
    tokenizer_json,
)
from headstart.backbones.pretrained.find import BackboneOptions, find_card, load
from headstart.backbones.pretrained.load import load_card
from headstart.core.errors import ConfigError, DataError, IntegrityError, ShapeError
from headstart.core.files import sha256_file, sha256_json


@pytest.fixture
def folder(tmp_path):
    return model_folder(tmp_path / "mine")


def test_the_card_says_what_the_folder_says(folder):
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: mit\ntags: [a]\n---\n# Mine\nlicense: other\n")
    card = find_card(str(folder))
    assert (card.modality, card.library, card.family, card.architecture) == (
        "text",
        "transformers",
        "bert_like",
        "bert",
    )
    assert card.source == "transformers_local" and card.location == str(folder.resolve()) and card.licence == "mit"
    assert card.preprocessing.max_tokens == 64  # its positions: fewer than 512, and nothing else is said
    assert card.options["pooling"] == "mean" and not card.options["normalised"]
    assert card.feature_dim == 16 and card.stages == ("embeddings", "layers.0", "layers.1", "pool")
    assert not {"architectures", "transformers_version", "dtype", "id2label"} & set(card.options["config"])
    assert type(card).parse(json.loads(json.dumps(card.to_dict()))) == card


def test_weights_are_pinned_by_their_sha256(folder):
    backbone = load(str(folder))
    assert backbone.card.sha256 == sha256_file(folder / "model.safetensors")
    load_card(backbone.card)
    tensors = load_file(folder / "model.safetensors")
    save_file({name: value + 1 for name, value in tensors.items()}, folder / "model.safetensors")
    with pytest.raises(IntegrityError, match="must have sha256"):
        load_card(backbone.card)


def test_a_tokenizer_that_was_replaced_is_told(folder):
    card = find_card(str(folder))
    (folder / "tokenizer.json").write_text(tokenizer_json([*WORDS[:-1], "other"]))
    with pytest.raises(IntegrityError, match="tokenizer of .* must have sha256"):
        load_card(card)


@torch.inference_mode()
@pytest.mark.parametrize("head", ["BertForMaskedLM", "BertForSequenceClassification"])
def test_heads_are_left_out_and_the_rest_is_the_network(tmp_path, head):
    import transformers

    cls = getattr(transformers, head)
    folder = model_folder(tmp_path / "with_head", cls=cls)
    own = library_model("bert_like", cls=cls).bert(batch(5)[:, :, 0].long()).last_hidden_state.mean(1)
    backbone = load(str(folder))
    assert torch.allclose(backbone(batch(5)), own, atol=1e-6)
    assert not any("classifier" in name or "pooler" in name for name in backbone.network.state_dict())


@torch.inference_mode()
def test_a_t5_encoder_saved_without_its_decoder_is_the_same_network(tmp_path):
    import transformers

    alone = model_folder(tmp_path / "alone", "t5_encoder", 0, transformers.T5EncoderModel)
    network = library_model("t5_encoder", 0, transformers.T5EncoderModel)
    own = network(batch(5)[:, :, 0].long()).last_hidden_state.mean(1)
    assert torch.allclose(load(str(alone))(batch(5)), own, atol=1e-6)


@torch.inference_mode()
def test_an_archive_of_tensors_gives_the_same_network(folder):
    expected = load(str(folder))(batch(5))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert torch.equal(load(str(folder))(batch(5)), expected)


@torch.inference_mode()
def test_weights_in_several_files_are_read_together_and_all_of_them_counted(folder):
    expected = load(str(folder))(batch(5))
    tensors = load_file(folder / "model.safetensors")
    parts = {"a.safetensors": {}, "b.safetensors": {}}
    for number, (name, value) in enumerate(tensors.items()):
        parts[list(parts)[number % 2]][name] = value
    for file, content in parts.items():
        save_file(content, folder / file)
    index = {"weight_map": {name: file for file, content in parts.items() for name in content}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "model.safetensors").unlink()
    backbone = load(str(folder))
    assert torch.equal(backbone(batch(5)), expected)
    assert backbone.card.sha256 == sha256_json([sha256_file(folder / file) for file in parts])
    save_file({name: value + 1 for name, value in parts["b.safetensors"].items()}, folder / "b.safetensors")
    with pytest.raises(IntegrityError, match="must have sha256"):
        load_card(backbone.card)
    (folder / "b.safetensors").unlink()
    with pytest.raises(DataError, match=r"b\.safetensors is missing"):
        load(str(folder))


@torch.inference_mode()
def test_half_precision_weights_become_float32(folder):
    tensors = load_file(folder / "model.safetensors")
    save_file({name: value.bfloat16() for name, value in tensors.items()}, folder / "model.safetensors")
    edited(folder / "config.json", dtype="bfloat16")
    network = load(str(folder)).network
    assert {value.dtype for value in network.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("config.json", "must hold config.json"),
        ("model.safetensors", r"must hold one of \['model.safetensors'"),
        ("tokenizer.json", "must hold tokenizer.json or one of"),
    ],
)
def test_a_folder_that_lacks_a_file_is_told_which(folder, file, says):
    (folder / "tokenizer_config.json").write_text("{}")
    (folder / file).unlink()
    with pytest.raises(DataError, match=says):
        load(str(folder))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "config.json must be JSON"),
        (b"[]", "must name a 'model_type'"),
        (b'{"hidden_size": 16}', "must name a 'model_type'"),
    ],
)
def test_a_config_that_says_nothing_is_told(folder, content, says):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(DataError, match=says):
        load(str(folder))


def test_a_kind_that_the_library_does_not_have_is_refused_and_its_code_is_not_run(folder):
    (folder / "modeling_mine.py").write_text("raise AssertionError('code from a folder was run')")
    edited(folder / "config.json", model_type="mine", auto_map={"AutoModel": "modeling_mine.Mine"})
    with pytest.raises(ConfigError, match="one that transformers has.*Code that comes .* is never run") as error:
        load(str(folder))
    assert len(str(error.value)) < 500  # not the library's several hundred names


def test_a_network_for_pictures_is_no_text_network(folder):
    edited(folder / "config.json", model_type="vit", vocab_size=None)
    with pytest.raises(ConfigError, match="must take texts or recordings; a 'vit' takes neither"):
        load(str(folder))


def test_values_that_a_kind_does_not_take_are_told(folder):
    edited(folder / "config.json", num_attention_heads="many")
    with pytest.raises(ConfigError, match="must be one that a bert model takes"):
        load(str(folder))


@pytest.mark.parametrize(
    ("words", "highest", "rows"),
    [([*WORDS, "one", "more"], 51, 50), (WORDS[:20], 19, 50)],
)
def test_a_tokenizer_of_another_network_is_told_with_both_numbers(folder, words, highest, rows):
    (folder / "tokenizer.json").write_text(tokenizer_json(words))
    with pytest.raises(DataError, match=rf"must fit its network.*numbered up to {highest}.*rows for {rows}"):
        load(str(folder))


def test_a_tokenizer_without_its_special_tokens_is_told(folder):
    (folder / "tokenizer.json").write_text(tokenizer_json(marks_ends=False))
    with pytest.raises(DataError, match="adds no special token"):
        load(str(folder))


def test_a_decoder_needs_no_tokens_at_the_ends(tmp_path):
    card = find_card(str(model_folder(tmp_path, "decoder", marks_ends=False)))
    assert card.family == "decoder" and card.options["pooling"] == "last"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{}", b"not json"])
def test_a_damaged_tokenizer_is_told(folder, content):
    (folder / "tokenizer.json").write_bytes(content)
    with pytest.raises(DataError, match=r"tokenizer\.json of .* must be a tokenizer"):
        load(str(folder))


def test_older_vocabulary_files_are_turned_into_a_tokenizer(folder):
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join([*WORDS[:4], "[MASK]", *WORDS[4:-1]]))
    backbone = load(str(folder))
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(backbone.assets["tokenizer.json"].decode())
    assert tokenizer.encode("Word1 word2").ids == [2, 6, 7, 3]  # lower case, between [CLS] and [SEP]
    assert find_card(str(folder)) == backbone.card.model_copy(update={"sha256": None})  # the same bytes each time


def test_weights_of_another_width_name_the_first_differences(folder):
    edited(folder / "config.json", intermediate_size=32)
    with pytest.raises(ShapeError, match=r"encoder\.layer\.0\.intermediate\.dense\.bias: \(24,\) instead of \(32,\)"):
        load(str(folder))


def test_weights_of_a_deeper_network_are_not_cut_off_in_silence(folder):
    edited(folder / "config.json", num_hidden_layers=1)
    with pytest.raises(ShapeError, match=r"encoder\.layer\.1\..*: not part of it"):
        load(str(folder))


def test_weights_of_a_shallower_network_are_not_filled_up_at_random(folder):
    edited(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(ShapeError, match=r"encoder\.layer\.2\..*: missing"):
        load(str(folder))


def test_a_length_and_a_pooling_can_be_asked_for(folder):
    card = find_card(str(folder), BackboneOptions(max_tokens=20, pooling="cls"))
    assert card.preprocessing.max_tokens == 20 and card.options["pooling"] == "cls"
    with torch.inference_mode():
        backbone = load_card(card)
        tokens = backbone.run(backbone.enter(batch(5)), 0, 3).values
        assert torch.equal(backbone(batch(5)), tokens[:, 0])


def test_a_length_beyond_the_networks_positions_is_refused(folder, tmp_path):
    with pytest.raises(ConfigError, match="at most 64, its positions; got 65"):
        find_card(str(folder), BackboneOptions(max_tokens=65))
    roberta = model_folder(tmp_path / "roberta", "bert_like", 2)
    assert find_card(str(roberta)).preprocessing.max_tokens == 62  # numbered from the padding token's 1 on
    t5 = model_folder(tmp_path / "t5", "t5_encoder")
    assert find_card(str(t5), BackboneOptions(max_tokens=2000)).preprocessing.max_tokens == 2000


def test_texts_options_are_for_text_networks_and_picture_sizes_for_pictures(folder):
    with pytest.raises(ConfigError, match="are for texts; efficientnet_lite0 takes image"):
        find_card("efficientnet_lite0", BackboneOptions(max_tokens=20))
    with pytest.raises(ConfigError, match="image_size is known of networks for pictures"):
        find_card(str(folder), BackboneOptions(image_size=(32, 32)))


def test_loading_says_nothing_and_changes_nothing_of_the_library(folder, capfd):
    import transformers

    before = transformers.utils.logging.get_verbosity(), transformers.utils.logging.is_progress_bar_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(str(folder))
    assert (transformers.utils.logging.get_verbosity(), transformers.utils.logging.is_progress_bar_enabled()) == before
    assert capfd.readouterr() == ("", "")
