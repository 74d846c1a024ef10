"""The guard against negative transfer: decides on out-of-fold predictions, never on the test split.

Candidates are compared by mean out-of-fold loss (log-loss of classes and labels, squared error of numbers) over the
rows that every one of them predicted. Log-loss and not accuracy: it tells candidates apart with fewer rows and sees
overconfidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.learning import Targets, Task
from headstart.evidence.contender import Contender


@dataclass(frozen=True)
class Choice:
    """What the guard decided: the name, the losses it looked at, and one sentence."""

    name: str
    losses: dict[str, float | None]
    rows: int
    fell_back: bool
    why: str

    def to_dict(self) -> dict[str, Any]:
        """JSON for decisions.jsonl and evidence.json."""
        return {
            "chosen": self.name,
            "out_of_fold_loss": self.losses,
            "rows": self.rows,
            "fell_back": self.fell_back,
            "why": self.why,
        }


def guard(task: Task, targets: Targets, contenders: Sequence[Contender]) -> Choice:
    """Choose among the contenders that can ship; the first one is the preferred one.

    Args:
        task: Gives the loss.
        targets: Of the N training rows.
        contenders: Each with out-of-fold outputs ``(N, W)``; NaN rows were never held out.

    Returns:
        The candidate of smallest mean loss; the preferred one when no row was held out.
    """
    shippable = [contender for contender in contenders if contender.can_ship]
    preferred = shippable[0]
    known = np.logical_and.reduce([np.isfinite(c.solution.out_of_fold).all(axis=1) for c in shippable])
    rows = int(known.sum())
    if rows == 0:
        why = f"No example could be held out, so nothing was compared and {preferred.name} was kept."
        return Choice(preferred.name, {c.name: None for c in shippable}, 0, False, why)
    held_out = targets.take(known)
    losses = {c.name: float(task.loss(held_out, c.solution.out_of_fold[known]).mean()) for c in shippable}
    best = min(shippable, key=lambda contender: losses[contender.name])
    fell_back = best.name != preferred.name
    return Choice(best.name, dict(losses), rows, fell_back, _why(task.loss_name, preferred.name, best.name, losses))


def obeyed(task: Task, targets: Targets, contenders: Sequence[Contender]) -> Choice:
    """The first contender, whatever the folds say; the losses are told all the same."""
    judged = guard(task, targets, contenders)
    name = contenders[0].name
    if judged.name == name:
        return judged
    why = f"{name} was asked for and kept, although {judged.name} did better on held-out folds: {judged.why}"
    return Choice(name, judged.losses, judged.rows, False, why.replace(", so " + judged.name + " was chosen", ""))


def _why(loss_name: str, preferred: str, best: str, losses: dict[str, float]) -> str:
    if best != preferred:
        return (
            f"{preferred} lost to {best} on held-out folds of the training examples "
            f"({loss_name} {_figure(losses[preferred])} against {_figure(losses[best])}), so {best} was chosen."
        )
    others = {name: loss for name, loss in losses.items() if name != preferred}
    if not others:
        return f"{preferred} was the only candidate."
    runner_up = min(others, key=lambda name: others[name])
    return (
        f"{preferred} has the smallest {loss_name} on held-out folds of the training examples "
        f"({_figure(losses[preferred])}; next is {runner_up} with {_figure(others[runner_up])})."
    )


def _figure(loss: float) -> str:
    return f"{loss:.3f}" if 0.01 <= loss < 1000 else f"{loss:.3g}"
