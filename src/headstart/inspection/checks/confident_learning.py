"""Which labels are probably wrong, by out-of-fold probabilities.

Where they show that labels were moved (see ``label_noise``), those that are probably wrong by that measure. Elsewhere
the labels that the probe contradicts most: Northcutt, Jiang & Chuang, "Confident learning", JAIR 2021,
arXiv:1911.00068; the package cleanlab. That finds mistakes between alike classes too, and many labels that are right.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints
from headstart.inspection.checks.label_noise import Noise, label_noise

SURE_OF_ANOTHER = 0.5  # probability of another class above which the probe says something


@dataclass(frozen=True)
class Judged:
    """N labels beside what the probe says.

    Attributes:
        is_suspect: ``(N,)``.
        guess: ``(N,)`` the most probable other class.
        margin: ``(N,)`` in -1..1, its probability less that of the label: above 0 the probe disagrees.
        noise: How many labels were moved.
        is_noisy: Whether that many is more than chance.
    """

    is_suspect: NDArray[np.bool_]
    guess: Ints
    margin: Floats
    noise: Noise
    is_noisy: bool


def judged(labels: Ints, probabilities: Floats, unlikely: float, chance: float, rng: np.random.Generator) -> Judged:
    """Those that are probably wrong where there is noise; else confident learning, joined with unlikely labels.

    Args:
        labels: ``(N,)``, classes 0..K-1, at least two of them there.
        probabilities: ``(N, K)``, each from a model that did not see the row; rows sum to 1.
        unlikely: See :func:`_contradicted`.
        chance: How often noise may be told where there is none.
        rng: Draws rows where there are very many.

    Raises:
        ImportError: cleanlab is not installed.
    """
    there, own_class = np.unique(labels, return_inverse=True)
    seen = np.clip(probabilities[:, there], 1e-12, None)
    seen = seen / seen.sum(axis=1, keepdims=True)  # classes without a label take no part
    rows = np.arange(len(labels))
    own = seen[rows, own_class]
    others = seen.copy()
    others[rows, own_class] = -1
    guess, margin = others.argmax(axis=1), others.max(axis=1) - own
    noise = label_noise(own_class, seen, rng)
    is_noisy = noise.is_clear(chance)
    suspected = noise.likely_wrong() if is_noisy else _contradicted(own_class, seen, unlikely)
    return Judged(suspected & (margin > 0), there[guess], margin, noise, is_noisy)


def _contradicted(labels: Ints, probabilities: Floats, unlikely: float) -> NDArray[np.bool_]:
    """Confident learning, pruned by class, joined with labels that the probe finds unlikely.

    Pruning by class takes as many rows of each class as the confident joint says are wrong. It is joined with rows
    whose label has a probability below ``unlikely`` while another one is above a half, in classes that the probe
    knows (mean probability of the label above a half), since where few labels are wrong it takes too few.
    """
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues

    with warnings.catch_warnings():  # about classes with few rows; another check says that
        warnings.simplefilter("ignore")
        joint = compute_confident_joint(labels, probabilities)
        pruned = find_label_issues(labels, probabilities, filter_by="prune_by_class", confident_joint=joint, n_jobs=1)
    own = probabilities[np.arange(len(labels)), labels]
    is_known = (np.bincount(labels, own) / np.bincount(labels) >= SURE_OF_ANOTHER)[labels]
    is_unlikely = is_known & (own < unlikely) & (probabilities.max(axis=1) > SURE_OF_ANOTHER)
    return np.asarray(pruned | is_unlikely)
