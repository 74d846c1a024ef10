"""AutoGluon MultiModal with the same backbone, its preset for small networks and ten minutes.

``medium_quality`` is AutoGluon's preset for a backbone of this size (learning rate 4e-4, layer-wise decay, greedy soup
of the three best of at most 20 epochs). One kindness: batches of 32 and a step after each, since the default waits for
128 images, three steps an epoch on the smallest set.

    python autogluon_multimodal.py FOLDER --weights lite0/ --out result.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import pandas
import torch
from autogluon.multimodal import MultiModalPredictor


def table(folder: Path) -> pandas.DataFrame:
    rows = [(str(path), path.parent.name) for path in sorted(folder.glob("*/*"))]
    return pandas.DataFrame(rows, columns=["image", "label"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds train/ and test/, each with class folders")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as scratch:
        predictor = MultiModalPredictor(label="label", presets="medium_quality", path=str(Path(scratch) / "model"))
        predictor.fit(
            table(args.folder / "train"),
            time_limit=args.seconds,
            seed=args.seed,
            hyperparameters={
                "model.names": ["timm_image"],
                "model.timm_image.checkpoint_name": str(args.weights),
                "env.batch_size": 32,
                "env.per_gpu_batch_size": 32,
                "optim.max_epochs": args.epochs,
            },
        )
        test = table(args.folder / "test")
        predictions = predictor.predict(test[["image"]])
    right = (predictions.to_numpy() == test["label"].to_numpy()).mean()
    args.out.write_text(json.dumps({"accuracy": float(right), "n_test": len(test)}))


if __name__ == "__main__":
    main()
