"""The script most people write for texts: Hugging Face Trainer on MiniLM, everything trained, three epochs.

``python peer_trainer.py FOLDER MODEL_FOLDER [--epochs 3]``; FOLDER holds train.csv and test.csv (text, label). Defaults
of Trainer (AdamW 5e-5, linear decay, batch 8) but for the batch of 32 and dynamic padding. Prints JSON.
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
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    from datasets import Dataset
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    texts, labels = read_csv(options.folder / "train.csv")
    test_texts, test_labels = read_csv(options.folder / "test.csv")
    names = sorted(set(labels))
    tokenizer = AutoTokenizer.from_pretrained(str(options.model))
    model = AutoModelForSequenceClassification.from_pretrained(str(options.model), num_labels=len(names))

    def encoded(texts: list[str], labels: list[str]) -> Dataset:
        tokens = tokenizer(texts, truncation=True, max_length=256)
        return Dataset.from_dict({**tokens, "labels": [names.index(label) for label in labels]})

    with tempfile.TemporaryDirectory() as place:
        arguments = TrainingArguments(
            output_dir=place, num_train_epochs=options.epochs, per_device_train_batch_size=32,
            per_device_eval_batch_size=64, seed=options.seed, save_strategy="no", logging_strategy="no",
            report_to="none",
        )  # fmt: skip
        trainer = Trainer(
            model=model, args=arguments, train_dataset=encoded(texts, labels),
            data_collator=DataCollatorWithPadding(tokenizer),
        )  # fmt: skip
        trainer.train()
        predicted = trainer.predict(encoded(test_texts, test_labels)).predictions.argmax(axis=1)
    right = sum(names[one] == other for one, other in zip(predicted, test_labels, strict=True))
    row = {
        "tool": "trainer",
        "epochs": options.epochs,
        "accuracy": right / len(test_labels),
        "n_test": len(test_labels),
    }
    print(json.dumps({**row, "whole_seconds": time.perf_counter() - BEGAN}))


if __name__ == "__main__":
    main()
