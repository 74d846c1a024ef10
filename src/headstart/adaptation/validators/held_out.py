"""The share of held-out source rows that is right, where the head expects them: what is known without any assumption.

It says nothing of the target domain; a head that has forgotten its own domain has seldom found another.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class HeldOutRight:
    """Of the source."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN without held-out rows."""
        return float(view.right.mean()) if len(view.right) else float("nan")


PLUGIN = Plugin(build=HeldOutRight, kind="accuracy", title="Accuracy on held-out source rows")
