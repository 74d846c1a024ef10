"""Tiny audio networks, saved to a folder by the transformers library itself."""

from __future__ import annotations

import numpy as np
import torch
import transformers as library

CONV = {
    "conv_dim": [8, 8, 8],
    "conv_kernel": [10, 3, 3],
    "conv_stride": [5, 2, 2],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
WAVE_KINDS = {
    "wav2vec2-group": ("Wav2Vec2", {"feat_extract_norm": "group", "do_stable_layer_norm": False}),
    "wav2vec2-layer": ("Wav2Vec2", {"feat_extract_norm": "layer", "do_stable_layer_norm": True}),
    "hubert-group": ("Hubert", {"feat_extract_norm": "group"}),
    "unispeech-layer": ("UniSpeech", {"feat_extract_norm": "layer", "do_stable_layer_norm": True}),
}


def randomised(model: torch.nn.Module) -> torch.nn.Module:
    """Every tensor random, so that none stays at a default that hides a mistake."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            if "original0" in name:  # lengths, which are positive
                value.copy_(0.5 + noise.abs())
            else:
                value.copy_(noise * 0.3 + (1.0 if name.endswith("norm.weight") else 0.0))
    return model.eval()


def wave_folder(folder, kind: str):
    """A network that hears the waveform, and its own model."""
    name, settings = WAVE_KINDS[kind]
    config = getattr(library, f"{name}Config")(**SIZES, **CONV, **settings)
    model = randomised(getattr(library, f"{name}Model")(config))
    model.save_pretrained(folder)
    library.Wav2Vec2FeatureExtractor(sampling_rate=16000, do_normalize=True).save_pretrained(folder)
    return folder, model


def whisper_folder(folder, positions: int = 100):
    """An encoder for two seconds, and its own model."""
    config = library.WhisperConfig(
        vocab_size=50,
        num_mel_bins=20,
        d_model=16,
        encoder_layers=2,
        encoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=24,
        max_source_positions=positions,
        max_target_positions=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    model = randomised(library.WhisperModel(config))
    model.save_pretrained(folder)
    extractor = library.WhisperFeatureExtractor(feature_size=20, chunk_length=positions // 50)
    extractor.save_pretrained(folder)
    return folder, model, extractor


def ast_folder(folder):
    """A network for 1.005 seconds, and its own model."""
    config = library.ASTConfig(**SIZES, patch_size=8, frequency_stride=6, time_stride=6, max_length=99, num_mel_bins=32)
    model = randomised(library.ASTModel(config))
    model.save_pretrained(folder)
    extractor = library.ASTFeatureExtractor(num_mel_bins=32, max_length=99)
    extractor.save_pretrained(folder)
    return folder, model, extractor


def clip(samples: int, seed: int = 0) -> np.ndarray:
    """Noise under a swelling tone."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / 16000
    tone = np.sin(2 * np.pi * (200 + 300 * seed) * time) * np.abs(np.sin(3 * time))
    return (0.3 * tone + 0.02 * rng.normal(size=samples)).astype(np.float32)


def padded(clips: list[np.ndarray], samples: int) -> torch.Tensor:
    """A prepared batch: NaN behind each clip."""
    return torch.from_numpy(
        np.stack([np.pad(wave, (0, samples - len(wave)), constant_values=np.nan) for wave in clips])
    )
