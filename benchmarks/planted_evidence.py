"""Do explanations point at what is known to decide? Planted evidence in pictures, texts, recordings and columns.

    python benchmarks/planted_evidence.py [--train 80] [--test 20] [--only image,text,sound,table] [--ways grad_cam,...]
        [--curves 1000] [--out FILE]

Two classes differ in one thing alone: a stamp on a photograph (the photographs of examples/clothing, dealt to the
classes at random), one word in a text, a burst of tone in noise, one column of eight. The place is random and known. A
linear probe learns the classes on features of the networks that install with Headstart (columns: a linear probe and
boosted trees), and test examples that it gets right are explained. For each way of explaining: the share whose largest
figure lies in the planted place (a cell counts as planted where half of it is; "near" with the 15 pixels around it that
the pointing game allows), areas under deletion and insertion beside random orders, the rank correlation with random
weights, and seconds for each example.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
STAMP = 56  # pixels of 224
NEAR = 15  # pixels beside the object that still count in the pointing game of Zhang et al. 2016
RATE, BURST, PITCH = 16000, 0.3, 1500.0  # hertz, seconds, hertz
FILLER = "my the a i please how do can for to is it was today again you me with about this that order parcel".split()
WORDS = ("excellent", "terrible")
COLUMNS, DECISIVE = 8, 3


@dataclass(frozen=True)
class Planted:
    """Examples of one kind.

    Attributes:
        contents: Bytes, or for tables rows of numbers.
        labels: 0 or 1.
        places: What was planted where; None where nothing was.
    """

    contents: list[Any]
    labels: NDArray[np.int64]
    places: list[Any]


def pictures(count: int, rng: np.random.Generator) -> Planted:
    """Photographs of 224 x 224, every second one with a stamp of black and white squares."""
    from PIL import Image

    paths = sorted((ROOT / "examples" / "clothing").rglob("*.jpg"))
    chosen = rng.permutation(len(paths))[:count]
    contents, places = [], []
    squares = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((STAMP // 4, STAMP // 4)))[..., None] * 255
    for number, path in enumerate(chosen):
        pixels = np.asarray(Image.open(paths[path]).convert("RGB").resize((224, 224))).copy()
        place = None
        if number % 2:
            top, left = (int(x) for x in rng.integers(0, 224 - STAMP, 2))
            pixels[top : top + STAMP, left : left + STAMP] = squares
            place = (top, left)
        stream = BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        contents.append(stream.getvalue())
        places.append(place)
    return Planted(contents, np.arange(len(contents)) % 2, places)


def texts(count: int, rng: np.random.Generator) -> Planted:
    """Twelve words at random, one of which decides."""
    contents, places = [], []
    for number in range(count):
        words = [str(word) for word in rng.choice(FILLER, 12)]
        place = int(rng.integers(12))
        words[place] = WORDS[number % 2]
        contents.append(" ".join(words).encode())
        places.append(place)
    return Planted(contents, np.arange(count) % 2, places)


def recordings(count: int, rng: np.random.Generator) -> Planted:
    """Two seconds of noise, every second one with a burst of tone."""
    import soundfile

    contents, places = [], []
    for number in range(count):
        wave = rng.normal(0, 0.03, 2 * RATE)
        place = None
        if number % 2:
            start = float(rng.uniform(0.1, 1.9 - BURST))
            there = slice(round(start * RATE), round((start + BURST) * RATE))
            time_ = np.arange(there.stop - there.start) / RATE
            wave[there] += 0.3 * np.sin(2 * np.pi * PITCH * time_) * np.hanning(len(time_))
            place = start
        stream = BytesIO()
        soundfile.write(stream, wave, RATE, format="WAV", subtype="PCM_16")
        contents.append(stream.getvalue())
        places.append(place)
    return Planted(contents, np.arange(count) % 2, places)


def columns(count: int, rng: np.random.Generator) -> Planted:
    """Eight columns of normal numbers; the sign of one, with some noise, is the class."""
    rows = rng.normal(size=(count, COLUMNS))
    labels = (rows[:, DECISIVE] + 0.1 * rng.normal(size=count) > 0).astype(np.int64)
    return Planted(list(rows), labels, [DECISIVE] * count)


def planted_units(modality: str, units: Any, place: Any, near: int = 0) -> NDArray[np.bool_]:
    """Of the units' shape: which of them hold what was planted; of pictures at least half of a cell, ``near`` pixels
    beyond the stamp included.
    """
    from headstart.explanation.grid import averaged

    if modality == "image":
        pixels = np.zeros((224, 224))
        (top, left), reach = place, STAMP + near
        pixels[max(top - near, 0) : top + reach, max(left - near, 0) : left + reach] = 1
        return averaged(pixels, units.shape) >= 0.5
    found = np.zeros(units.shape, bool)
    if modality == "sound":
        bins, frames = units.levels.shape
        seconds = np.arange(frames) / frames * 2
        inside = np.zeros((bins, frames), bool)
        pitch = round(PITCH * 512 / RATE)
        inside[pitch, (seconds >= place) & (seconds <= place + BURST)] = True
        shares = units.per_cell(inside) / units.per_cell(np.ones_like(inside)[pitch : pitch + 1].repeat(bins, 0))
        return shares > 0
    found[place] = True
    return found


@dataclass(frozen=True)
class Solved:
    """A model of planted examples, as a bundle's predictor has it."""

    predictor: Any
    fitted: Any
    backbone: Any | None


def solve(features: NDArray[Any], labels: NDArray[np.int64], method: str) -> Any:
    """The head."""
    from headstart.core import plugins
    from headstart.core.learning import Targets

    plugin = plugins.load("methods", method)
    built = plugin.build(plugin.config())
    folds = np.arange(len(labels)) // 2 % 5
    fitted = built.fit(features, Targets(labels, "class", 2), folds, np.random.default_rng(0)).fitted
    return fitted, partial(built.predict, fitted)


def model_of_inputs(modality: str, planted: Planted, train: int) -> Solved:
    """The default network of a kind of input, under a linear probe."""
    import torch

    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.load import load_card
    from headstart.bundle.predictor import Pass, Predictor, Source
    from headstart.core.schema import InputSchema, PartSchema
    from headstart.data.modalities import modality as kind
    from headstart.postprocessing.postprocessing import Postprocessing

    backbone = load_card(catalogue.default_card(modality)).eval()
    for parameter in backbone.parameters():
        parameter.requires_grad_(False)
    preparer = kind(modality).preparer(backbone.preprocessing, backbone.assets)

    def compute(values: NDArray[Any]) -> NDArray[np.float32]:
        with torch.no_grad():
            return backbone(torch.from_numpy(np.ascontiguousarray(values))).numpy()

    rows = [compute(preparer.prepare(content)[None])[0] for content in planted.contents[:train]]
    fitted, head = solve(np.stack(rows), planted.labels[:train], "linear_probe")
    over = Pass(0, preparer, compute, 16, "eager", "float32")
    schema = InputSchema(parts=(PartSchema(modality=modality),))
    return Solved(Predictor(schema, (Source(0, over),), head, Postprocessing(), "class"), fitted, backbone)


def model_of_columns(planted: Planted, train: int, method: str) -> Solved:
    """Columns under a linear probe or boosted trees."""
    from headstart.bundle import FittedBackbone
    from headstart.bundle.predictor import Predictor, Source
    from headstart.core import plugins
    from headstart.core.schema import ColumnSchema, InputSchema
    from headstart.postprocessing.postprocessing import Postprocessing

    name = "columns" if method == "linear_probe" else "raw_columns"
    plugin = plugins.load("backbones.fitted", name)
    table = table_of(planted.contents[:train])
    arrays = plugin.build(plugin.config()).fit(table)
    backbone = FittedBackbone(name, arrays)
    fitted, head = solve(backbone.transform(table), planted.labels[:train], method)
    schema = InputSchema(columns=tuple(ColumnSchema(name=name, kind="number") for name in table.columns))
    source = Source(None, None, backbone.transform)
    return Solved(Predictor(schema, (source,), head, Postprocessing(), "class"), fitted, None)


def table_of(rows: list[NDArray[Any]]) -> Any:
    """Rows as plain columns."""
    from headstart.core.table import Column, Table

    values = np.stack(rows)
    return Table({f"c{k}": Column("number", values[:, k]) for k in range(values.shape[1])})


def measured(
    modality: str, planted: Planted, train: int, solved: Solved, method: str, most: int, drawn_for: int
) -> dict[str, Any]:
    """Explain test examples that are predicted right and hold something planted; curves of the first ``drawn_for``."""
    from headstart.core import plugins
    from headstart.explanation.checks.curves import curves
    from headstart.explanation.checks.pointing import points_at
    from headstart.explanation.checks.randomisation import against_random_weights
    from headstart.explanation.example import Example
    from headstart.explanation.model import Model, features_of, unchanged
    from headstart.explanation.network import Network, random_weights
    from headstart.explanation.question import Question
    from headstart.explanation.unit import units_of

    plugin = plugins.load("explanation.explainers", method)
    explainer = plugin.build(plugin.config())
    needs_gradients = "gradients" in plugin.needs
    random_network: Any = None
    hits, near, rows, seconds, right, asked = [], [], [], [], 0, 0
    for number in range(train, len(planted.contents)):
        place = planted.places[number]
        if place is None or len(hits) == most:
            continue
        example = (
            Example((), {}, table_of([planted.contents[number]]))
            if modality == "table"
            else Example(
                (solved.predictor.passes[0].preparer.prepare(planted.contents[number]),), {0: planted.contents[number]}
            )
        )
        label = int(planted.labels[number])
        asked += 1
        outputs = solved.predictor.outputs_of(features_of(solved.predictor, unchanged(example)))
        if int(np.argmax(outputs[0])) != label:
            continue
        right += 1
        units = units_of(solved.predictor, example)
        model = Model(solved.predictor, label)
        network = (
            None
            if solved.backbone is None
            else Network(solved.backbone, solved.fitted.arrays["weight"], label, "class")
        )
        question = Question(example, units, model, lambda found=network: (found,))
        began = time.perf_counter()
        found = explainer.explain(question)
        seconds.append(time.perf_counter() - began)
        hits.append(points_at(found.values, planted_units(modality, units, place)))
        near.append(points_at(found.values, planted_units(modality, units, place, NEAR)))
        areas = {}
        if len(hits) <= drawn_for:
            areas = curves(model, units, found.values, np.random.default_rng(number)).to_dict()
        correlation = None
        if needs_gradients and network is not None:
            random_network = random_network or network.with_random_weights(0)
            random = replace(random_network, column=label)
            correlation = against_random_weights(explainer, question, found.values, lambda found=random: (found,))
        elif solved.fitted.spec.get("form") == "linear":
            from headstart.core.learning import Fitted
            from headstart.methods.linear import linear_outputs

            weight = random_weights(solved.fitted.arrays["weight"], np.random.default_rng(0))
            other = Fitted({**solved.fitted.arrays, "weight": weight}, solved.fitted.spec)
            predictor = replace(solved.predictor, head=partial(linear_outputs, other))
            asked_again = replace(question, model=Model(predictor, label))
            correlation = against_random_weights(explainer, asked_again, found.values, question.networks)
        rows.append({**areas, "random_weights": correlation, "gap": found.gap})
    drawn = [row for row in rows if "random" in row]
    mean = {name: float(np.mean([row[name] for row in drawn])) for name in ("deletion", "insertion", "random")}
    known = [row["random_weights"] for row in rows if row["random_weights"] is not None]
    gaps = [row["gap"] for row in rows if row["gap"] is not None]
    return {
        "modality": modality, "method": method, "head": solved.fitted.spec["method"], "asked": asked, "right": right,
        "explained": len(hits), "curves_of": len(drawn), "pointing": float(np.mean(hits)),
        "pointing_near": float(np.mean(near)), **mean,
        "deletion_better": float(np.mean([row["deletion"] < row["random"] for row in drawn])),
        "insertion_better": float(np.mean([row["insertion"] > row["random"] for row in drawn])),
        "random_weights": float(np.mean(known)) if known else None,
        "random_weights_size": float(np.mean(np.abs(known))) if known else None,
        "sum_gap": float(np.median(gaps)) if gaps else None, "seconds": float(np.median(seconds)),
    }  # fmt: skip


KINDS: dict[str, tuple[Callable[..., Planted], tuple[str, ...]]] = {
    "table": (columns, ("shapley", "occlusion")),
    "text": (texts, ("integrated_gradients", "occlusion")),
    "sound": (recordings, ("integrated_gradients", "occlusion")),
    "image": (pictures, ("hires_cam", "grad_cam", "integrated_gradients", "occlusion")),
}


def run(
    only: list[str], train: int, test: int, drawn_for: int, ways: list[str], told: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """All kinds of ``only`` and all ``ways``; ``test`` examples are explained, of twice as many that are made."""
    found = []
    for modality in only:
        make, methods = KINDS[modality]
        planted = make(train + 2 * test, np.random.default_rng(7))
        heads = ("linear_probe", "boosting") if modality == "table" else ("linear_probe",)
        for head in heads:
            solved = (
                model_of_columns(planted, train, head)
                if modality == "table"
                else model_of_inputs(modality, planted, train)
            )
            for method in filter(ways.__contains__, methods):
                found.append(measured(modality, planted, train, solved, method, test, drawn_for))
                told(json.dumps(found[-1]))
    return found


def main() -> None:
    """Print one line for each, and write all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=int, default=80)
    parser.add_argument("--test", type=int, default=20)
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--curves", type=int, default=1000, help="examples of which curves are measured")
    parser.add_argument("--ways", default="shapley,hires_cam,grad_cam,integrated_gradients,occlusion")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = run(asked.only.split(","), asked.train, asked.test, asked.curves, asked.ways.split(","))
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
