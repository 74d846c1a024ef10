"""Occlusion: how much the answer changes when one unit is taken away.

Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014, arXiv:1311.2901. It asks the model
alone, so it explains any: colours and edges, counted words, boosted trees. One evaluation for each unit.
"""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.explanation.question import Attribution, Question


class Occlusion:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def explain(self, question: Question) -> Attribution:
        """The margin with everything less the margin without the unit."""
        shape = question.units.shape
        count = int(np.prod(shape))
        kept = np.ones((count + 1, count), bool)
        kept[np.arange(count), np.arange(count)] = False  # the last row keeps all
        margins = question.model.margins(question.units, kept.reshape(-1, *shape))
        return Attribution((margins[-1] - margins[:-1]).reshape(shape), f"{count + 1} evaluations of the model")


PLUGIN = Plugin(build=Occlusion, paper="arXiv:1311.2901", title="occlusion")
