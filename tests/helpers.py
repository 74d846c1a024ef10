"""Small photographs and a small network that tests of whole journeys share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (200, 60, 50), "green": (60, 180, 70), "blue": (50, 80, 200)}


def photo(colour: tuple[int, int, int], rng: np.random.Generator, size: tuple[int, int] = (48, 40)) -> Image.Image:
    """A picture of one colour with rough noise, so that no two are near-duplicates."""
    coarse = rng.normal(0, 60, (8, 8, 3))
    noise = np.kron(coarse, np.ones((size[1] // 8 + 1, size[0] // 8 + 1, 1)))[: size[1], : size[0]]
    return Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))


def make_photos(folder: Path, counts: dict[str, int], seed: int = 0) -> Path:
    """Class folders; keys are "class" or "split/class", values numbers of pictures."""
    rng = np.random.default_rng(seed)
    for place, count in counts.items():
        (folder / place).mkdir(parents=True)
        for number in range(count):
            photo(COLOURS[Path(place).name], rng).save(folder / place / f"{number}.png")
    return folder


def make_model(folder: Path, architecture: str = "test_resnet", image_size: int = 64) -> Path:
    """A folder with a tiny randomly initialised timm network, as timm saves one."""
    import timm
    import torch
    from safetensors.torch import save_file

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model(architecture, num_classes=4)
    folder.mkdir(parents=True)
    save_file(network.state_dict(), folder / "model.safetensors")
    document = {
        "architecture": architecture,
        "num_classes": 4,
        "pretrained_cfg": {"input_size": [3, image_size, image_size], "crop_pct": 0.9, "num_classes": 4},
    }
    (folder / "config.json").write_text(json.dumps(document))
    return folder
