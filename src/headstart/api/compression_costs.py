"""What a compression costs whom: answers, classes, groups and probabilities on the test, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from headstart.api.adaptation_by_class import by_class
from headstart.api.adaptation_map import answered
from headstart.api.compression_groups import groups_of
from headstart.core.learning import Floats, Targets, Task

PROBABILITIES = ("ece", "log_loss")


def costs_of(
    tasks: tuple[Task, Task],
    targets: Targets,
    outputs: tuple[Floats, Floats],
    slices: Mapping[str, NDArray[Any]],
    tests: tuple[Mapping[str, Any], Mapping[str, Any]],
    seed: int,
) -> dict[str, Any]:
    """Sections of ``compression``; whatever a task has no such thing of is absent.

    Args:
        tasks: Of the model as it is and of the compressed one, each settled on its outputs.
        targets: Of t test rows.
        outputs: ``(t, W)`` of both, calibrated.
        slices: Columns of the run to report by, ``(t,)`` each.
        tests: Section ``test`` of both on these rows.
        seed: Of bootstrap intervals.

    Returns:
        JSON: ``answers`` (``n``, ``wrong_before``, ``wrong_after``, ``gained``, ``lost``); ``classes`` with the paired
        change of recall (see :func:`by_class`); ``groups``: ``columns``, by column and group ``n`` and the paired
        ``difference`` of the primary metric, see :func:`headstart.api.compression_groups.groups_of`; ``calibration``:
        ``before`` and ``after``.
    """
    found: dict[str, Any] = {}
    if targets.kind != "real":
        found["answers"] = _answers(tasks, targets, outputs)
    if targets.kind in ("class", "ordinal"):
        names = list(tasks[1].class_names)
        before, after = (answered(task, each, names) for task, each in zip(tasks, outputs, strict=True))
        found["classes"] = by_class(targets.values, before, after, names)
    if slices:
        found["groups"] = groups_of(tasks, targets, outputs, slices, seed)
    if any(name in tests[1] for name in PROBABILITIES):
        found["calibration"] = {
            when: {name: test[name] for name in PROBABILITIES if name in test}
            for when, test in zip(("before", "after"), tests, strict=True)
        }
    return found


def _answers(tasks: tuple[Task, Task], targets: Targets, outputs: tuple[Floats, Floats]) -> dict[str, int]:
    """How many are wrong; of label sets, those of which one label is."""
    said = [list(task.predictions(each)["prediction"]) for task, each in zip(tasks, outputs, strict=True)]
    truth = list(tasks[1].written(targets))
    then, now = ([one == other for one, other in zip(each, truth, strict=True)] for each in said)
    pairs = list(zip(then, now, strict=True))
    return {
        "n": len(truth),
        "wrong_before": then.count(False),
        "wrong_after": now.count(False),
        "gained": pairs.count((False, True)),
        "lost": pairs.count((True, False)),
    }
