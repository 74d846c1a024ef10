"""What a race writes down: for the evidence and the plan, and for a process that goes on after one that was killed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from headstart.selection.halving import Trial
from headstart.training.training import Training

if TYPE_CHECKING:
    from headstart.core.learning import Floats
    from headstart.engine.training.job import Trained
    from headstart.training.setup import Setup

FAILED = "failed: "  # how a trial's ``over`` begins where it ended by an error
LONGEST = 300  # letters of an error's text
NOT_DRAWN = -1


@dataclass
class Runner:
    """A trial with what trains it.

    Attributes:
        number: In the study; NOT_DRAWN where the study did not draw it.
        setup: Of its first cycle; None before that was made.
        trained: What ``trial.kept`` cycles came to, while no other trial is better.
        outputs: ``(V, W)`` of the validation rows, after ``trial.kept`` cycles.
        spent: Seconds of all its cycles.
        curve: Seconds since the race began and the validation loss, at the end of each cycle.
    """

    trial: Trial
    training: Training
    number: int = NOT_DRAWN
    setup: Setup | None = None
    trained: Trained | None = None
    outputs: Floats | None = None
    spent: float = 0.0
    curve: list[list[float]] = field(default_factory=list)

    def entry(self) -> dict[str, Any]:
        """JSON for the evidence."""
        trial = self.trial
        return {
            "name": trial.name,
            "method": trial.method,
            "drawn": dict(trial.options),
            "cycles": trial.rung,
            "kept": trial.kept,
            "val_loss": round(trial.loss, 5) if math.isfinite(trial.loss) else None,
            "val_score": None if trial.score is None else round(trial.score, 5),
            "seconds": round(trial.seconds, 1) if math.isfinite(trial.seconds) else None,
            "spent": round(self.spent, 1),
            "over": trial.over,
            "curve": self.curve,
        }

    def record(self) -> dict[str, Any]:
        """JSON for decisions.jsonl."""
        return {**self.entry(), "number": self.number}


def with_cycles(setup: Setup, cycles: int) -> Setup:
    """A training with so many cycles for each of the first one's; its first ones are those that were made."""
    longer = {name: setup.settings[name] * cycles for name in ("epochs", "cycles")}
    return replace(setup, settings={**setup.settings, **longer})


def failure(error: Exception) -> str:
    """The first line of an error, not too long."""
    lines = str(error).strip().splitlines()
    return f"{FAILED}{lines[0][:LONGEST] if lines else type(error).__name__}"


def without_result(why: str, trials: list[Trial]) -> str:
    """Why a race came to nothing: what went wrong first."""
    failed = [trial.over.removeprefix(FAILED) for trial in trials if trial.over.startswith(FAILED)]
    if not failed:
        return why
    if len(trials) == 1:
        return f"the training failed: {failed[0]}"
    return f"all {len(trials)} trainings failed, the first one since: {failed[0]}"


def clock(before: list[Mapping[str, Any]]) -> float:
    """Seconds of the race when an earlier process wrote this down."""
    return max((float(seconds) for entry in before for seconds, _ in entry["curve"]), default=0.0)
