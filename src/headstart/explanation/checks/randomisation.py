"""Random weights: a map that is the same without what the network learned says nothing about what it learned.

Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018, arXiv:1810.03292: the map is made again for the same
architecture with random weights, the head's too, and compared with the one explained by Spearman's rank correlation.
Near 0 is right. Near 1 the method draws the input (its edges, say) and not the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.spearman import spearman
from headstart.explanation.question import Explainer, Question

if TYPE_CHECKING:
    from headstart.explanation.network import Network


def rank_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Spearman's, of two attributions of one shape; None where one is the same everywhere."""
    return spearman(first.reshape(-1), second.reshape(-1))


def against_random_weights(
    explainer: Explainer, question: Question, values: NDArray[np.float64], random: Callable[[], tuple[Network, ...]]
) -> float | None:
    """Rank correlation of an attribution with that of the question asked of ``random``; None where a map is flat."""
    asked = replace(question, networks=random)
    return rank_correlation(values, explainer.explain(asked).values)
