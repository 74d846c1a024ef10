"""Unlabelled examples whose labels would help most: where they come from, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import ConfigError
from headstart.core.seeding import generator
from headstart.features.sources import joined
from headstart.selection.suggest import margins_of, suggest

if TYPE_CHECKING:
    from headstart.auditing.examination import Learned
    from headstart.core.learning import Floats, Solution, Task
    from headstart.core.schema import InputSchema
    from headstart.data.dataset import Dataset

MOST = 1_000_000  # examples of a pool


def read_pool(source: Any, schema: InputSchema, workers: int) -> Dataset:
    """Examples without targets, looked at once; those that cannot be read are left out.

    Raises:
        ConfigError: nothing in it can be used.
    """
    from headstart.data.dataset import Dataset
    from headstart.data.modalities import modality
    from headstart.data.part import Part
    from headstart.data.scan import scan
    from headstart.data.unlabeled import read_unlabeled

    chunk = next(iter(read_unlabeled([source], schema=schema, chunk_size=MOST)), None)
    if chunk is None or not len(chunk):
        raise ConfigError(f"--unlabelled must hold examples like those of the data; {source} holds none.")
    parts, bad = [], set()
    for part in chunk.parts:
        found = scan(part.inputs, modality(part.modality), workers)
        parts.append(Part(part.schema, part.inputs, found.keys, found.sizes))
        bad |= set(found.problems)
    good = np.asarray([row for row in range(len(chunk)) if row not in bad], np.int64)
    if not len(good):
        raise ConfigError(f"--unlabelled must hold readable examples; none of the {len(chunk)} of {source} is.")
    pool = Dataset(parts=tuple(parts), table=chunk.table, ids=chunk.ids, name=str(source))
    return pool.take(good)


def suggestions(learned: Learned, solution: Solution, pool: Dataset, count: int, seed: int) -> list[dict[str, Any]]:
    """The most useful first, each with a reason in words.

    Args:
        learned: The probe and what it learned from.
        solution: Of the probe on all labelled examples.
        pool: Features of its examples are kept.
        count: At most.
        seed: Of what is drawn from a large pool.
    """
    sources = learned.candidate.sources
    known, features = _dense(joined(sources, learned.dataset)), _dense(joined(sources, pool))
    outputs = learned.candidate.method.predict(solution.fitted, joined(sources, pool))
    probabilities = _probabilities(learned.task, outputs)
    margins = None if probabilities is None else margins_of(probabilities)
    found = suggest(known, features, margins, count, generator(seed, "suggestions"))
    return [
        {
            "id": pool.ids[each.row],
            "why": _why(learned.task, None if probabilities is None else probabilities[each.row]),
            "margin": round(each.margin, 4),
            "gain": round(each.gain, 6),
        }
        for each in found
    ]


def _dense(features: Any) -> Any:
    values = features.toarray() if hasattr(features, "toarray") else features
    return np.asarray(values, np.float32)


def _probabilities(task: Task, outputs: Floats) -> Any:
    """``(N, K)`` of classes or grades; None elsewhere."""
    if task.kind not in ("class", "ordinal") or outputs.shape[1] < 2:
        return None
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _why(task: Task, probabilities: Any) -> str:
    if probabilities is None:
        return "stands for many that are unlike what has a label"
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    one, other = task.class_names[first], task.class_names[second]
    return f"{one!r} {probabilities[first]:.2f} or {other!r} {probabilities[second]:.2f}, and it stands for many such"
