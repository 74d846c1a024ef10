"""Labelled examples of a new domain of which some belong to no class of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.api.adaptation_measured import Measured
    from headstart.api.two_domains import Given
    from headstart.core.learning import Floats


def open_section(measured: Measured, given: Given, final: Shipped | None, solver: Solver) -> dict[str, Any]:
    """H-score, known accuracy and unknown recall of the model as it is, which never says unknown, and of what ships."""
    from headstart.evaluation.open_set import open_set_figures
    from headstart.postprocessing.answers import Answers
    from headstart.postprocessing.unknown import UNKNOWN

    strangers = measured.strangers
    if strangers is None:
        return {}
    heads = {"run": (Answers(given.shipped.task(), given.shipped.postprocessing()), given.predictor.outputs_of)}
    if final is not None:
        heads["ships"] = (Answers(final.task, final.postprocessing), lambda features: final.outputs(solver, features))
    truth = given.shipped.task().written(measured.targets)

    found = {}
    for name, (answers, outputs_of) in heads.items():
        right = np.array(_words(answers, outputs_of(measured.features))) == np.array(truth, dtype=object)
        hidden = np.array(_words(answers, outputs_of(strangers)), dtype=object) == UNKNOWN
        found[name] = open_set_figures(right, hidden)
    return {"open_set": found}


def _words(answers: Any, outputs: Floats) -> list[str]:
    """Predictions ``(n,)`` as people read them."""
    if not len(outputs):
        return []
    return [str(word) for word in answers.words(outputs)]
