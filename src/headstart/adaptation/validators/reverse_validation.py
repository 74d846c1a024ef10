"""There and back again: the target rows with the labels that the head gives them teach a head for the source.

Circular validation (Bruzzone & Marconcini, IEEE TPAMI 32(5), 2010, doi:10.1109/TPAMI.2009.57) and reverse
cross-validation (Zhong and others, ECML PKDD 2010, doi:10.1007/978-3-642-15939-8_35): labels that are right lead back
to a head that is right about held-out source rows, whose labels are known.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.errors import HeadstartError
from headstart.core.plugins import Plugin


class ReverseValidation:
    """By the same adapter, the other way."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN without held-out rows, or where there is no way back."""
        truth, pseudo = view.held.targets.values, view.predicted
        if not len(truth):
            return float("nan")
        if (pseudo == pseudo[0]).all():  # nothing to solve: it leads back to that class
            return float((truth == pseudo[0]).mean())
        try:
            back = view.again(pseudo)
        except (HeadstartError, np.linalg.LinAlgError, FloatingPointError):
            return float("nan")
        return float((back.argmax(axis=1) == truth).mean())


PLUGIN = Plugin(build=ReverseValidation, kind="accuracy", paper="doi:10.1109/TPAMI.2009.57", title="Reverse validation")
