"""AutoGluon MultiModal with the weights of the others, its preset for small networks and a limit of time.

``medium_quality`` is AutoGluon's preset for networks of this size (learning rate 4e-4, layer-wise decay, greedy soup of
the three best of at most 20 epochs). Kindnesses: batches of 32 and a step after each, since the default waits for 128
examples, three steps an epoch on the smallest set of pictures; of 8 where there are fewer than 100 examples, for the
same reason. Texts are augmented as by default but for synonyms: without a network every one of them would wait for a
download that fails, and the text be skipped. Tokens are averaged, as MiniLM was trained, where the default takes the
first.

    python autogluon_multimodal.py FOLDER --weights lite0/ --out result.json       # train/ and test/ of class folders
    python autogluon_multimodal.py FOLDER --weights minilm/ --out result.json      # train.csv and test.csv: text, label
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas
import torch
from answers import write_answers
from autogluon.multimodal import MultiModalPredictor

FEW = 100  # training examples, below which batches are small
BATCH, SMALL_BATCH = 32, 8
STRENGTH = 0.05  # of every augmentation of texts: by default it is drawn from 0 to 0.1
AUGMENTATIONS = [f"{name}({STRENGTH})" for name in ("random_swap", "random_delete", "insert_punc")]


def pictures(folder: Path) -> pandas.DataFrame:
    """One row for each file of the class folders in ``folder``, named by its place."""
    paths = sorted(folder.glob("*/*"))
    names = [f"{folder.name}/{path.parent.name}/{path.name}" for path in paths]
    return pandas.DataFrame({"image": map(str, paths), "label": [path.parent.name for path in paths]}, index=names)


def texts(path: Path) -> pandas.DataFrame:
    """The rows of a table, named by their number; no text means that a cell is missing."""
    table = pandas.read_csv(path, dtype=str, keep_default_na=False)[["text", "label"]]
    return table.set_index(pandas.Index([f"{path.stem}/{row}" for row in range(len(table))]))


def hyperparameters(weights: Path, n_train: int, epochs: int, *, is_text: bool) -> dict[str, object]:
    """What differs from the preset."""
    name = "hf_text" if is_text else "timm_image"
    batch = SMALL_BATCH if n_train < FEW else BATCH
    changed: dict[str, object] = {
        "model.names": [name],
        f"model.{name}.checkpoint_name": str(weights),
        "env.batch_size": batch,
        "env.per_gpu_batch_size": batch,
        "env.num_gpus": 0,
        "optim.max_epochs": epochs,
    }
    if is_text:
        changed["model.hf_text.text_train_augment_types"] = AUGMENTATIONS
        changed["model.hf_text.pooling_mode"] = "mean"
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds train and test: class folders or .csv")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    is_text = (args.folder / "train.csv").is_file()
    train, test = (
        texts(args.folder / f"{part}.csv") if is_text else pictures(args.folder / part) for part in ("train", "test")
    )
    with tempfile.TemporaryDirectory() as scratch:
        predictor = MultiModalPredictor(label="label", presets="medium_quality", path=str(Path(scratch) / "model"))
        predictor.fit(
            train,
            time_limit=args.seconds,
            seed=args.seed,
            hyperparameters=hyperparameters(args.weights, len(train), args.epochs, is_text=is_text),
        )
        probabilities = predictor.predict_proba(test.drop(columns="label"), as_pandas=True)
    predictions = probabilities.idxmax(axis=1).astype(str)
    second = probabilities[sorted(probabilities)[1]] if probabilities.shape[1] == 2 else None
    write_answers(args.out, list(test.index), list(test["label"]), list(predictions), second)


if __name__ == "__main__":
    main()
