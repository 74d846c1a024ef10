"""The examples whose labels are suspected, in words, and the counts that tell how far the list can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Floats, Ints
from headstart.core.seeding import generator
from headstart.evaluation.sigmoid import sigmoid
from headstart.inspection.checks.confident_learning import Judged, judged
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Suspect


@dataclass(frozen=True)
class LabelSuspects:
    """Suspects, with the counts behind them.

    Attributes:
        suspects: The most contradicted first.
        cells: How many labels were judged. Of sets of labels those that are given or that the probe says: where both
            are silent there is no agreement to speak of.
        disagreements: Cells where the probe says another thing.
        noise: Estimated share of rows with a wrong label.
        evidence: For that; see ``label_noise``. Of sets of labels that of the clearest label.
        is_noisy: Whether it is more than chance.
    """

    suspects: tuple[Suspect, ...]
    cells: int
    disagreements: int
    noise: float
    evidence: float
    is_noisy: bool


def among_classes(examined: Examined, rows: Ints, unlikely: float, chance: float) -> LabelSuspects:
    """Classes or grades of learned ``rows``, ``(n,)`` positions, which all have an out-of-fold prediction."""
    labels, names = examined.targets.values[rows], examined.task.class_names
    every = examined.probabilities
    if every is None or len(np.unique(labels)) < 2:
        return LabelSuspects((), len(rows), 0, 0.0, 0.0, False)
    probabilities = every[rows]
    found = judged(labels, probabilities, unlikely, chance, generator(examined.seed, "label_errors"))
    suspects = []
    for place in _worst_first(found):
        given, guess, row = int(labels[place]), int(found.guess[place]), int(examined.rows[rows[place]])
        why = (
            f"the probe gives {names[guess]!r} {probabilities[place, guess]:.2f}, "
            f"the label {names[given]!r} {probabilities[place, given]:.2f}"
        )
        suspects.append(Suspect(row, examined.inputs.ids[row], why, names[given], names[guess]))
    disagreements = int((found.margin > 0).sum())
    noise = found.noise
    return LabelSuspects(tuple(suspects), len(rows), disagreements, noise.share, noise.evidence, found.is_noisy)


def among_labels(examined: Examined, rows: Ints, unlikely: float, chance: float, know: float) -> LabelSuspects:
    """Each label by itself, where the probe knows it; a row is listed once, for the label it is worst in.

    Args:
        examined: Its targets are sets of labels.
        rows: ``(n,)`` positions of learned ones that have an out-of-fold prediction.
        unlikely: See ``confident_learning``.
        chance: How often any label may be called noisy where none is.
        know: Share of the rows where the probe must agree with a label, or that label is not judged.
    """
    right: Floats = examined.targets.values[rows]
    probabilities = sigmoid(np.asarray(examined.out_of_fold)[rows])
    rng = generator(examined.seed, "label_errors")
    worst: dict[int, tuple[float, int]] = {}
    cells = disagreements = 0
    noise, evidence, is_noisy = 0.0, 0.0, False
    for label in range(examined.targets.width):
        is_given, is_said = right[:, label] > 0, probabilities[:, label] > 0.5
        if is_given.all() or not is_given.any() or probabilities[is_given, label].mean() < 0.5:
            continue  # a label that the probe does not know itself
        cells += int((is_given | is_said).sum())
        disagreements += int((is_given != is_said).sum())
        if (is_given == is_said).mean() < know:
            continue
        both = np.stack([1 - probabilities[:, label], probabilities[:, label]], axis=1)
        found = judged(is_given.astype(np.int64), both, unlikely, chance / examined.targets.width, rng)
        for place in np.flatnonzero(found.is_suspect).tolist():
            worst[place] = max(worst.get(place, (-1.0, -1)), (float(found.margin[place]), label))
        evidence, is_noisy = max(evidence, found.noise.evidence), is_noisy or found.is_noisy
        noise += found.noise.share if found.is_noisy else 0.0
    order = sorted(worst, key=lambda place: -worst[place][0])
    suspects = [
        _of_label(examined, int(rows[place]), worst[place][1], probabilities[place, worst[place][1]]) for place in order
    ]
    return LabelSuspects(tuple(suspects), max(cells, 1), disagreements, min(noise, 1.0), evidence, is_noisy)


def _worst_first(found: Judged) -> list[int]:
    places = np.flatnonzero(found.is_suspect)
    return [int(place) for place in places[np.argsort(-found.margin[places], kind="stable")]]


def _of_label(examined: Examined, place: int, label: int, probability: float) -> Suspect:
    given = {name for k, name in enumerate(examined.task.class_names) if examined.targets.values[place, k] > 0}
    name = examined.task.class_names[label]
    why = f"the probe gives {name!r} {probability:.2f}, the label is {'given' if name in given else 'not given'}"
    row = int(examined.rows[place])
    return Suspect(row, examined.inputs.ids[row], why, "|".join(sorted(given)), "|".join(sorted(given ^ {name})))
