"""The reference, made of held-out rows at fit time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.core.table import Table
from headstart.evaluation.drift.estimated_accuracy import HeldOutAccuracy, held_out_accuracy
from headstart.evaluation.drift.mean_embedding import cosines, learn_cosines
from headstart.evaluation.out_of_domain.p_values import p_values
from headstart.monitoring.families import Family
from headstart.monitoring.readings import DIRECTIONS, ERROR, OTHER, PREDICTED, Readings, along_directions, readings_of
from headstart.monitoring.reference import Counts, Error, Listed, Numbered, Reference
from headstart.postprocessing.postprocessing import DOMAIN
from headstart.postprocessing.postprocessing import REFERENCE as STRANGENESS

BINS = 20
COSINES = 64
FEWEST = 30  # rows of a reference: fewer show no change that matters
FEWEST_OF_CATEGORY = 5  # rows of a category that is named
MOST_CATEGORIES = 30
MOST_CONFUSED = 200  # classes up to which the confusion matrix is kept


@dataclass(frozen=True)
class HeldOutRows:
    """What a fit knows of rows that the model did not see.

    Attributes:
        task: Settled.
        outputs: ``(n, W)``, each row calibrated without itself; None where no row was held out.
        targets: Of those n rows.
        features: ``(r, D)`` of rows that the features did not learn from; None where they are not looked at.
        facts: ``(N,)`` by name, of all rows of the training part.
        table: Plain columns of these.
        unusable: Inputs that could not be read, and inputs in all.
    """

    task: Task
    outputs: Floats | None
    targets: Targets
    features: NDArray[Any] | None
    facts: Mapping[str, Floats]
    table: Table
    unusable: tuple[int, int]


def learned_reference(held: HeldOutRows, domain: Mapping[str, NDArray[Any]], rng: np.random.Generator) -> Reference:
    """Counts of everything that can be measured.

    Args:
        held: The rows.
        domain: Arrays of the postprocessing's detector, with their prefix; empty where features are not looked at.
        rng: Decides the random cosines.
    """
    middle, per_spread = (np.asarray(domain.get(DOMAIN + name, np.zeros(0)), np.float64)
                          for name in ("middle", "per_spread"))  # fmt: skip
    outputs = held.outputs if held.outputs is not None and len(held.outputs) >= FEWEST else None
    along = None
    if held.features is not None and len(middle) and len(held.features) >= FEWEST:
        along = along_directions(held.features, middle, per_spread)
    strangeness = domain.get(DOMAIN + STRANGENESS)
    p = None if strangeness is None else p_values(strangeness, strangeness)
    facts = {} if len(next(iter(held.facts.values()), ())) < FEWEST else held.facts
    table = held.table if len(held.table) >= FEWEST else Table()
    seen = readings_of(held.task, outputs, along, p, facts, table)
    errors = None
    if outputs is not None and held.targets.kind == "real":
        errors = absolute_errors(held.task, outputs, held.targets)
        seen = replace(seen, numbers={**seen.numbers, ("measured", ERROR): errors})
    embedding = _embedding(along, rng)
    numbered, edges, counts = _numbered(seen)
    listed, listed_counts = _listed(seen, held.task)
    sureness, confusion = _right(held, seen)
    return Reference(
        numbered=numbered, edges=edges, counts=counts, listed=listed, listed_counts=listed_counts,
        **embedding, confusion=confusion, sureness=sureness,
        sure_variance=0.0 if seen.sure is None else float(seen.sure.var()),
        error=None if errors is None else Error(len(errors), float(errors.mean()), float(errors.var())),
        unusable=held.unusable, middle=middle, per_spread=per_spread, why_not=_why_not(outputs, along),
    )  # fmt: skip


def bin_edges(values: NDArray[Any], bins: int = BINS) -> NDArray[np.float64]:
    """Quantiles, interpolated, ascending; a value that many rows share has a bin of its own.

    >>> bin_edges(np.zeros(100)).tolist() == [0.0, float(np.nextafter(0.0, 1.0))]
    True
    """
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return np.zeros(0)
    levels = np.arange(1, bins) / bins
    edges = np.unique(np.quantile(known, levels))
    tied = [edge for edge in edges if np.mean(known == edge) > 1 / (2 * bins)]
    return np.unique(np.concatenate([edges, np.nextafter(np.array(tied), np.inf)]))


def _numbered(seen: Readings) -> tuple[tuple[Numbered, ...], NDArray[np.float64], Counts]:
    names = tuple(Numbered(*key) for key in seen.numbers)
    of_each = [bin_edges(values) for values in seen.numbers.values()]
    width = max(map(len, of_each), default=0)
    edges = np.full((len(names), width), np.inf)
    for row, each in enumerate(of_each):
        edges[row, : len(each)] = each
    columns = list(seen.numbers.values())
    counts = np.stack([binned(values[:, None], edges[row][None])[0] for row, values in enumerate(columns)]) if names \
        else np.zeros((0, 1), np.int64)  # fmt: skip
    return names, edges, counts


def binned(values: NDArray[Any], edges: NDArray[np.float64]) -> Counts:
    """``(C, E + 1)`` counts of ``(n, C)`` values in the bins of ``(C, E)`` edges; NaN is not counted."""
    known = ~np.isnan(values)
    bins = (values[:, :, None] >= edges[None]).sum(axis=2)  # (n, C); infinity fills up, and is never reached
    width = edges.shape[1] + 1
    flat = bins + np.arange(len(edges)) * width
    return np.bincount(flat[known], minlength=len(edges) * width).reshape(len(edges), width)


def _listed(seen: Readings, task: Task) -> tuple[tuple[Listed, ...], tuple[Counts, ...]]:
    found, counts = [], []
    for (family, name), words in seen.classes.items():
        labels = _labels(family, name, words, task)
        found.append(Listed(family, name, labels))
        counts.append(listed_counts(words, labels))
    return tuple(found), tuple(counts)


def _labels(family: Family, name: str, words: NDArray[Any], task: Task) -> tuple[str, ...]:
    """In words, the last stands for all others."""
    if (family, name) == ("classes", PREDICTED):
        return (*task.class_names, OTHER)
    common = [(word, count) for word, count in Counter(words.tolist()).most_common(MOST_CATEGORIES)]
    return (*sorted(word for word, count in common if count >= FEWEST_OF_CATEGORY and word != OTHER), OTHER)


def listed_counts(words: NDArray[Any], labels: tuple[str, ...]) -> Counts:
    """``(K,)`` how many words are each label; what is none of them counts as the last, None does not count.

    >>> listed_counts(np.array(["a", "b", None, "x"], dtype=object), ("a", "b", "(other)")).tolist()
    [1, 1, 1]
    """
    index = {label: number for number, label in enumerate(labels)}
    last = len(labels) - 1
    numbers = [index.get(word, last) for word in words if word is not None]
    return np.bincount(np.array(numbers, np.int64), minlength=len(labels))


def _embedding(along: Floats | None, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    if along is None:
        none = np.zeros(0)
        return {"frequencies": np.zeros((DIRECTIONS, 0)), "phases": none, "mean": none, "covariance": np.zeros((0, 0))}
    frequencies, phases = learn_cosines(along, COSINES, rng)
    frequencies, phases = (np.asarray(each, np.float32).astype(np.float64) for each in (frequencies, phases))
    values = cosines(along, frequencies, phases)
    covariance = np.atleast_2d(np.cov(values.T))
    return {"frequencies": frequencies, "phases": phases, "mean": values.mean(axis=0), "covariance": covariance}


def _right(held: HeldOutRows, seen: Readings) -> tuple[HeldOutAccuracy | None, Counts]:
    if seen.sure is None or seen.predicted is None:
        return None, np.zeros((0, 0), np.int64)
    truth, k = np.asarray(held.targets.values, np.int64), held.targets.width
    sureness = held_out_accuracy(seen.sure, seen.predicted == truth)
    if k > MOST_CONFUSED:
        return sureness, np.zeros((0, 0), np.int64)
    return sureness, np.bincount(seen.predicted * k + truth, minlength=k * k).reshape(k, k)


def absolute_errors(task: Task, outputs: Floats, targets: Targets) -> Floats:
    """``(n,)`` in the user's unit."""
    written = np.asarray(task.written(targets), np.float64)
    return np.abs(np.asarray(task.predictions(outputs)["prediction"], np.float64) - written)


def _why_not(outputs: Floats | None, along: Floats | None) -> dict[str, str]:
    found = {}
    if outputs is None:
        found["predictions"] = f"fewer than {FEWEST} examples were held out from the choice of the model"
    if along is None:
        found["features"] = "features are sparse, missing, very many, or were learned from every example"
    return found
