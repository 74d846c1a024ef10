"""Whether the chosen candidate says the same in reduced precision as in float32; asked before anything is final."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.bundle.parity import REDUCED_MEAN, Side, check
from headstart.core.errors import BackendError
from headstart.core.learning import SolveMethod

if TYPE_CHECKING:
    from headstart.api.candidates import Learning
    from headstart.api.network_in_pass import Workshop
    from headstart.api.networks import Networks
    from headstart.evidence.contender import Contender
    from headstart.runtimes.choice import RuntimeChoice

PICTURES = 8  # of the training part: 0.1 s in eager float32


def refusal(
    learning: Learning, networks: Networks, workshop: Workshop, contender: Contender, method: SolveMethod
) -> str | None:
    """Why the runtime's precision cannot be used for this candidate; None when it can.

    The cosine of features was checked when the runtime was chosen; a steep head can still turn a small difference of
    features into another answer, which only the head can tell.
    """
    choice = learning.features.runtime
    if choice.precision == "float32":
        return None
    from headstart.data.preprocess import prepare
    from headstart.runtimes.choice import settled

    rows = np.linspace(0, len(learning.train) - 1, min(PICTURES, len(learning.train))).astype(np.int64)
    pixels = np.stack([prepare(learning.train.inputs.read(int(row)), networks.card.preprocessing) for row in rows])
    eager = settled("eager", "float32", workshop.threads, len(rows))
    exact = eager.prepare(networks.backbone, 0, len(networks.card.stages), workshop.cache)(pixels)
    kept = learning.read(learning.features.backbone, "train", rows)
    sides = [
        Side(name, precision, method.predict(contender.solution.fitted, features))
        for name, precision, features in ((choice.name, choice.precision, kept), ("eager", "float32", exact))
    ]
    try:
        check(sides)
    except BackendError as error:
        return str(error)
    return None


def in_float32(choice: RuntimeChoice) -> RuntimeChoice:
    """The same runtime in float32 where it offers that, else eager."""
    from headstart.runtimes.choice import settled
    from headstart.runtimes.contract import precisions

    name = choice.name if "float32" in precisions(choice.name) else "eager"
    reason = f"{choice.precision} moves the head's probabilities by more than {REDUCED_MEAN} on average"
    return settled(name, "float32", choice.threads, choice.batch_size, reason)
