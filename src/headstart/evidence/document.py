"""evidence.json: every section in its place, and the result in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import headstart
from headstart.core.learning import Floats, Targets, Task
from headstart.evidence.comparisons import compare_all
from headstart.evidence.contender import Contender
from headstart.evidence.guard import Choice
from headstart.evidence.verdict import verdict

SCHEMA = 1


@dataclass(frozen=True)
class Facts:
    """What the numbers are about.

    Attributes:
        counts: Examples by split, ``{"train": .., "val": .., "test": ..}``.
        backbone: The card's public part.
        data: Name and fingerprint.
        test_reads: How often test targets of this data were read by this run and those it was made from.
        warnings: Known before the test was unsealed.
    """

    counts: Mapping[str, int]
    backbone: Mapping[str, Any]
    data: Mapping[str, Any]
    test_reads: int
    warnings: Sequence[str] = ()


def of_a_fit(
    task: Task,
    targets: Targets,
    contenders: Sequence[Contender],
    choice: Choice,
    facts: Facts,
    sections: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """The document of a run, without ``cost``.

    Args:
        task: Gives metrics and comparisons.
        targets: Of the unsealed test split.
        contenders: The chosen one and the others.
        choice: What the guard decided.
        facts: What the numbers are about.
        sections: Further sections by name, for example ``learning_curve``.
        seed: For bootstrap intervals.
    """
    chosen = next(contender for contender in contenders if contender.name == choice.name)
    others = [contender for contender in contenders if contender is not chosen]
    judged = verdict(task, targets, choice, contenders, seed)
    document = _core(task, targets, chosen.test_logits, facts, seed)
    document["sentence"] = f"{_how_good(task, document['test'], facts.counts['test'])} {judged['why']}"
    document["comparisons"] = compare_all(task, targets, chosen, others, seed)
    document["verdict"] = judged
    document["guard"] = choice.to_dict()
    document.update(sections)
    return document


def of_an_evaluation(task: Task, targets: Targets, logits: Floats, facts: Facts, seed: int) -> dict[str, Any]:
    """The document of ``evaluate``: the shipped model alone, on other data."""
    document = _core(task, targets, logits, facts, seed)
    document["sentence"] = _how_good(task, document["test"], facts.counts["test"])
    return document


def _core(task: Task, targets: Targets, logits: Floats, facts: Facts, seed: int) -> dict[str, Any]:
    from headstart.evaluation.intervals import warnings_of

    metrics = task.metrics(targets, logits, seed)
    return {
        "schema": SCHEMA,
        "headstart_version": headstart.__version__,
        "sentence": "",
        "test_reads": facts.test_reads,
        "task": task.name,
        "primary": task.primary,
        "n": dict(facts.counts),
        "test": metrics,
        "confusion": task.confusion(targets, logits),
        "backbone": dict(facts.backbone),
        "data": dict(facts.data),
        "warnings": [*facts.warnings, *warnings_of(metrics), *_reads(facts.test_reads)],
    }


def _reads(test_reads: int) -> list[str]:
    if test_reads <= 1:
        return []
    return [f"These test targets were read {test_reads} times, so the result may look better than it is."]


def _how_good(task: Task, metrics: Mapping[str, Any], n: int) -> str:
    accuracy = metrics["accuracy"]
    span = f"95 % interval {accuracy['low'] * 100:.0f} to {accuracy['high'] * 100:.0f}"
    sentence = f"The model is right on {accuracy['value'] * 100:.0f} of 100 test examples ({span}; n = {n})."
    if task.primary != "accuracy":
        primary = metrics[task.primary]
        low, high = primary["low"], primary["high"]
        bounds = "no interval" if low is None else f"{low:.2f} to {high:.2f}"
        sentence += (
            f" Some classes are rare, so {task.primary.replace('_', '-')} counts: {primary['value']:.2f} ({bounds})."
        )
    return sentence
