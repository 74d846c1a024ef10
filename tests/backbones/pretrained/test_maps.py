"""Where in networks of several families channels have maps."""

from __future__ import annotations

import pytest
import torch

from backbones.helpers_backbones import TINY, small_backbone
from headstart.backbones.pretrained.family import family
from headstart.backbones.pretrained.maps import channel_axis, map_boundaries, require_maps
from headstart.core.errors import ConfigError


def of(name):
    return small_backbone(next(iter(family(name).small)), name=name)


def test_of_a_residual_network_all_between_stem_and_pooling_but_those_of_one_point():
    backbone = small_backbone(TINY)
    # pictures of 32 pixels: 8 a side behind the stem, then 8, 4, 2 and 1; the last is no map
    assert map_boundaries(backbone) == (1, 2, 3, 4) and channel_axis(backbone) == 1


def test_of_recordings_the_channels_are_last():
    backbone = of("speech_embedding")
    flow = backbone.run(backbone.enter(torch.from_numpy(backbone.example(2))), 0, 1)
    assert map_boundaries(backbone)[:2] == (1, 2) and channel_axis(backbone) == 3
    assert flow.values.shape[3] == 1  # behind the mel front end the level of the whole spectrum is the one channel


@pytest.mark.parametrize("name", ["bert_like", "vit", "wav2vec2_like"])
def test_sequences_are_no_maps(name):
    backbone = of(name)
    assert map_boundaries(backbone) == ()
    with pytest.raises(ConfigError, match=f"mixstyle takes .* {backbone.name}, trained from boundary 0 .* has none"):
        require_maps(backbone, "mixstyle")


def test_those_below_the_first_trained_stage_do_not_count():
    backbone = small_backbone(TINY)
    assert require_maps(backbone, "mixstyle", 3) == (3, 4)
    with pytest.raises(ConfigError, match="freeze fewer stages"):
        require_maps(backbone, "mixstyle", 5)
