"""``evaluate`` of a model that answers "unknown": examples of classes that it never learned count, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.bundle import Bundle
    from headstart.core.learning import Floats, Targets
    from headstart.core.progress import Progress
    from headstart.data.dataset import LabeledDataset


def without_strangers(shipped: Bundle, dataset: LabeledDataset) -> tuple[LabeledDataset, LabeledDataset | None]:
    """Examples of the model's classes, and those of others; None where the model does not answer "unknown".

    Raises:
        DataError: no example is of a class of the model.
    """
    if shipped.postprocessing().record.unknown_below is None:
        return dataset, None
    names = np.array([str(each) for each in dataset.targets], dtype=object)
    known = np.isin(names, list(shipped.class_names))
    if not known.any():
        raise DataError(
            f"at least one example must be of a class of the model ({', '.join(shipped.class_names[:5])}, ...); none "
            f"of {len(names):,} is. Look at the column with the targets."
        )
    return dataset.take(known), dataset.take(~known)


def open_set_section(
    shipped: Bundle,
    targets: Targets,
    outputs: Floats,
    strangers: LabeledDataset,
    threads: int | None,
    progress: Progress,
) -> dict[str, Any]:
    """``known`` accuracy, ``unknown`` recall and ``h_score``; an example of a known class answered "unknown" is wrong.

    Args:
        shipped: The model.
        targets: ``(n,)`` of the examples of its classes.
        outputs: ``(n, K)`` of those, calibrated.
        strangers: Examples of other classes; none are as good as no section.
        threads: Processor threads.
        progress: Told of steps.
    """
    from headstart.evaluation.open_set import open_set_figures
    from headstart.features.through_bundle import predicted
    from headstart.postprocessing.answers import Answers
    from headstart.postprocessing.unknown import UNKNOWN

    task = shipped.task()
    answers = Answers(task, shipped.postprocessing())
    said = np.array([str(word) for word in answers.words(outputs)], dtype=object)
    hidden = np.zeros(0, bool)
    if len(strangers):
        others = predicted(shipped, strangers, threads, progress)[1]
        hidden = np.array([word == UNKNOWN for word in answers.words(others)], bool)
    return {"open_set": open_set_figures(said == np.array(task.written(targets), dtype=object), hidden)}
