"""ranking.json: the order, what each candidate costs, the result in a sentence, and the command to go on with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.metric import metric_in_words
from headstart.core.seeding import generator
from headstart.evaluation.intervals import interval
from headstart.evidence.cost import Stopwatch
from headstart.features.lanes import Lane
from headstart.features.networks import Network
from headstart.ranking.entrant_features import EntrantFeatures
from headstart.ranking.entrant_scores import Scored, TrainingPart
from headstart.ranking.entrants import AUTO, Entrant
from headstart.request.fit_config import FitConfig
from headstart.request.train_request import AFTER_THE_PROBE, TrainRequest
from headstart.selection.ordering import Placed, place
from headstart.tasks.figures import figure
from headstart.training.guess import guessed_seconds

if TYPE_CHECKING:
    from headstart.data.read import Reading

SCHEMA = 1
FEW = 100  # groups of rows, below which a bootstrap interval is rough
NAMED = 5  # in a sentence before "and n more"
STATIC = "parameters, most first"
UNNAMED_OPTIONS = ("target", "input", "task", "groups", "id", "test")


@dataclass(frozen=True)
class Facts:
    """What the document says beside the scores."""

    request: FitConfig
    reading: Reading
    part: TrainingPart
    not_here: Sequence[str]
    failed: Sequence[EntrantFeatures]
    watch: Stopwatch


def ranking_document(scores: Sequence[Scored], facts: Facts) -> dict[str, Any]:
    """What is written and what ``--json`` prints."""
    part = facts.part
    sizes = [_parameters(one.features.entrant) for one in scores]
    groups = part.groups[part.held]
    rng = generator(part.seed, "rank")
    placed = place(np.stack([one.shares for one in scores]), groups, sizes, rng, part.worth)
    static = _static(scores)
    rows = [_row(each, number, scores[each.number], static, facts) for number, each in enumerate(placed, start=1)]
    dataset, task = part.train, part.task
    document = {
        "schema": SCHEMA,
        "data": {"name": dataset.name, "modality": dataset.modality, "n_train": len(dataset)},
        "task": task.name,
        "primary": task.primary,
        "lower_is_better": part.is_error,
        "folds": int(part.folds.max()) + 1,
        "n_scored": len(part.held),
        "seed": part.seed,
        "candidates": rows,
        "static": {"by": STATIC, "order": static},
        "not_here": list(facts.not_here),
        "failed": [{"name": one.entrant.name, "reason": one.failure} for one in facts.failed],
        "warnings": _warnings(facts, len(np.unique(groups)), len(rows)),
    }
    return {
        **document,
        "sentence": _sentence(document),
        "command": _command(rows, facts.request),
        "cost": facts.watch.read(None),
    }


def _row(each: Placed, number: int, one: Scored, static: Sequence[str], facts: Facts) -> dict[str, Any]:
    entrant, part = one.features.entrant, facts.part
    card, timing = entrant.card, one.features.timing
    is_whole = entrant.boundary is None
    return {
        "place": number,
        "name": entrant.name,
        "kind": entrant.kind,
        "model": entrant.name if card is None else card.name,
        "stage": entrant.stage,
        "image_size": list(card.image_size) if card is not None and card.modality == "image" else None,
        "is_resized": entrant.is_resized,
        "probe": one.features.method_name,
        "score": _score(each, one, part),
        "behind": interval(each.behind, each.behind_interval),
        "is_tied": each.is_tied,
        "best_probability": round(each.best_probability, 4),
        "knn": one.knn,
        "votes": dict(one.votes),
        "static_place": static.index(entrant.name) + 1 if entrant.name in static else None,
        "ms_per_input": None if timing is None else round(timing.seconds * 1e3, 3),
        "ms_preparing": None if timing is None else round(timing.prepare * 1e3, 3),
        "runtime": one.features.runtime,
        "parameters": card.parameters if card is not None and is_whole else None,
        "flops": card.flops if card is not None and is_whole else None,
        "size_mib": card.size_mib if card is not None and is_whole else None,
        "feature_dim": one.width,
        "licence": card.licence if card is not None and entrant.kind == "pretrained" else None,
        "fine_tune_seconds": _fine_tune_seconds(entrant, part),
        "computed": one.features.computed,
    }


def _score(each: Placed, one: Scored, part: TrainingPart) -> dict[str, Any]:
    """The primary metric; of errors what is worth more is the lower bound."""
    if each.interval is None:
        return interval(one.value, None, "every example scores the same")
    low, high = each.interval
    return interval(one.value, (-high, -low) if part.is_error else (low, high))


def _parameters(entrant: Entrant) -> int:
    return 0 if entrant.card is None else entrant.card.parameters


def _static(scores: Sequence[Scored]) -> list[str]:
    """Whole pretrained networks in the order that one would take them in without looking at the data."""
    whole = [one.features.entrant for one in scores if one.features.entrant.kind == "pretrained"]
    whole = [entrant for entrant in whole if entrant.boundary is None]
    return [entrant.name for entrant in sorted(whole, key=lambda each: (-_parameters(each), each.name))]


def _fine_tune_seconds(entrant: Entrant, part: TrainingPart) -> float | None:
    """Of a whole pretrained network, guessed."""
    if entrant.card is None or entrant.kind != "pretrained" or entrant.boundary is not None:
        return None
    lane = Lane(Network(entrant.card, None), (0,), part.train)
    return round(guessed_seconds(TrainRequest(AFTER_THE_PROBE, {}), lane, len(part.train)), 1)


def _warnings(facts: Facts, units: int, candidates: int) -> list[str]:
    found = []
    if units < FEW:
        found.append(f"the intervals come from {units} independent examples only, and are rough.")
    never = len(facts.part.folds) - len(facts.part.held)
    if never:
        found.append(f"{never} examples are never held out, since their class or group is alone; they are not scored.")
    if facts.reading.bad:
        found.append(f"{len(facts.reading.bad)} inputs could not be used and were left out.")
    found += [f"{one.entrant.name} gave no features and is not ranked: {one.failure}." for one in facts.failed]
    return found


def score_text(value: float, primary: str) -> str:
    """A value of the primary metric for people.

    >>> score_text(0.8742, "accuracy"), score_text(0.8742, "macro_f1"), score_text(12.345, "rmse")
    ('87.4 % accuracy', 'macro-F1 0.874', 'rmse 12.3')
    """
    if primary == "accuracy":
        return f"{value * 100:.1f} % accuracy"
    return f"{metric_in_words(primary)} {figure(value)}"


def _sentence(document: dict[str, Any]) -> str:
    first, *others = document["candidates"]
    score, primary = first["score"], document["primary"]
    verb = "promises most" if others else "was measured alone"
    what = {"random": ", with random weights,", "fitted": ", without any network,"}.get(first["kind"], "")
    how = f"cross-validated on {document['n_scored']:,} training examples"
    text = f"{first['name']}{what} {verb}: {score_text(score['value'], primary)}{_span(score, primary)}, {how}"
    tied = [one["name"] for one in others if one["is_tied"]]
    if tied:
        text += f"; {_listed(tied)} cannot be told apart from it"
    elif others:
        text += f"; the next is {others[0]['name']} with {score_text(others[0]['score']['value'], primary)}"
    return f"{text}."


def _span(score: dict[str, Any], primary: str) -> str:
    if score["low"] is None:
        return ""
    low, high = (f"{b * 100:.1f}" if primary == "accuracy" else figure(b) for b in (score["low"], score["high"]))
    return f" (95 % interval {low} to {high})"


def _listed(names: Sequence[str]) -> str:
    """``a, b and c``; of many the first ones and how many more."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _command(rows: Sequence[dict[str, Any]], request: FitConfig) -> str:
    """The fit of the first pretrained candidate; with baselines and random weights a fit compares by itself."""
    words = ["headstart", "fit", "DATA" if request.data.startswith("<") else request.data]  # an object has no name
    best = next((row for row in rows if row["kind"] == "pretrained"), None)
    if best is not None:
        words += ["--model", best["name"]]
    for name in UNNAMED_OPTIONS:
        value = getattr(request, name)
        if value not in (None, AUTO):
            words += [f"--{name}", str(value)]
    if request.drop:
        words += ["--drop", ",".join(request.drop)]
    if request.resplit:
        words.append("--resplit")
    if request.seed:
        words += ["--seed", str(request.seed)]
    return shlex.join(words)
