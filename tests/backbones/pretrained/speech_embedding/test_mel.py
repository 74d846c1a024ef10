"""The mel front end against the package's ONNX file, and what padding must not change."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from backbones.pretrained.speech_embedding.helpers_speech import noise, onnx_mel, package_tensors
from headstart.backbones.pretrained.speech_embedding.mel import BINS, MelFrontEnd
from headstart.backbones.pretrained.speech_embedding.tensors import HEARD, renamed


@pytest.fixture(scope="module")
def front_end():
    front_end = MelFrontEnd()
    front_end.fill()
    return front_end


def test_the_formulas_give_the_tensors_of_the_package(front_end):
    theirs = renamed(package_tensors("melspectrogram.onnx"))
    assert (front_end.waves - theirs["mel.waves"]).abs().max() < 1e-6
    assert (front_end.bands - theirs["mel.bands"]).abs().max() < 1e-6


def test_what_is_left_out_of_them_is_zero():
    theirs = package_tensors("melspectrogram.onnx")
    assert not theirs["1.melW"][BINS:].any()
    for name in ("0.stft.conv_real.weight", "0.stft.conv_imag.weight"):
        waves = theirs[name].clone()
        waves[:, :, HEARD] = 0
        assert not waves.any()


@pytest.mark.parametrize("samples", [512, 12_512, 12_671, 12_672, 32_000, 50_001])
def test_it_equals_the_package_on_clips_of_any_length(front_end, samples):
    wave = noise(samples)
    frames, heard = front_end(torch.from_numpy(wave)[None], torch.ones(1, samples, dtype=torch.bool))
    expected = onnx_mel(wave)
    assert heard.all() and frames.shape == (1, len(expected), 32, 1)
    assert np.abs(frames[0, :, :, 0].numpy() - expected).max() < 5e-5


def test_silence_is_minus_eight_everywhere_as_in_the_package(front_end):
    frames, _ = front_end(torch.zeros(1, 2000), torch.ones(1, 2000, dtype=torch.bool))
    assert torch.allclose(frames, torch.tensor(-8.0))  # the smallest power is -100 dB, and -100 / 10 + 2 = -8
    assert np.allclose(onnx_mel(np.zeros(2000, np.float32)), -8.0)


def test_the_floor_is_80_db_below_the_loudest_frame_that_holds_no_padding(front_end):
    wave = torch.from_numpy(noise(4000, level=1e-3))[None]
    loud = torch.cat([wave, torch.from_numpy(noise(1600, level=1.0, seed=1))[None]], dim=1)
    mask = torch.ones(1, 5600, dtype=torch.bool)
    mask[:, 4000:] = False
    alone, _ = front_end(wave, mask[:, :4000])
    beside, heard = front_end(loud, mask)
    assert int(heard.sum()) == alone.shape[1] == (4000 - 512) // 160 + 1
    assert torch.allclose(beside[:, : alone.shape[1]], alone, atol=1e-5)
    assert not beside[:, alone.shape[1] :].any()
