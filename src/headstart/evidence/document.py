"""evidence.json: every section in its place, and the result in one sentence.

Sections that depend on the task come from it: ``test`` (see each task's ``metrics``), ``confusion`` of classes and
grades, ``labels`` of label sets, ``residuals`` of numbers (see each task's ``sections``).
"""

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
        backbone: The card's public part; of several, or none, what the api makes of them.
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
    targets: Targets,
    contenders: Sequence[Contender],
    choice: Choice,
    facts: Facts,
    sections: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """The document of a run, without ``cost``.

    Args:
        targets: Of the unsealed test split.
        contenders: The chosen one and the others; the chosen one's task gives the metrics.
        choice: What the guard decided.
        facts: What the numbers are about.
        sections: Further sections by name, for example ``learning_curve``.
        seed: For bootstrap intervals.
    """
    chosen = next(contender for contender in contenders if contender.name == choice.name)
    others = [contender for contender in contenders if contender is not chosen]
    judged = verdict(targets, choice, contenders, seed)
    document = _core(chosen.task, targets, chosen.test_outputs, facts, seed)
    document["sentence"] = f"{document['sentence']} {judged['why']}"
    document["comparisons"] = compare_all(targets, chosen, others, seed)
    document["verdict"] = judged
    document["guard"] = choice.to_dict()
    document.update(sections)
    return document


def of_an_evaluation(task: Task, targets: Targets, outputs: Floats, facts: Facts, seed: int) -> dict[str, Any]:
    """The document of ``evaluate``: outputs ``(N, W)`` of the shipped model alone, on other data."""
    return _core(task, targets, outputs, facts, seed)


def _core(task: Task, targets: Targets, outputs: Floats, facts: Facts, seed: int) -> dict[str, Any]:
    from headstart.evaluation.intervals import warnings_of

    metrics, sections = task.metrics(targets, outputs, seed), task.sections(targets, outputs, seed)
    return {
        "schema": SCHEMA,
        "headstart_version": headstart.__version__,
        "sentence": " ".join([task.sentence(metrics, facts.counts["test"]), *_said(sections, "says")]),
        "test_reads": facts.test_reads,
        "task": task.name,
        "primary": task.primary,
        "primary_reason": task.primary_reason,
        "n": dict(facts.counts),
        "test": metrics,
        **sections,
        "backbone": dict(facts.backbone),
        "data": dict(facts.data),
        "warnings": [
            *facts.warnings,
            *warnings_of(metrics),
            *(f"{each}." for each in _said(sections, "warning")),
            *_reads(facts.test_reads),
        ],
    }


def _said(sections: Mapping[str, Any], key: str) -> list[str]:
    """What sections of the task say, or warn of, in words."""
    return [section[key] for section in sections.values() if key in section]


def _reads(test_reads: int) -> list[str]:
    if test_reads <= 1:
        return []
    return [f"These test targets were read {test_reads} times, so the result may look better than it is."]
