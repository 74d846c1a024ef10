"""Whisper's encoder and the Audio Spectrogram Transformer, against the library's extractors and hidden states."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from backbones.pretrained.audio.helpers_audio import ast_folder, clip, padded, whisper_folder
from headstart.backbones.pretrained.find import BackboneOptions, find_card, load
from headstart.core.errors import ConfigError, ShapeError
from headstart.runtimes.contract import runtime
from headstart.runtimes.parity import require_parity

CLOSE = 5e-5  # of logarithms scaled to about 1, and of features


@pytest.fixture(scope="module")
def whisper(tmp_path_factory):
    folder, model, extractor = whisper_folder(tmp_path_factory.mktemp("whisper"))
    return load(str(folder)), model, extractor


@pytest.fixture(scope="module")
def ast(tmp_path_factory):
    folder, model, extractor = ast_folder(tmp_path_factory.mktemp("ast"))
    return load(str(folder)), model, extractor


LENGTHS = (1_000, 16_000, 15_999, 32_000)


@torch.inference_mode()
def test_whispers_spectrogram_is_that_of_its_extractor(whisper):
    backbone, _, extractor = whisper
    clips = [clip(samples, seed) for seed, samples in enumerate(LENGTHS)]
    found = backbone.enter(padded(clips, 32_000)).values
    theirs = extractor(clips, sampling_rate=16_000, return_tensors="pt").input_features  # (B, bands, frames)
    assert found.shape == (4, 200, 21)
    assert torch.allclose(found[:, :, :-1], theirs.transpose(1, 2), atol=CLOSE)
    heard = found[:, :, -1].sum(1).tolist()
    assert heard == [7, 100, 100, 200]  # frames every 160 samples, counted from the first sample


@torch.inference_mode()
def test_whispers_boundaries_equal_the_librarys_hidden_states(whisper):
    backbone, model, extractor = whisper
    clips = [clip(32_000), clip(16_000, 1)]
    given = extractor(clips, sampling_rate=16_000, return_tensors="pt").input_features
    states = model.encoder(given, output_hidden_states=True)
    batch = padded(clips, 32_000)
    found = [backbone.run(backbone.enter(batch), 0, stop).values for stop in range(1, 6)]
    assert backbone.stages == ("embeddings", "layers.0", "layers.1", "norm", "pool")
    assert torch.allclose(found[0][:, :, :-1], states.hidden_states[0], atol=CLOSE)
    assert torch.allclose(found[1][:, :, :-1], states.hidden_states[1], atol=CLOSE)
    assert torch.allclose(found[3][:, :, :-1], states.last_hidden_state, atol=CLOSE)
    assert torch.allclose(found[4][0], states.last_hidden_state[0].mean(0), atol=CLOSE)
    assert torch.allclose(found[4][1], states.last_hidden_state[1, :50].mean(0), atol=CLOSE)


@torch.inference_mode()
def test_the_audio_transformers_spectrogram_is_that_of_its_extractor(ast):
    backbone, _, extractor = ast
    clips = [clip(samples, seed) for seed, samples in enumerate((2_000, 8_000, 12_345, 16_080))]
    found = backbone.enter(padded(clips, 16_080)).values
    theirs = torch.from_numpy(np.stack(extractor(clips, sampling_rate=16_000).input_values))
    assert found.shape == (4, 99, 33)
    assert torch.allclose(found[:, :, :-1], theirs, atol=1e-3)  # two ways of adding up 400 samples before a logarithm
    assert found[:, :, -1].sum(1).tolist() == [11, 48, 75, 99]  # (samples - 400) // 160 + 1


@torch.inference_mode()
def test_the_audio_transformers_features_are_its_pooled_output(ast):
    backbone, model, extractor = ast
    clips = [clip(16_080), clip(8_000, 1)]
    given = torch.from_numpy(np.stack(extractor(clips, sampling_rate=16_000).input_values))
    states = model(given, output_hidden_states=True)
    batch = padded(clips, 16_080)
    assert backbone.stages == ("embeddings", "layers.0", "layers.1", "norm", "pool")
    found = [backbone.run(backbone.enter(batch), 0, stop).values for stop in range(1, 6)]
    assert torch.allclose(found[0], states.hidden_states[0], atol=1e-3)
    assert torch.allclose(found[3], states.last_hidden_state, atol=1e-3)
    assert torch.allclose(found[4], states.pooler_output, atol=1e-3)


@pytest.fixture(params=["whisper", "ast"])
def either(request):
    return request.getfixturevalue(request.param)[0]


@torch.inference_mode()
def test_no_row_depends_on_the_rows_beside_it_nor_on_how_far_it_is_padded(either):
    clips = [clip(8_000), clip(12_345, 1), clip(15_000, 2)]
    together = either(padded(clips, 16_000))
    others = either(padded([clips[0], clip(16_000, 3), clip(9_000, 4)], 16_000))
    assert torch.equal(others[0], together[0])
    assert torch.allclose(either(padded(clips, 15_500)), together, atol=1e-6)


@torch.inference_mode()
def test_a_kept_boundary_goes_on_with_the_same_bits(either):
    batch = padded([clip(8000), clip(12_345, 1)], 16_000)
    whole, end = either(batch), len(either.stages)
    for stop in range(1, end + 1):
        kept = either.pack(either.run(either.enter(batch), 0, stop), stop)
        assert not kept.isnan().any()  # the network hears what a recording is padded with
        assert torch.equal(either.run(either.unpack(kept, stop), stop, end).values, whole), stop


@pytest.mark.parametrize(("name", "precision"), [("onnxruntime", "float32"), ("openvino", "float32")])
def test_the_exported_graph_gives_the_same(either, name, precision, tmp_path):
    pytest.importorskip(name)
    end = len(either.stages)
    eager = runtime("eager", "float32").prepare(either, 0, end, 2, 1, tmp_path)
    compute = runtime(name, precision).prepare(either, 0, end, 2, 1, tmp_path)
    for samples in (16_000, 12_000):
        batch = padded([clip(samples), clip(9_000, 1)], samples).numpy()
        require_parity(eager(batch), compute(batch), precision)


def test_recordings_are_padded_to_what_the_network_was_built_for(whisper, ast):
    sees = whisper[0].preprocessing
    assert (sees.min_seconds, sees.max_seconds, sees.padded(1)) == (0, 2.0, 32_000)
    assert ast[0].preprocessing.padded(1) == ast[0].preprocessing.max_samples == 98 * 160 + 400
    assert whisper[0].card.family == "whisper_encoder" and ast[0].card.family == "audio_spectrogram_transformer"


def test_a_network_of_fixed_length_hears_no_more_than_that(tmp_path):
    folder, _, _ = whisper_folder(tmp_path)
    assert find_card(str(folder), BackboneOptions(max_seconds=1.0)).preprocessing.max_seconds == 1.0
    with pytest.raises(ConfigError, match="must have 0 to 2 seconds"):
        find_card(str(folder), BackboneOptions(max_seconds=60.0))


def test_what_is_no_batch_of_waveforms_is_refused(either):
    with pytest.raises(ShapeError, match=r"must be waveforms \(B, S\)"):
        either.enter(torch.zeros(2, 100, 3))
