"""The guard for trained networks: what was trained ships when it is clearly better than what it began from.

A solved candidate is judged on every row of the training part; a trained one on its validation rows alone, and some of
its choices (the epoch, the place between start and end, the temperature) were made on these very rows. So its mean
loss must be smaller by more than a standard error of the paired difference, and by more than next to nothing, and its
score must not be worse. Both sides are judged at their best temperature on these rows, since the trained one ships at
its own. What it began from learns from all rows once it is chosen, which a training does not: what that is estimated to
gain (:mod:`headstart.solving.refit_gain`) is taken off its loss.
"""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Floats, Targets, Task
from headstart.engine.training.sharpness import best_factor
from headstart.evidence.contender import Contender
from headstart.evidence.guard import Choice

STANDARD_ERRORS = 1.0
SHOWN = 0.0005
LEAST_GAIN = 0.002  # of the loss of a constant: below that both are as good, and the probe is the simpler one


def against_start(
    task: Task, targets: Targets, trained: Contender, start: Contender, refit_gain: float = 0.0
) -> Choice:
    """Choose between a trained contender and what it began from.

    Args:
        task: Gives loss and score.
        targets: Of the N training rows.
        trained: Its outputs ``(N, W)`` are NaN but for the validation rows.
        start: The solved contender, held-out outputs of every row.
        refit_gain: Mean loss that ``start`` gains by learning from all rows, 0 or more.
    """
    known = np.isfinite(np.hstack([trained.solution.out_of_fold, start.solution.out_of_fold])).all(axis=1)
    rows = int(known.sum())
    if rows < 2:
        why = f"No examples could be held out, so {trained.name} could not be compared and {start.name} was kept."
        return Choice(start.name, {trained.name: None, start.name: None}, rows, True, why)
    held_out = targets.take(known)
    one, other = (_judged(each.task, held_out, each.solution.out_of_fold[known]) for each in (trained, start))
    loss, start_loss = float(one[0].mean()), float(other[0].mean())
    losses: dict[str, float | None] = {trained.name: loss, start.name: start_loss}
    gain = other[0] - one[0]
    error = float(gain.std(ddof=1) / np.sqrt(rows))
    least = max(STANDARD_ERRORS * error, LEAST_GAIN * constant_loss(task, held_out))
    is_clear = float(gain.mean()) - refit_gain > least
    is_no_worse = one[1] >= other[1]
    figures = f"{task.loss_name} {loss:.3f} against {start_loss:.3f}"
    if refit_gain >= SHOWN:
        figures += f", {start_loss - refit_gain:.3f} once it has learned from all examples"
    if is_clear and is_no_worse:
        why = f"{trained.name} is better than {start.name} on {rows} validation examples ({figures})."
        return Choice(trained.name, losses, rows, False, why)
    reason = "which is within chance" if is_no_worse else f"and its {task.primary.replace('_', ' ')} is worse"
    if is_no_worse and loss >= start_loss - refit_gain:
        reason = "so training did not help"
    compared = f"{trained.name} is not clearly better than {start.name} on {rows} validation examples"
    return Choice(start.name, losses, rows, True, f"{compared} ({figures}, {reason}), so {start.name} was chosen.")


def _judged(task: Task, targets: Targets, outputs: Floats) -> tuple[Floats, float]:
    """Loss of each row at the best temperature, and the score, turned so that more is better."""
    scaled = outputs * best_factor(task, targets, outputs)
    score = task.score(targets, outputs)
    return task.loss(targets, scaled), -score if targets.kind == "real" else score


def constant_loss(task: Task, targets: Targets) -> float:
    """Mean loss of a model that says the same of every example: the mean, or all classes alike."""
    value = float(np.mean(targets.values)) if targets.kind == "real" else 0.0
    return float(task.loss(targets, np.full((len(targets), targets.width), value)).mean())
