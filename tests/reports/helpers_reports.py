"""Realistic run folders for the report, made from small confusion matrices; nothing is trained."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CLOTHES = ["dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"]


def interval(value: float, n: int | None = None, *, half: float | None = None, within=(0.0, 1.0)) -> dict[str, Any]:
    """An interval about as wide as a share of n examples has."""
    half = half if half is not None else 1.96 * math.sqrt(max(value * (1 - value), 0.02) / n)
    low, high = max(within[0], value - half), min(within[1], value + half)
    return {"value": round(value, 6), "low": round(low, 6), "high": round(high, 6), "level": 0.95}


def nothing(value: float) -> dict[str, Any]:
    """A value for which no interval can be given."""
    return {"value": value, "low": None, "high": None, "level": 0.95}


def gap(value: float, half: float) -> dict[str, Any]:
    return interval(value, half=half, within=(-1.0, 1.0))


def counts(class_names: Sequence[str], per_class: int, right: float, seed: int = 0) -> list[list[int]]:
    """A confusion matrix: mistakes lean to the neighbouring class."""
    rng = np.random.default_rng(seed)
    size = len(class_names)
    result = np.zeros((size, size), dtype=int)
    for i in range(size):
        share = np.clip(right + rng.normal(0, 0.1), 0.2, 0.98)
        weight = np.exp(-np.abs(np.arange(size) - i) / 1.5)
        weight[i] = 0
        probabilities = (1 - share) * weight / weight.sum()
        probabilities[i] = share
        result[i] = rng.multinomial(per_class, probabilities / probabilities.sum())
    return result.tolist()


def per_class(class_names: Sequence[str], matrix: Sequence[Sequence[int]]) -> dict[str, Any]:
    table = np.array(matrix)
    rows = {}
    for i, name in enumerate(class_names):
        n, said = int(table[i].sum()), int(table[:, i].sum())
        precision = interval(table[i, i] / said, said) if said else nothing(0.0)
        rows[name] = {"precision": precision, "recall": interval(table[i, i] / n, n), "n": n}
    return rows


def classification(
    class_names: Sequence[str] = CLOTHES,
    *,
    test_per_class: int = 37,
    n_train: int = 550,
    right: float = 0.87,
    name: str = "clothing_small",
) -> dict[str, Any]:
    """A good result: transfer helps."""
    matrix = counts(class_names, test_per_class, right)
    total = test_per_class * len(class_names)
    accuracy = float(np.trace(matrix) / total)
    return {
        "schema": 1,
        "headstart_version": "0.1.0",
        "test_reads": 1,
        "task": "classification",
        "primary": "accuracy",
        "sentence": (
            f"{name}: {accuracy:.1%} of {total} test images are classified correctly (95% interval "
            f"{interval(accuracy, total)['low']:.1%} to {interval(accuracy, total)['high']:.1%}), and transfer helps."
        ),
        "n": {"train": n_train, "val": 0, "test": total},
        "test": {
            "accuracy": interval(accuracy, total),
            "balanced_accuracy": interval(accuracy - 0.004, half=0.035),
            "macro_f1": interval(accuracy - 0.009, half=0.037),
            "precision_macro": interval(accuracy + 0.003, half=0.034),
            "recall_macro": interval(accuracy - 0.004, half=0.035),
            "log_loss": interval(0.412, half=0.09, within=(0, 9)),
            "ece": interval(0.031, half=0.014),
            "per_class": per_class(class_names, matrix),
        },
        "confusion": {"class_names": list(class_names), "counts": matrix},
        "comparisons": comparisons(accuracy, total, n_train),
        "verdict": {
            "transfer_helps": "yes",
            "chosen": "linear_probe",
            "against": "pixel_histograms",
            "difference": gap(accuracy - 0.565, 0.055),
            "why": (
                f"Transfer helps: the pretrained model is {100 * (accuracy - 0.565):.1f} points of accuracy above the "
                "best model without (colours and edges with a linear model)."
            ),
        },
        "guard": {
            "chosen": "linear_probe",
            "out_of_fold_loss": {"linear_probe": 0.4311, "knn": 0.9124, "pixel_histograms": 1.3712},
            "rows": n_train,
            "fell_back": False,
            "why": (
                "linear_probe has the smallest log-loss on held-out folds of the training images "
                "(0.431; next is knn with 0.912)."
            ),
        },
        "learning_curve": curve(accuracy, total, n_train),
        "cost": {"wall_seconds": 8.913, "cpu_seconds": 14.2, "peak_memory_mib": 812.4, "predict_ms_per_input": 3.117},
        "backbone": {
            "name": "efficientnet_lite0",
            "family": "efficientnet_lite",
            "parameters": 4652008,
            "licence": "Apache-2.0",
            "pretraining": "ImageNet-1k, 1.28 million labelled photographs of 1,000 kinds of things",
            "known_biases": "Photographs from the web of 2010, mostly from North America and Europe.",
            "source": "embedded",
            "sha256": "f3c5f3e87ba4ce7a3c8b7a6a0f7d3b5e9f2a1c4d6e8b0a2c4e6f8091a3b5c7d9",
        },
        "data": {"fingerprint": "9b1f0c5a7d3e2b4c6a8f0e1d2c3b4a5968778695a4b3c2d1e0f9a8b7c6d5e4f3", "name": name},
        "warnings": [],
    }


def comparisons(accuracy: float, total: int, n_train: int) -> list[dict[str, Any]]:
    def row(name, kind, value, half, what, train=n_train):
        return {
            "name": name,
            "kind": kind,
            "transfer": kind == "transfer",
            "what": what,
            "n_train": train,
            "n_test": total,
            "accuracy": interval(value, total),
            "difference": gap(accuracy - value, half),
        }

    return [
        row("majority_class", "baseline", 0.1, 0.045, "Always answers with the class that is most common in training."),
        row(
            "knn",
            "transfer",
            accuracy - 0.084,
            0.036,
            "The same features; the label of the most similar training images.",
        ),
        row(
            "random_weights",
            "ablation",
            0.331,
            0.055,
            "The same network before it has learned anything, with the same probe.",
            200,
        ),
        row(
            "pixel_histograms",
            "baseline",
            0.565,
            0.055,
            "Colour and gradient histograms with a linear model; no network.",
        ),
    ]


def curve(accuracy: float, total: int, n_train: int) -> dict[str, Any]:
    sizes = [max(2, n_train // 16), n_train // 8, n_train // 4, n_train // 2, n_train]
    points = [{"n": n, **interval(accuracy - 0.42 * (n / sizes[0]) ** -0.62 + 0.08, total)} for n in sizes]
    last = points[-1]["value"]
    return {
        "metric": "accuracy",
        "points": points,
        "forecast": {"n": 2 * n_train, **interval(last + 0.016, half=0.03)},
        "note": "Out-of-fold on the training images, mean of several draws. The forecast extends a power law.",
    }


def unclear() -> dict[str, Any]:
    """The interval of the difference holds zero."""
    evidence = classification(["scratch", "dent", "fine"], test_per_class=20, n_train=118, right=0.75, name="panels")
    accuracy = evidence["test"]["accuracy"]["value"]
    for row in evidence["comparisons"]:
        if row["name"] == "pixel_histograms":
            row["accuracy"], row["difference"] = interval(accuracy - 0.033, 60), gap(0.033, 0.11)
    evidence["sentence"] = f"panels: {accuracy:.1%} of 60 test images are right; whether transfer helps is unclear."
    evidence["verdict"].update(
        transfer_helps="unclear",
        difference=gap(0.033, 0.11),
        why=(
            "Whether transfer helps is unclear: the pretrained model is 3.3 points above the best model without "
            "(95 % interval -7.7 to +14.3)."
        ),
    )
    evidence["warnings"] = ["Class 'dent' has 14 training images: its numbers rest on few examples."]
    return evidence


def fell_back() -> dict[str, Any]:
    """Pretrained features lose, and the guard ships the model without."""
    evidence = classification(["ok", "porous"], test_per_class=90, n_train=240, right=0.9, name="castings")
    accuracy = evidence["test"]["accuracy"]["value"]
    evidence["comparisons"] = [row for row in evidence["comparisons"] if row["name"] != "pixel_histograms"]
    evidence["comparisons"].append(
        {
            "name": "linear_probe",
            "kind": "transfer",
            "transfer": True,
            "what": "A linear model on features of the pretrained network.",
            "n_train": 240,
            "n_test": 180,
            "accuracy": interval(accuracy - 0.11, 180),
            "difference": gap(0.11, 0.06),
        }
    )
    evidence["sentence"] = f"castings: {accuracy:.1%} of 180 test images are right, without transfer."
    evidence["verdict"] = {
        "transfer_helps": "no",
        "chosen": "pixel_histograms",
        "against": "pixel_histograms",
        "difference": gap(-0.11, 0.06),
        "why": "Transfer does not help: the pretrained model is 11.0 points of accuracy below the best model without.",
    }
    evidence["guard"] = {
        "chosen": "pixel_histograms",
        "out_of_fold_loss": {"linear_probe": 0.542, "pixel_histograms": 0.301, "knn": None},
        "rows": 240,
        "fell_back": True,
        "why": (
            "linear_probe lost to pixel_histograms on held-out folds of the training images "
            "(log-loss 0.542 against 0.301), so pixel_histograms was chosen."
        ),
    }
    return evidence


def two_classes() -> dict[str, Any]:
    """A rare class decides by macro-F1; ROC AUC and average precision are there; two reads of the test; slices."""
    evidence = classification(["healthy", "tumour"], test_per_class=60, n_train=300, right=0.9, name="scans")
    evidence["primary"] = "macro_f1"
    for row in evidence["comparisons"]:
        row["macro_f1"] = row.pop("accuracy")
    evidence["learning_curve"]["metric"] = "macro_f1"
    evidence["test"]["roc_auc"] = interval(0.957, half=0.03)
    evidence["test"]["average_precision"] = interval(0.944, half=0.04)
    evidence["test_reads"] = 2
    evidence["slices"] = {
        "hospital": {
            "north": {"n": 51, "macro_f1": interval(0.93, 51)},
            "south": {"n": 48, "macro_f1": interval(0.84, 48)},
            "coast": {"n": 21, "macro_f1": interval(0.71, 21)},
        }
    }
    return evidence


def hundred_classes() -> dict[str, Any]:
    names = [f"species {i:03d}" for i in range(100)]
    return classification(names, test_per_class=12, n_train=1600, right=0.72, name="birds")


def trial(
    start: float | None, losses: Sequence[float | None], *, train: Sequence[float | None] = (), **more: Any
) -> dict[str, Any]:
    """The report of a training: validation losses by epoch, the best one found among them."""
    known = {0: start, **dict(enumerate(losses, 1))}
    best = min((epoch for epoch in known if known[epoch] is not None), key=lambda epoch: known[epoch])
    history = [
        {
            "epoch": epoch,
            "train_loss": train[epoch - 1] if train else None,
            "val_loss": loss,
            "val_score": 0.8 if loss is not None else None,
            "lr": 1e-4,
            "boundary": 2,
            "view": epoch,
        }
        for epoch, loss in enumerate(losses, 1)
    ]
    return {
        "start": {"val_loss": start, "val_score": 0.8},
        "best": {"epoch": best, "val_loss": known[best]},
        "end": {"val_loss": known[best], "val_score": 0.85},
        "history": history,
        "messages": [],
        "stopped": "",
        "lr": 1e-4,
        "precision": "float32",
        "boundary": 2,
        "temperature": 1.1,
        "settings": {
            "freeze": 2,
            "epochs": len(losses),
            "batch_size": 32,
            "lr": 1e-4,
            "augmentation": "light",
            "views": 4,
            "keep": True,
            "precision": "float32",
        },
        "n_val": 110,
        "stages": [
            {"stage": "stem", "trained": False, "parameters": 900},
            {"stage": "layer1", "trained": False, "parameters": 20_000},
            {"stage": "layer2", "trained": True, "parameters": 1_500_000},
            {"stage": "pool", "trained": True, "parameters": 0},
        ],
        **more,
    }


def trained() -> dict[str, Any]:
    """A network was trained further, and once more from random weights: its losses lie far above."""
    evidence = classification(name="trained")
    losses = [0.52, 0.54, None, 0.49, 0.46, 0.47]
    said = ["the loss is not finite; back to the best point, with the learning rate halved to 5e-05"]
    evidence["training"] = {
        "lp_ft": trial(0.5, losses, train=[0.4, 0.3, None, 0.2, 0.15, 0.1], messages=said),
        "from_scratch": trial(2.31, [2.2, 2.1, 2.05, 1.9, 1.8, 1.85], train=[2.4, 2.2, 2.1, 2.0, 1.9, 1.8]),
    }
    seconds = [{"seconds": 6.0 + i / 10, "cpu_seconds": 11.0} for i in range(6)]
    evidence["cost"]["training"] = {"lp_ft": {"predicted": {"epoch": 7.1, "all": 42.7}, "epochs": seconds}}
    return evidence


def bare() -> dict[str, Any]:
    """Every optional section is missing, and no interval can be given."""
    return {
        "schema": 1,
        "headstart_version": "0.1.0",
        "test_reads": 1,
        "task": "classification",
        "primary": "accuracy",
        "n": {"train": 6, "test": 2},
        "test": {"accuracy": nothing(0.5)},
        "verdict": {"transfer_helps": "unclear", "chosen": "linear_probe", "why": ""},
    }


def no_intervals() -> dict[str, Any]:
    """All sections, and every interval is null."""
    return without_bounds(classification(["a", "b"], test_per_class=4, n_train=12, name="tiny"))


def without_bounds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: None if key in ("low", "high") else without_bounds(item) for key, item in value.items()}
    return [without_bounds(item) for item in value] if isinstance(value, list) else value


EVIDENCE = {
    "good": classification,
    "unclear": unclear,
    "fell_back": fell_back,
    "two_classes": two_classes,
    "hundred_classes": hundred_classes,
    "trained": trained,
    "bare": bare,
    "no_intervals": no_intervals,
}


def plan(evidence: Mapping[str, Any]) -> dict[str, Any]:
    names = evidence.get("confusion", {}).get("class_names", [])
    n = evidence["n"]
    share = max(1, len(names))
    return {
        "schema": 1,
        "steps": [
            {"name": "read", "what": "Read and check every picture.", "count": n["train"] + n["test"], "seconds": 0.4},
            {
                "name": "features",
                "what": "Run the frozen network once.",
                "count": n["train"] + n["test"],
                "seconds": 3.8,
            },
            {"name": "solve", "what": "Linear probe over 12 strengths, 5 folds.", "count": 60, "seconds": 0.9},
            {"name": "evidence", "what": "Refit the comparisons, open the test split.", "count": 4, "seconds": None},
        ],
        "notes": ["Nothing is downloaded.", "Near-duplicates stay on one side of the split."],
        "data": {
            "name": evidence.get("data", {}).get("name", "data"),
            "n": n["train"] + n["test"],
            "classes": {name: {"train": n["train"] // share, "val": 0, "test": n["test"] // share} for name in names},
            "modality": "image",
            "fingerprint": evidence.get("data", {}).get("fingerprint", ""),
        },
        "preprocessing": {"kind": "image", "image_size": [224, 224], "resize": "crop", "cut_off_fraction": 0.318},
        "backbone": {"name": "efficientnet_lite0", "stage": "pool", "D": 1280},
        "trainable": {"parameters": 1281 * max(2, len(names))},
        "frozen": {"parameters": 3371024},
        "seconds": 7.1,
    }


def photo(colour: tuple[int, int, int], size=(160, 120)) -> str:
    """A thumbnail as examples.json holds them."""
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def examples(class_names: Sequence[str], thumbnails: Sequence[str] | None = None, mistakes: int = 6) -> dict[str, Any]:
    pictures = list(thumbnails or [photo((40 * i % 256, 90, 200 - 20 * i)) for i in range(8)])

    def pick(i):
        return pictures[i % len(pictures)]

    return {
        "schema": 1,
        "mistakes": [
            {
                "id": f"test/{class_names[i % len(class_names)]}/{i:04d}.jpg",
                "target": class_names[i % len(class_names)],
                "prediction": class_names[(i + 1) % len(class_names)],
                "probability": 0.98 - 0.03 * i,
                "thumbnail": pick(4 * i),
                "nearest": [
                    {
                        "id": f"train/{class_names[(i + j) % len(class_names)]}/{j:04d}.jpg",
                        "target": class_names[(i + (j > 0)) % len(class_names)],
                        "distance": 0.11 + 0.04 * j,
                        "thumbnail": pick(4 * i + j + 1),
                    }
                    for j in range(3)
                ],
            }
            for i in range(mistakes)
        ],
    }


def write_predictions(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """predictions/test.parquet."""
    import pyarrow
    import pyarrow.parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), path)


def predictions(evidence: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The rows that its confusion matrix counts; the k-th one of a class has a probability of 0.4 and k thousandths."""
    names, counted = evidence["confusion"]["class_names"], evidence["confusion"]["counts"]
    rows = [(i, j, k) for i, row in enumerate(counted) for j, cell in enumerate(row) for k in range(cell)]
    sure = [min(0.4 + k / 1000, 1.0) for _, _, k in rows]
    columns = {
        "id": [f"test/{names[i]}/{i}-{j}-{k:04d}.jpg".replace("\udce4", "") for i, j, k in rows],
        "target": [names[i].replace("\udce4", "") for i, _, _ in rows],
        "prediction": [names[j].replace("\udce4", "") for _, j, _ in rows],
        "out_of_domain": [k % 20 == 19 for _, _, k in rows],
    }
    for place, name in enumerate(names):
        rest = [(1 - share) / max(1, len(names) - 1) for share in sure]
        columns[f"probability_{name}".replace("\udce4", "")] = [
            share if j == place else other for (_, j, _), share, other in zip(rows, sure, rest, strict=True)
        ]
    return columns


DECISIONS = [
    {"name": "task", "value": "classification", "reason": "10 distinct names among 922 targets"},
    {
        "name": "runtime",
        "value": "openvino bf16, batch 64",
        "reason": "667 images/s measured, cosine 0.9997 to eager float32",
    },
    {"name": "primary", "value": "accuracy", "reason": "the smallest class holds 10 % or more of the examples"},
]
CONFIG = """\
schema: 1
data: /home/somebody/secret project/clothing_small
task: classification
model:
  name: efficientnet_lite0
  resize: crop
method: {name: linear_probe}
seed: 7
slices: []
test: null
"""


def write_run(
    folder: Path, evidence: Mapping[str, Any], *, thumbnails: Sequence[str] | None = None, mistakes: int = 6
) -> Path:
    """A run folder with all files the report reads."""
    folder.mkdir(parents=True)
    names = evidence.get("confusion", {}).get("class_names", [])
    documents = {"evidence.json": evidence, "plan.json": plan(evidence)}
    if names:
        documents["examples.json"] = examples(names, thumbnails, mistakes)
        write_predictions(folder / "predictions" / "test.parquet", predictions(evidence))
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    (folder / "decisions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in DECISIONS), encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return folder
