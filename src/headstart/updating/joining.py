"""The data of the run that is updated, checked to be what they were, with the new ones below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import NEVER_HELD_OUT, Ints
from headstart.core.run_folder import RunFolder
from headstart.data.adding import prefix_of
from headstart.data.splits import NOT_DEALT
from headstart.evidence.run_answers import FOLD, RunAnswers, read_column, read_held_out, read_run_answers
from headstart.features.own_data import COPIES, ids_left_out
from headstart.tasks.choose import choose_task_name

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.data.read import Reading
    from headstart.request.fit_config import FitConfig

# Tasks whose targets look the same in few examples: grades are names, and so are sets of one label.
ALIKE = ({"classification", "ordinal"}, {"classification", "multilabel"})


@dataclass(frozen=True)
class Joining:
    """The run that is updated, and where its rows end.

    Attributes:
        folder: Of that run.
        evidence: What it knew of itself.
        test, held_out: What it said of its test examples, and of training examples while it did not see them.
        folds: In which fold the latter were, by id.
        prefix: Of the ids of the examples that are new.
    """

    folder: RunFolder
    evidence: dict[str, Any]
    test: RunAnswers
    held_out: RunAnswers
    folds: Mapping[str, int]
    prefix: str

    @property
    def name(self) -> str:
        """Of that run."""
        return self.folder.path.resolve().name

    def is_added(self, dataset: LabeledDataset) -> NDArray[np.bool_]:
        """``(N,)``: which examples are new."""
        return np.array([name.startswith(self.prefix) for name in dataset.ids], bool)

    def folds_of(self, train: LabeledDataset) -> Ints:
        """``(N,)`` for :func:`headstart.data.splits.folds`: old examples stay in their folds, new ones are dealt.

        So a model that held out a fold differs from its successor by what was added, and not by chance too.
        """
        missing = NOT_DEALT if self.was_trained else NEVER_HELD_OUT
        return np.array(
            [NOT_DEALT if name.startswith(self.prefix) else self.folds.get(name, missing) for name in train.ids],
            np.int64,
        )

    @property
    def was_trained(self) -> bool:
        """Whether the old model is a trained network, which held out its validation examples alone."""
        return self.evidence["verdict"]["chosen"] in self.evidence.get("training", {})

    def with_parts(self, dataset: LabeledDataset) -> LabeledDataset:
        """With every old example in the part that it was in; new ones say what they said."""
        tested = set(self.test.ids.tolist())
        split = dataset.split.copy()
        for row in np.flatnonzero(~self.is_added(dataset)):
            was_val = split[row] == "val" and self.evidence["n"]["val"]
            split[row] = "test" if dataset.ids[row] in tested else "val" if was_val else "train"
        return replace(dataset, split=split)


def joined(request: FitConfig, reading: Reading) -> tuple[Reading, Joining]:
    """The reading without what the old run did without, and the run that is updated.

    Raises:
        ConfigError: that run cannot be updated.
        DataError: its data are not what they were, or what was added cannot be added to them.
    """
    folder = RunFolder(Path(str(request.update)))
    evidence = folder.read_evidence()
    if not folder.held_out.is_file():
        raise ConfigError(
            f"a run that is updated must hold predictions/{folder.held_out.name}; {folder.path} was made by an older "
            f"version and has none. Make it again: headstart fit --config {folder.config} --out FOLDER"
        )
    prefix = prefix_of(len(request.additions))
    test, held_out = read_run_answers(folder.path), read_held_out(folder.path)
    folds = dict(zip(held_out.ids.tolist(), read_column(folder.held_out, FOLD), strict=True))
    found = Joining(folder, evidence, test, held_out, folds, prefix)
    copies = {str(each["id"]) for each in folder.decision(COPIES) or ()}
    kept = np.array([row for row, name in enumerate(reading.dataset.ids) if name not in copies], np.int64)
    reading = replace(reading, dataset=reading.dataset.take(kept))
    is_added = found.is_added(reading.dataset)
    _require_the_same(found, reading.dataset.take(np.flatnonzero(~is_added)))
    if not is_added.any():
        raise DataError("--add must name examples with targets that can be used; there is none. Name other data.")
    _require_the_task(found, request.task, reading.dataset.targets[is_added])
    note = f"goes on from {found.name}: {int((~is_added).sum()):,} examples were known, {int(is_added.sum()):,} are new"
    return replace(reading, notes=(*reading.notes, note)), found


def _require_the_same(found: Joining, old: LabeledDataset) -> None:
    left_out = ids_left_out(found.folder)
    old = old.take(np.array([row for row, name in enumerate(old.ids) if name not in left_out], np.int64))
    if old.fingerprint == found.evidence["data"]["fingerprint"]:
        return
    were, missing = sum(found.evidence["n"].values()), set(found.test.ids.tolist()) - set(old.ids)
    what = f"it learned from and was tested on {were:,} examples, of which {len(old):,} are there"
    if len(old) == were:
        what = f"there are {were:,} examples as then, but some have other inputs, targets, names or columns"
    if missing:
        what += f"; {len(missing):,} test examples are gone, {min(missing)!r} first"
    raise DataError(
        f"the data of {found.name} must be as they were when it was fitted, since its test and its held-out examples "
        f"are judged again: {what}. Put them back (at another place: headstart fit PLACE --update ...), with new "
        "examples in --add alone; or fit all of them anew."
    )


def _require_the_task(found: Joining, task: str, targets: NDArray[np.object_]) -> None:
    """New names are welcome, but not targets that mean something else, which would all be new names."""
    if task in ("regression", "amount"):
        return  # what is no number is told by the task
    known = set(found.test.task.class_names)
    if any(target in known for target in targets.tolist()):
        return
    name, reason = choose_task_name(targets, "auto")
    if name != task and {name, task} not in ALIKE:
        raise DataError(
            f"the added data must have targets of the run's task, {task} of {sorted(known)[:5]}; theirs are {name}, "
            f"since {reason}. Add data with the same kind of targets, or fit a model of its own to them."
        )
