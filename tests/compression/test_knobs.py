"""What is tried on a network, and what it is called."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.pretrained.find import load
from headstart.compression.knobs import FRAMINGS, SIDE, Knobs, framings_of, sizes_of, stages_of, turned_down
from headstart.compression.smaller import smaller
from headstart.core.errors import ConfigError
from helpers import make_model


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return load(str(make_model(tmp_path_factory.mktemp("made") / "model")))


def test_sizes_of_pictures_are_smaller_multiples_of_what_networks_halve(network):
    at_224 = turned_down(network.card, Knobs(224))
    sizes = sizes_of(at_224, None)
    assert sizes == [192, 160, 128, 96] and all(size % SIDE == 0 for size in sizes)
    assert sizes_of(turned_down(network.card, Knobs(32)), None) == []


def test_a_network_turned_down_keeps_its_weights_and_sees_less(network):
    stage = stages_of(network.card)[0]
    found = smaller(network, Knobs(64, stage))
    assert found.preprocessing.image_size == (64, 64) and found.card.cut == stage and not found.training
    ours, theirs = found.network.state_dict(), network.network.state_dict()
    assert 0 < len(ours) < len(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8))
    at_size = smaller(network, Knobs(64))
    with torch.inference_mode():
        whole = at_size.run(at_size.enter(pixels), 0, at_size.stage_index(stage)).values
        assert torch.allclose(found(pixels), whole.mean((2, 3)), atol=1e-6)


def test_nothing_turned_is_the_network_itself_and_a_cut_one_is_not_cut_again(network):
    assert smaller(network, Knobs()) is network
    assert stages_of(smaller(network, Knobs(None, stages_of(network.card)[0])).card) == []
    with pytest.raises(ConfigError, match="a stage of"):
        smaller(network, Knobs(None, "nowhere"))


def test_names_say_what_was_turned():
    assert Knobs(32).name("text") == "32 tokens" and Knobs(0.5).name("sound") == "0.5 s"
    assert Knobs(is_int8=True).name("image") == "int8"


def test_of_pictures_more_than_the_middle_can_be_seen(network):
    names = framings_of(network.card)
    assert names and set(names) <= set(FRAMINGS)
    for name in names:
        seen = turned_down(network.card, Knobs(64, framing=name)).preprocessing
        assert seen.image_size == (64, 64) and all(getattr(seen, key) == v for key, v in FRAMINGS[name].items())
    squashed = turned_down(network.card, Knobs(framing="squashed"))
    assert "squashed" not in framings_of(squashed) and squashed.feature_dim == network.card.feature_dim
    made = smaller(network, Knobs(framing="squashed"))
    assert made is not network and made.preprocessing.resize == "squash"
    again = Knobs.from_dict(Knobs(96, framing="full crop").to_dict())
    assert again == Knobs(96, framing="full crop") and again.name("image") == "96 px, full crop"
    assert framings_of(network.card.model_copy(update={"modality": "text"})) == []
