"""fastai as its documentation teaches it: ``vision_learner`` and ``fine_tune(4)``, everything else at its default.

Two kindnesses: the test images are scored once at the end instead of after each of the five epochs (fastai's usual
``valid``), and all training images are trained on. Left at their defaults: batch size 64, learning rate, augmentation,
two loader workers on two cores.

    python fastai_fine_tune.py FOLDER --weights lite0.safetensors --out result.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from fastai.vision.all import (
    Callback,
    CancelValidException,
    ImageDataLoaders,
    Resize,
    accuracy,
    aug_transforms,
    set_seed,
    vision_learner,
)


class NoValidation(Callback):
    """Skips the pass over the test images that would follow every epoch."""

    def before_validate(self) -> None:
        """Cancels it."""
        raise CancelValidException


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds train/ and test/, each with class folders")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    set_seed(args.seed)
    loaders = ImageDataLoaders.from_folder(
        args.folder, train="train", valid="test", item_tfms=Resize(224), batch_tfms=aug_transforms()
    )
    learner = vision_learner(
        loaders, "tf_efficientnet_lite0", metrics=accuracy, pretrained_cfg_overlay={"file": str(args.weights)}
    )
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(args.epochs, cbs=NoValidation())
        probabilities, targets = learner.get_preds()
    right = probabilities.argmax(1) == targets
    args.out.write_text(json.dumps({"accuracy": float(right.float().mean()), "n_test": len(targets)}))


if __name__ == "__main__":
    main()
