"""Recordings made by formula and a tiny sound network that tests of whole journeys share."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

HERTZ = {"low": 220.0, "high": 900.0}


def recording(kind: str, rng: np.random.Generator, rate: int = 8000, seconds: float = 0.4) -> np.ndarray:
    """A swelling tone of a pitch near its kind's, with noise: ``(S,)`` float32 within -1..1."""
    time = np.arange(round(rate * seconds)) / rate
    tone = np.sin(2 * np.pi * HERTZ[kind] * rng.uniform(0.9, 1.1) * time) * np.sin(np.pi * time / seconds)
    return (0.4 * tone + 0.05 * rng.normal(size=len(time))).astype(np.float32)


def make_recordings(folder: Path, per_kind: int = 12, seed: int = 0) -> Path:
    """Class folders: of each kind half 8 kHz mono WAV, half 44.1 kHz stereo FLAC."""
    import soundfile

    rng = np.random.default_rng(seed)
    for kind in HERTZ:
        (folder / kind).mkdir(parents=True)
        for number in range(per_kind):
            if number % 2:
                mono = recording(kind, rng, 44100)
                soundfile.write(folder / kind / f"{number}.flac", np.stack([mono, mono * 0.8], axis=1), 44100)
            else:
                soundfile.write(folder / kind / f"{number}.wav", recording(kind, rng), 8000)
    return folder


def make_sound_model(folder: Path) -> Path:
    """A random wav2vec 2.0 of two layers, 16 wide, as transformers saves one."""
    import torch
    import transformers

    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        conv_dim=[8, 8, 8],
        conv_kernel=[10, 3, 3],
        conv_stride=[10, 4, 4],
        num_feat_extract_layers=3,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        transformers.Wav2Vec2Model(config).save_pretrained(folder)
        transformers.Wav2Vec2FeatureExtractor(sampling_rate=16000, do_normalize=True).save_pretrained(folder)
    return folder
