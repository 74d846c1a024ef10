"""The shipped cards, and choosing among them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from backbones.helpers_backbones import small_batch
from headstart.backbones import catalogue
from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import ROOM, family
from headstart.core import plugins
from headstart.core.boundary import Boundary
from headstart.core.errors import ConfigError, IntegrityError

CARDS = catalogue.cards()


def test_embedded_cards_come_first_and_the_rest_by_name():
    names = [card.name for card in CARDS]
    embedded = [
        "all_minilm_l6_v2",
        "efficientnet_lite0",
        "efficientnet_lite1",
        "efficientnet_lite2",
        "speech_embedding",
    ]
    assert names[:5] == embedded
    assert names[5:] == sorted(names[5:]) and len(set(names)) == len(names) >= 15


def test_each_modality_with_networks_has_one_embedded_default():
    defaults = {modality: catalogue.default_card(modality).name for modality in ("image", "text", "sound")}
    assert defaults == {"image": "efficientnet_lite0", "text": "all_minilm_l6_v2", "sound": "speech_embedding"}
    assert all(catalogue.card(name).embedded for name in defaults.values())
    assert sum(card.default for card in CARDS) == 3
    with pytest.raises(ConfigError, match=r"modality of a pretrained network must be one of.*got 'table'"):
        catalogue.default_card("table")


def test_every_family_of_picture_networks_but_the_fallback_has_a_card():
    pictures = {name for name in plugins.names(ROOM) if family(name).modality == "image"}
    assert {card.family for card in CARDS if card.modality == "image"} == pictures - {"single"}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_survives_json_and_its_file_is_named_after_it(card):
    path = catalogue.FOLDER / f"{card.name.replace('/', '--')}.json"
    assert catalogue.read_card(path) == card
    assert Card.parse(json.loads(json.dumps(card.to_dict()))) == card


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_says_what_one_must_know_before_use(card):
    assert card.licence and card.licence_note and card.paper
    assert "not known" not in (card.pretraining, card.known_biases)
    assert (card.sha256 is not None) == card.embedded  # a hub's weights are not pinned before they are fetched


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_cost_and_stages_on_a_card_are_those_of_the_architecture(card):
    from headstart.backbones.pretrained.entrance import entrance
    from headstart.backbones.pretrained.measure import measure, measured
    from headstart.backbones.pretrained.text.folder_card import one_text

    described = family(card.family)
    if card.modality == "image":
        found = measure(card.architecture, card.options, card.image_size)
    elif card.modality == "text":
        found = measured(described, described.layout(card.architecture, card.options), one_text(32))
    else:
        entered = entrance(card)(torch.from_numpy(small_batch(card, 1)))
        on_meta = Boundary(entered.values.to("meta"), entered.mask.to("meta"))
        found = measured(described, described.layout(card.architecture, card.options), on_meta)
    assert {key: card.to_dict()[key] for key in found} == found


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_modality_library_and_preprocessing_fit_the_family(card):
    described = family(card.family)
    assert (card.modality, card.library) == (described.modality, described.library)
    assert card.preprocessing.kind == card.modality


@pytest.mark.parametrize("card", [card for card in CARDS if not card.embedded], ids=lambda card: card.name)
def test_licence_and_preprocessing_of_hub_weights_are_what_timm_states(card):
    import timm

    from headstart.backbones.pretrained.timm_config import preprocessing_of

    stated = timm.get_pretrained_cfg(card.location.removeprefix("timm/")).to_dict()
    resized = {"image_size": card.preprocessing.image_size} if "dinov2" in card.name else {}
    assert card.licence == stated["license"]
    assert card.preprocessing == preprocessing_of(stated).model_copy(update=resized)


def test_selecting_by_family_size_and_place():
    assert {card.modality for card in catalogue.select(CARDS, modality="text")} == {"text"}
    with pytest.raises(ConfigError, match="Did you mean 'image'"):
        catalogue.select(CARDS, modality="images")
    small = catalogue.select(CARDS, family="mobilenet", max_parameters=3_000_000)
    assert [card.name for card in small] == ["timm/mobilenetv2_100.ra_in1k", "timm/mobilenetv3_small_100.lamb_in1k"]
    assert all(card.embedded for card in catalogue.select(CARDS, embedded=True))
    assert len(catalogue.select(CARDS, embedded=True)) + len(catalogue.select(CARDS, embedded=False)) == len(CARDS)
    assert catalogue.select(CARDS, licence="APACHE-2.0") and not catalogue.select(CARDS, licence="gpl-3.0")
    assert [card.name for card in catalogue.select(CARDS, text="DINOv2", max_size_mib=100)] == [
        "timm/vit_small_patch14_dinov2.lvd142m"
    ]


def test_a_limit_on_flops_leaves_out_cards_that_do_not_know_theirs():
    known = catalogue.card("efficientnet_lite0")
    unknown = known.model_copy(update={"flops": None})
    assert catalogue.select([known, unknown], max_flops=10**12) == [known]


def test_installed_is_what_loads_without_fetching(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert {card.name for card in catalogue.select(CARDS, installed=True)} >= {"efficientnet_lite0"}
    assert not catalogue.is_installed(catalogue.card("timm/resnet18.a1_in1k"))
    snapshot = tmp_path / "models--timm--resnet18.a1_in1k" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").touch()
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    assert catalogue.is_installed(catalogue.card("timm/resnet18.a1_in1k"))


def test_names_that_do_not_exist_suggest_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'efficientnet_lite0'"):
        catalogue.card("efficientnet_lite_0")
    with pytest.raises(ConfigError, match="Did you mean 'resnet'"):
        catalogue.select(CARDS, family="resnets")


def test_a_card_of_a_newer_schema_is_refused(tmp_path):
    path = tmp_path / "future.json"
    path.write_text('{"schema": 2}')
    with pytest.raises(IntegrityError, match="future.json must have schema 1 or older"):
        catalogue.read_card(path)


def test_listing_imports_nothing_heavy():
    code = (
        "import sys; from headstart.backbones import catalogue; catalogue.select(catalogue.cards(), installed=True);"
        "print(sorted({'torch', 'timm', 'numpy', 'huggingface_hub', 'safetensors'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
