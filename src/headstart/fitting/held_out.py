"""What the model that ships said of training examples while it did not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Floats, Ints
from headstart.fitting.answered import held_out

if TYPE_CHECKING:
    from headstart.evidence.guard import Choice
    from headstart.postprocessing.choosing import Postprocessed
    from headstart.solving.work import Solved


def held_out_outputs(solved: Solved, choice: Choice, answers: Postprocessed) -> tuple[Ints, Floats]:
    """Positions in the training part ``(n,)``, ascending, and calibrated outputs ``(n, W)``.

    Of solved methods they are all that were in a fold, each calibrated without itself; of trained ones the validation
    examples, on which the epoch was chosen, and those that were kept apart.
    """
    chosen = next(each for each in solved.contenders if each.name == choice.name)
    outputs = np.array(chosen.solution.out_of_fold, np.float64)
    held = held_out(solved, chosen, choice)
    if held is not None:
        outputs[held.rows] = answers.outputs
    known = np.flatnonzero(np.isfinite(outputs).all(axis=1))
    return known, outputs[known]
