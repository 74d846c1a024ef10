"""What the old model says of examples, in the terms of the new one, which may know more classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Floats, Ints, Task
from headstart.core.progress import Silent
from headstart.evaluation.softmax import softmax
from headstart.tasks.choose import task_from_dict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.data.dataset import LabeledDataset
    from headstart.engine.activations.store import Store
    from headstart.evidence.run_answers import RunAnswers
    from headstart.updating.joining import Joining

SURE = 30.0  # a logit that stands for a decision
CHOSEN_LATER = ("decision", "rule")  # of a task: what one model decides by


@dataclass(frozen=True)
class Former:
    """Of n examples.

    Attributes:
        outputs: ``(n, W)`` calibrated, W that of the new model; NaN where nothing honest is known: the old model
            learned from the example, or it cannot be read any more.
        decided: ``(n, W)`` from which ``task`` decides as the old model did.
        task: That decides.
    """

    outputs: Floats
    decided: Floats
    task: Task

    @property
    def known(self) -> NDArray[np.bool_]:
        """``(n,)``: where something is known."""
        return np.asarray(np.isfinite(self.outputs).all(axis=1))

    def take(self, rows: Ints | NDArray[np.bool_]) -> Former:
        """Of some of them."""
        return replace(self, outputs=self.outputs[rows], decided=self.decided[rows])


def former_of(joining: Joining, dataset: LabeledDataset, task: Task, store: Store, threads: int | None) -> Former:
    """What the old model says of training and test examples that it did not learn from.

    Of old ones it is read from the run's files: test examples, and training examples while they were held out. New
    ones are given to the run's head: their features where the new model has computed the same ones, else through the
    whole bundle, as a service would.

    Args:
        joining: The run that is updated.
        dataset: n examples, old and new; their targets are not looked at.
        task: Of the new model.
        store: With the activations of the new model.
        threads: Processor threads.
    """
    old = joining.test.task
    outputs = np.full((len(dataset), joining.test.outputs.shape[1]), np.nan)
    for answers in (joining.held_out, joining.test):
        place = {str(name): row for row, name in enumerate(answers.ids)}
        at = [(row, place[name]) for row, name in enumerate(dataset.ids) if name in place]
        if at:
            rows, theirs = np.array(at, np.int64).T
            outputs[rows] = answers.outputs[theirs]
    new = np.flatnonzero(joining.is_added(dataset))
    if len(new):
        place = {name: row for row, name in enumerate(dataset.ids)}
        found, said = _shipped_outputs(joining, dataset.take(new), store, threads)
        outputs[[place[name] for name in found.ids]] = said
    if old.class_names == task.class_names:
        return Former(outputs, outputs, old)
    known = np.isfinite(outputs).all(axis=1)
    learned = sum(joining.evidence["n"][part] for part in ("train", "val"))
    return Former(
        _spread(widened(outputs[known], old, task, learned), known),
        _spread(_as_decided(outputs[known], joining.test, task), known),
        task_from_dict({key: value for key, value in task.to_dict().items() if key not in CHOSEN_LATER}),
    )


def _shipped_outputs(
    joining: Joining, dataset: LabeledDataset, store: Store, threads: int | None
) -> tuple[LabeledDataset, Floats]:
    """The examples that can be read, and what the model of the old run says of them."""
    from headstart.bundle import read
    from headstart.features.kept_features import kept_features
    from headstart.features.through_bundle import predicted

    shipped = read(joining.folder.bundle)
    predictor = shipped.predictor(threads=threads)
    features = kept_features(shipped, predictor, dataset, store)
    if features is not None:
        return dataset, predictor.outputs_of(features)
    found, outputs, _, _ = predicted(shipped, dataset, threads, Silent())
    return found, outputs


def widened(outputs: Floats, old: Task, new: Task, learned: int) -> Floats:
    """Outputs ``(n, W)`` of a model that knows fewer classes, over all of them.

    A class that was in none of ``learned`` examples gets the probability 1 / (learned + K): Laplace's rule, more than
    the model itself gives it, so that its loss on such an example is finite and errs in its favour.

    >>> from headstart.tasks.classification import Classification, ClassificationConfig as Names
    >>> old, new = (Classification(Names(class_names=names)) for names in (("a", "c"), ("a", "b", "c")))
    >>> np.exp(widened(np.log([[0.75, 0.25]]), old, new, 17)).round(4).tolist()  # 1 / 20 for b, the rest as it was
    [[0.7125, 0.05, 0.2375]]
    """
    place = [new.class_names.index(name) for name in old.class_names]
    least = 1.0 / (learned + len(new.class_names))
    if new.kind == "multilabel":
        logits = np.full((len(outputs), len(new.class_names)), np.log(least) - np.log1p(-least))
        logits[:, place] = outputs
        return logits
    p = np.full((len(outputs), len(new.class_names)), least)
    p[:, place] = softmax(outputs) * (1.0 - least * (len(new.class_names) - len(place)))
    return np.asarray(np.log(np.maximum(p, np.finfo(float).tiny)))


def _as_decided(outputs: Floats, old: RunAnswers, new: Task) -> Floats:
    """Outputs that leave no doubt about what was decided."""
    said = np.array(old.task.predictions(outputs)["prediction"], dtype=object)
    values = new.encode(said).values if len(said) else np.zeros(0, np.int64)
    if new.kind == "multilabel":
        return np.asarray(SURE * (2 * values - 1).reshape(len(outputs), len(new.class_names)), np.float64)
    return np.asarray(SURE * np.eye(len(new.class_names))[values], np.float64)


def _spread(some: Floats, known: NDArray[np.bool_]) -> Floats:
    """``(n, W)``: rows of ``some`` where ``known``, else NaN."""
    outputs = np.full((len(known), some.shape[1]), np.nan)
    outputs[known] = some
    return outputs
