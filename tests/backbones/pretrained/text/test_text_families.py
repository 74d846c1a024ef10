"""Text networks against transformers' own forward, through folders that it saved."""

from __future__ import annotations

import warnings

import pytest
import torch

from backbones.pretrained.text.helpers_text import batch, edited, library_model, model_folder
from headstart.backbones.pretrained.family import family
from headstart.backbones.pretrained.find import BackboneOptions, load

MEMBERS = [
    (name, number)
    for name in ("bert_like", "mpnet", "deberta", "albert", "decoder", "t5_encoder", "transformers_single")
    for number in range(len(family(name).small))
]
IDS = [f"{name}-{number}-{family(name).small[number].architecture}" for name, number in MEMBERS]
TOLERANCE = 1e-5  # with padding the library may take other kernels; nothing was ever seen beyond 1e-6


@pytest.fixture(params=MEMBERS, ids=IDS, scope="module")
def folder(request, tmp_path_factory):
    """The folder, the library's model, and our backbone of it."""
    name, number = request.param
    import transformers

    cls = transformers.T5EncoderModel if name == "t5_encoder" and number == 0 else None
    place = model_folder(tmp_path_factory.mktemp("model"), name, number, cls, marks_ends=family(name).marks_ends)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = library_model(name, number, cls)
    return name, model, load(str(place), options=BackboneOptions(pooling="mean"))


def hidden_states(model, tokens, **given):
    inner = model.get_encoder() if model.config.is_encoder_decoder else model
    return inner(input_ids=tokens, **given).last_hidden_state


@torch.inference_mode()
def test_without_padding_the_bits_are_those_of_the_librarys_own_forward(folder):
    name, model, backbone = folder
    values = batch(7, 7, 7)
    tokens = values[:, :, 0].long()
    own = hidden_states(model, tokens, attention_mask=torch.ones_like(tokens))
    found = backbone.run(backbone.enter(values), 0, len(backbone.stages) - 1).values
    assert backbone.card.family == name
    assert torch.equal(found, own)
    assert torch.allclose(backbone(values), own.mean(1), atol=1e-6)


@torch.inference_mode()
def test_with_padding_they_agree_within_the_tolerance(folder):
    _, model, backbone = folder
    lengths = (9, 2, 5)
    values = batch(*lengths, length=12)
    tokens = torch.where(values[:, :, 0] < 0, model.config.pad_token_id or 0, values[:, :, 0]).long()
    mask = (values[:, :, 0] >= 0).long()
    own = hidden_states(model, tokens, attention_mask=mask)
    expected = torch.stack([own[row, :count].mean(0) for row, count in enumerate(lengths)])
    assert torch.allclose(backbone(values), expected, atol=TOLERANCE)


@torch.inference_mode()
def test_a_text_alone_and_the_same_text_padded_agree(folder):
    _, _, backbone = folder
    alone, padded = batch(6), batch(6, length=10)
    assert torch.allclose(backbone(alone), backbone(padded), atol=TOLERANCE)


@torch.inference_mode()
def test_order_and_every_token_count(folder):
    """Positions are told apart, and the last token reaches the features."""
    _, _, backbone = folder
    values = batch(6)
    turned, changed = values.clone(), values.clone()
    turned[0, [2, 3]] = values[0, [3, 2]]
    changed[0, 5, 0] = 4 + (int(values[0, 5, 0]) - 3) % 46
    for other in (turned, changed):
        assert (backbone(other) - backbone(values)).abs().max() > 1e-3


@torch.inference_mode()
def test_segments_reach_networks_that_have_them(tmp_path):
    backbone = load(str(model_folder(tmp_path)))
    pair = batch(6)
    pair[0, 3:, 1] = 1
    network = backbone.network.model
    own = network(input_ids=pair[:, :, 0].long(), token_type_ids=pair[:, :, 1].long()).last_hidden_state
    assert torch.equal(backbone.run(backbone.enter(pair), 0, 3).values, own)
    assert not torch.equal(backbone(pair), backbone(batch(6)))


@torch.inference_mode()
def test_segments_of_a_tokenizer_are_left_out_where_the_network_has_one_kind(tmp_path):
    roberta = load(str(model_folder(tmp_path, "bert_like", 2)))
    assert roberta.card.architecture == "roberta"
    pair = batch(6)
    pair[0, 3:, 1] = 1
    assert torch.equal(roberta(pair), roberta(batch(6)))


def test_a_bert_made_a_decoder_is_no_encoder(tmp_path):
    folder = model_folder(tmp_path)
    edited(folder / "config.json", is_decoder=True)
    assert load(str(folder)).card.family == "transformers_single"


def test_stages_are_called_alike_in_all_kinds():
    from backbones.helpers_backbones import small_backbone

    names = {name: small_backbone(family(name).small[0], name=name).stages for name in ("bert_like", "decoder")}
    assert names["bert_like"] == ("embeddings", "layers.0", "layers.1", "pool")
    assert names["decoder"] == ("embeddings", "layers.0", "layers.1", "norm", "pool")


@torch.inference_mode()
def test_random_twins_follow_the_seed_and_need_no_weights(tmp_path):
    folder = model_folder(tmp_path)
    (folder / "model.safetensors").unlink()
    before = torch.get_rng_state()
    first, again, other = (load(str(folder), random_seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first(batch(5)), again(batch(5))) and not torch.equal(first(batch(5)), other(batch(5)))
    assert first.card.random_seed == 1 and first.card.sha256 is None and "tokenizer.json" in first.assets
    assert first.network.model.embeddings.word_embeddings.weight.std() == pytest.approx(0.02, rel=0.2)  # the config's
