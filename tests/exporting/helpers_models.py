"""Small bundles of every kind of input, learned from a few made examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.helpers_bundle import EVIDENCE, TASK, Choice, graph_of, linear_head, pictures, small_backbone
from bundle.helpers_tables import fitted
from headstart import bundle
from headstart.bundle import WrittenFitted, WrittenNetwork
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.core.table import Column, Table
from headstart.data.column_kinds import typed

NUMBERS = {"task": "regression", "class_names": [], "mean": 0.0, "half_width": 0.4}
FRONT = PartSchema(modality="image", columns=("front",), paired=True)
BACK = PartSchema(modality="image", columns=("back",))
QUESTION = PartSchema(modality="text", columns=("question", "answer"))
TEXTS = [b"where is my card", b"my card is lost!", b"what is the rate", b"rate of exchange?", b"the card, the rate"]


def table(n: int = 120, seed: int = 0) -> Table:
    """All kinds of columns and spellings, with gaps."""
    rng = np.random.default_rng(seed)
    prices = [f"{value:.2f}".replace(".", ",") for value in rng.normal(20, 9, n)]
    days = [f"{day:02d}/{month:02d}/20{year:02d}" for day, month, year in rng.integers(1, 13, (n, 3))]
    values: dict[str, Column] = {
        "price": typed([None, *prices[1:]], "number", "decimal_comma")[0],
        "count": typed(list(map(int, rng.integers(0, 4, n))), "number")[0],
        "huge": typed(list(10.0 ** rng.integers(0, 40, n)), "number")[0],
        "since": typed([None, *days[1:]], "date", "day_first")[0],
        "is new": typed(["yes", "no", None] * (n // 3), "boolean")[0],
        "colour": typed(list(rng.choice(["red", "Grün", "blue", "A9", "A10"], n)), "category")[0],
    }
    return Table(values)


def schema_of(rows: Table, *parts: PartSchema) -> InputSchema:
    columns = (ColumnSchema(name=name, kind=each.kind, spelling=each.spelling) for name, each in rows.columns.items())
    return InputSchema(parts=parts, columns=tuple(columns))


def solved(method: str, features: Any, kind: str, **settings: Any) -> Any:
    """What a method learns of a rule in the features; rows come in three folds."""
    plugin = plugins.load("methods", method)
    rng = np.random.default_rng(0)
    score = np.nan_to_num(features[:, : features.shape[1] // 2]).clip(-3, 3).sum(axis=1) + rng.normal(
        size=len(features)
    )
    values = score if kind == "real" else np.searchsorted(np.quantile(score, [0.3, 0.7]), score)
    targets = Targets(values, kind, 1 if kind == "real" else 3)
    folds = np.arange(len(features)) % 3
    return plugin.build(plugin.config(**settings)).fit(features, targets, folds, rng).fitted


def write_columns(folder: Path, backbones: list[str], method: str, kind: str = "class", **settings: Any) -> Any:
    """A bundle of plain columns."""
    rows = table()
    learned = [(name, *fitted(name, rows)) for name in backbones]
    features = np.concatenate([each for _, each, _ in learned], axis=1)
    if method == "blend":
        settings["trees_see"] = learned[-1][1].shape[1]
    return bundle.write(
        folder,
        sources=[WrittenFitted(name, arrays, rows.take(np.arange(8))) for name, _, arrays in learned],
        fitted=solved(method, features, kind, **settings),
        task_dict=NUMBERS if kind == "real" else TASK,
        input_schema=schema_of(rows),
        evidence=EVIDENCE,
    )


def write_terms(folder: Path, part: PartSchema) -> Any:
    """A bundle of counted words."""
    features, arrays = fitted("tfidf", TEXTS)
    return bundle.write(
        folder,
        sources=[WrittenFitted("tfidf", arrays, TEXTS, part=part)],
        fitted=linear_head(features.shape[1]),
        task_dict=TASK,
        input_schema=InputSchema(parts=(part,)),
        evidence=EVIDENCE,
    )


def write_network(folder: Path, parts: Sequence[PartSchema], backbone: Any, contents: list[bytes]) -> Any:
    """A bundle of a network for texts or recordings; it is compared on contents."""
    from headstart.data.modalities import modality

    preparer = modality(parts[0].modality).preparer(backbone.preprocessing, backbone.assets)
    prepared = [preparer.prepare(content) for content in contents]
    graph = graph_of(backbone, folder.parent / "graphs")
    paired = len(parts) == 2 and parts[0].paired
    return bundle.write(
        folder,
        sources=[WrittenNetwork(part, backbone, Choice(), graph, prepared) for part in parts],
        fitted=linear_head((4 if paired else len(parts)) * backbone.feature_dim),
        task_dict=TASK,
        input_schema=InputSchema(parts=tuple(parts)),
        evidence=EVIDENCE,
    )


def write_several(folder: Path, graphs: Path) -> Any:
    """A pair of pictures that one network sees, counted words and columns."""
    rows, question = table(), PartSchema(modality="text", columns=("remark",))
    columns, learned = fitted("columns", rows)
    terms, vocabulary = fitted("tfidf", TEXTS)
    backbone = small_backbone()
    graph = graph_of(backbone, graphs)
    return bundle.write(
        folder,
        sources=[
            WrittenNetwork(FRONT, backbone, Choice(), graph, pictures(4)),
            WrittenNetwork(BACK, backbone, Choice(), graph, pictures(4, seed=1)),
            WrittenFitted("tfidf", vocabulary, TEXTS[:4], part=question),
            WrittenFitted("columns", learned, rows.take(np.arange(4))),
        ],
        fitted=linear_head(4 * backbone.feature_dim + terms.shape[1] + columns.shape[1]),
        task_dict=TASK,
        input_schema=schema_of(rows, FRONT, BACK, question),
        evidence=EVIDENCE,
    )
