"""wav2vec 2.0, HuBERT and UniSpeech from folders that transformers saved, against the library's own hidden states."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from backbones.pretrained.audio.helpers_audio import WAVE_KINDS, clip, padded, wave_folder
from headstart.backbones.pretrained.audio.stages import norm_over_time
from headstart.backbones.pretrained.find import load
from headstart.core.errors import ConfigError, DataError
from headstart.runtimes.contract import runtime
from headstart.runtimes.parity import require_parity

CLOSE = 2e-5


@pytest.fixture(params=sorted(WAVE_KINDS), scope="module")
def network(request, tmp_path_factory):
    folder, model = wave_folder(tmp_path_factory.mktemp(request.param), request.param)
    return load(str(folder)), model


@torch.inference_mode()
def test_every_boundary_equals_the_librarys_hidden_states(network):
    backbone, model = network
    wave = torch.from_numpy(np.stack([clip(8000), clip(8000, 1)]))
    states = model(wave, output_hidden_states=True)
    found = [backbone.run(backbone.enter(wave), 0, stop).values for stop in range(1, len(backbone.stages) + 1)]
    assert backbone.stages[:4] == ("conv", "embeddings", "layers.0", "layers.1")
    assert torch.allclose(found[1], states.hidden_states[0], atol=CLOSE)
    assert torch.allclose(found[2], states.hidden_states[1], atol=CLOSE)
    assert torch.allclose(found[-2], states.last_hidden_state, atol=CLOSE)
    assert torch.allclose(found[-1], states.last_hidden_state.mean(1), atol=CLOSE)


@torch.inference_mode()
def test_padding_is_not_heard(network):
    backbone, model = network
    clips = [clip(8000), clip(12_345, 1), clip(16_000, 2)]
    together = backbone(padded(clips, 16_000))
    for row, wave in enumerate(clips):
        alone = torch.from_numpy(wave)[None]
        assert torch.allclose(together[row], model(alone).last_hidden_state.mean(1)[0], atol=CLOSE), row
    others = backbone(padded([clips[0], clip(16_000, 3), clip(9_000, 4)], 16_000))
    assert torch.equal(others[0], together[0])


@torch.inference_mode()
def test_a_kept_boundary_goes_on_with_the_same_bits(network):
    backbone, _ = network
    batch = padded([clip(8000), clip(12_345, 1)], 16_000)
    whole, end = backbone(batch), len(backbone.stages)
    for stop in range(1, end + 1):
        kept = backbone.pack(backbone.run(backbone.enter(batch), 0, stop), stop)
        assert torch.equal(backbone.run(backbone.unpack(kept, stop), stop, end).values, whole), stop


@pytest.mark.parametrize(("name", "precision"), [("onnxruntime", "float32"), ("openvino", "float32")])
def test_the_exported_graph_gives_the_same_at_any_length(network, name, precision, tmp_path):
    pytest.importorskip(name)
    backbone, _ = network
    end = len(backbone.stages)
    eager = runtime("eager", "float32").prepare(backbone, 0, end, 2, 1, tmp_path)
    compute = runtime(name, precision).prepare(backbone, 0, end, 2, 1, tmp_path)
    for samples in (16_000, 24_000):
        batch = padded([clip(samples), clip(9_000, 1)], samples).numpy()
        require_parity(eager(batch), compute(batch), precision)


def test_the_card_says_how_recordings_are_prepared(network):
    backbone, model = network
    card = backbone.card
    assert (card.modality, card.family, card.library) == ("sound", "wav2vec2_like", "transformers")
    assert card.preprocessing.scaling == "unit_variance" and card.preprocessing.sample_rate == 16_000
    assert card.feature_dim == 16 and card.flops > 0 and backbone.assets == {}
    theirs = sum(value.numel() for name, value in model.named_parameters() if name != "masked_spec_embed")
    assert card.parameters == theirs


def test_clips_are_scaled_as_the_librarys_extractor_scales_them(network, tmp_path):
    import transformers as library

    from data.helpers_sound import encoded
    from headstart.data.modalities import modality

    backbone, _ = network
    wave = clip(16_000)
    prepared = modality("sound").preparer(backbone.preprocessing, {}).prepare(encoded(wave, 16_000, "WAV", "FLOAT"))
    theirs = library.Wav2Vec2FeatureExtractor(do_normalize=True)(wave, sampling_rate=16_000).input_values[0]
    assert np.abs(prepared - theirs).max() < 1e-5


def test_other_versions_names_of_the_weights_are_read(tmp_path):
    """A model under a head, as such weights are published, and the older names of the convolution's weight norm."""
    from safetensors.torch import load_file, save_file

    folder, model = wave_folder(tmp_path, "wav2vec2-group")
    tensors = load_file(folder / "model.safetensors")
    older = {"lm_head.weight": torch.zeros(4, 16), "lm_head.bias": torch.zeros(4)}
    for name, value in tensors.items():
        plain = name.replace("parametrizations.weight.original0", "weight_g")
        older["wav2vec2." + plain.replace("parametrizations.weight.original1", "weight_v")] = value
    save_file(older, folder / "model.safetensors", metadata={"format": "pt"})
    backbone, wave = load(str(folder)), torch.from_numpy(clip(8000))[None]
    with torch.inference_mode():
        found = backbone(wave)
        expected = model(wave).last_hidden_state.mean(1)
    assert torch.allclose(found, expected, atol=CLOSE)


def test_a_folder_without_the_extractors_settings_is_refused(tmp_path):
    folder, _ = wave_folder(tmp_path, "wav2vec2-group")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(DataError, match=r"must hold preprocessor_config\.json"):
        load(str(folder))


def test_a_folder_without_weights_is_refused(tmp_path):
    folder, _ = wave_folder(tmp_path, "hubert-group")
    (folder / "model.safetensors").unlink()
    with pytest.raises(DataError, match=r"must hold one of \['model\.safetensors'"):
        load(str(folder))


def test_an_adapter_is_refused_by_name(tmp_path):
    folder, _ = wave_folder(tmp_path, "wav2vec2-group")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"add_adapter": True}))
    with pytest.raises(ConfigError, match="without add_adapter"):
        load(str(folder))


def test_a_norm_over_time_by_hand():
    norm = nn.GroupNorm(1, 1, eps=0.0)
    values = torch.tensor([[[1.0, 3.0, 100.0]]])
    mask = torch.tensor([[True, True, False]])
    # mean 2, deviation 1: -1 and 1; what is padded does not count
    assert torch.allclose(norm_over_time(values, mask, norm)[0, 0, :2], torch.tensor([-1.0, 1.0]))
    whole = torch.randn(2, 3, 50)
    group = nn.GroupNorm(3, 3)
    everywhere = torch.ones(2, 50, dtype=torch.bool)
    assert torch.allclose(norm_over_time(whole, everywhere, group), group(whole), atol=1e-5)
