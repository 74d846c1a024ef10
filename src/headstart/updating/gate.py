"""The gate of an update: is the new model better, by training examples that neither model learned from?

Old training examples are judged by what both models said of them while they were held out, new ones by what the old
model as it ships says and what the new one said while they were held out. The test is not read: where the gate
refuses, it stays as unread as it was, and where the gate lets pass, its figures are not those that were chosen by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import TAIL
from headstart.evidence.trained_guard import constant_loss
from headstart.tasks.figures import figure

if TYPE_CHECKING:
    from headstart.updating.former import Former

LOST = "Look at the labels of what was added (headstart audit); where they are right, each may need a model of its own."
TOLERATED = 0.1  # share of its loss by which a part of the examples may surely be worse
LEAST = 0.01  # likewise, of the loss of a constant: where both are sure and right, ten times nothing is nothing
STANDARD_ERRORS = 1.0  # by which the mean loss must be smaller, as where a training is judged against its start


@dataclass(frozen=True)
class Judged:
    """What the gate saw and said.

    Attributes:
        is_better: Whether the new model may ship.
        why: One sentence.
        parts: By "all", "old" and "new": ``n``, ``loss`` (``old``, ``new``, ``gain``), the primary metric (``old``,
            ``new``) and its paired ``difference``.
        advice: What to do where it may not.
    """

    is_better: bool
    why: str
    parts: Mapping[str, Any]
    advice: str = "Add more examples, above all of the classes and groups in which it errs."

    def to_dict(self) -> dict[str, Any]:
        """JSON for decisions.jsonl and evidence.json."""
        return {"is_better": self.is_better, "why": self.why, **self.parts}


def judged(
    task: Task, targets: Targets, outputs: Floats, former: Former, is_added: NDArray[np.bool_], seed: int
) -> Judged:
    """Whether the new model may ship.

    It may where its mean loss on all of them is smaller by more than a standard error of the paired difference, and
    where nothing is clearly lost on the old ones, on the new ones, or on all: the whole 95 % interval of the paired
    difference of the primary metric below 0, or that of the loss more than a tenth above the old model's. The loss
    decides, since it tells models apart with fewer examples; the tenth, since a further class costs the others a
    little.

    Args:
        task: Of the new model, settled.
        targets: Of n training examples.
        outputs: ``(n, W)`` of the new model while they were held out; NaN where they never were.
        former: What the old model says of them.
        is_added: ``(n,)``: which are new.
        seed: Of bootstrap intervals.
    """
    rows = np.asarray(np.isfinite(outputs).all(axis=1)) & former.known
    parts = {
        name: _part(task, targets.take(which), outputs[which], former.take(which), seed)
        for name, which in (("all", rows), ("old", rows & ~is_added), ("new", rows & is_added))
        if which.any()
    }
    if rows.sum() < 2:
        return Judged(False, "no example could be held out, so nothing shows that the updated model is better", parts)
    gain = former_losses(task, targets.take(rows), former.take(rows)) - task.loss(targets.take(rows), outputs[rows])
    error = float(np.std(gain, ddof=1) / np.sqrt(len(gain)))
    least = LEAST * constant_loss(task, targets.take(rows))
    for name, where in (("old", "the old ones"), ("new", "the new ones"), ("all", "all of them")):
        if name in parts and _is_lost(parts[name], least):
            figures = _figures(task, parts[name])
            return Judged(False, f"the updated model is clearly worse on {where}: {figures}", parts, LOST)
    figures = _figures(task, parts["all"])
    if float(np.mean(gain)) <= STANDARD_ERRORS * error:
        why = "is not clearly better" if float(np.mean(gain)) > 0 else "is no better"
        return Judged(False, f"the updated model {why}: {figures}", parts)
    return Judged(True, f"the updated model is better: {figures}", parts)


def former_losses(task: Task, targets: Targets, former: Former) -> Floats:
    """``(n,)`` of the old model."""
    return task.loss(targets, former.outputs)


def _part(task: Task, targets: Targets, outputs: Floats, former: Former, seed: int) -> dict[str, Any]:
    old, new = former_losses(task, targets, former), task.loss(targets, outputs)
    compared = task.compare(targets, outputs, former.decided, seed, former.task)
    gain = old - new
    return {
        "n": len(targets),
        "loss": {
            "old": float(old.mean()),
            "new": float(new.mean()),
            "gain": interval(float(gain.mean()), mean_interval(gain, TAIL, -np.inf)),
        },
        task.primary: {"old": compared[task.primary]["value"], "new": task.score(targets, outputs)},
        "difference": compared["difference"],
    }


def _is_lost(part: Mapping[str, Any], least: float) -> bool:
    """Whether the interval of the difference, or that of the gain in loss, says that the old model was better."""
    best, gain = part["difference"]["high"], part["loss"]["gain"]["high"]
    tolerated = max(TOLERATED * part["loss"]["old"], least)
    return (best is not None and best < 0) or (gain is not None and gain < -tolerated)


def _metric(task: Task) -> str:
    return task.primary.replace("_", " ")


def _figures(task: Task, part: Mapping[str, Any]) -> str:
    loss, score = part["loss"], part[task.primary]
    return (
        f"{task.loss_name} {figure(loss['new'])} against {figure(loss['old'])}, {_metric(task)} {figure(score['new'])} "
        f"against {figure(score['old'])} (n = {part['n']:,})"
    )
