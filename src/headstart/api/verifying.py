"""``evaluate RUN --verify``: does what a run's evidence says still follow from its files, its model and its data?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.own_data import read_again
from headstart.api.results import Check, Verification
from headstart.core.errors import HeadstartError
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.evidence.run_answers import RunAnswers

SAME = 1e-6  # metrics computed again from probabilities that were written as float64
ALIKE = 0.01  # largest difference of a probability that another runtime or machine may bring
CHANGED = 0.005  # share of decisions that may be others for the same reason


def verify(run: str | Path, *, threads: int | None = None, progress: Progress | None = None) -> Verification:
    """Check a finished run against itself.

    In order: the files of the bundle against their checksums; its evidence against the run's; the test examples against
    the hash in the evidence; every metric against the written predictions; the data against their fingerprint; and the
    predictions against those that the bundle makes now. What cannot be checked (data given as an object in Python, or
    not there any more) is said, and counts as not checked.

    Args:
        run: A run folder.
        threads: Processor threads.
        progress: Told of every example that is predicted.

    Raises:
        ConfigError: no finished run is there.
    """
    from headstart.evidence.run_answers import read_run_answers

    folder = RunFolder(Path(run))
    evidence = folder.read_evidence()
    checks = [_checked("the bundle is as it was written", lambda: _bundle(folder))]
    checks.append(_checked("the bundle carries the run's evidence", lambda: _evidence(folder, evidence)))
    try:
        answers = read_run_answers(folder.path)
    except HeadstartError as error:
        checks.append(Check("the predictions can be read", False, str(error)))
        return Verification(folder.path, tuple(checks))
    checks.append(_checked("the test examples are those of the evidence", lambda: _examples(answers, evidence)))
    checks.append(_checked("every metric follows from the predictions", lambda: _metrics(answers, evidence)))
    checks += _of_data(folder, evidence, answers, threads, progress or Silent())
    return Verification(folder.path, tuple(checks))


def _checked(what: str, check: Callable[[], str | None]) -> Check:
    """``check`` returns why it does not hold, None where it does; an error says so too."""
    try:
        why = check()
    except HeadstartError as error:
        why = str(error)
    return Check(what, why is None, why or "")


def _bundle(folder: RunFolder) -> str | None:
    from headstart.bundle import read

    read(folder.bundle)
    return None


def _evidence(folder: RunFolder, evidence: dict[str, Any]) -> str | None:
    from headstart.bundle import read

    shipped = read(folder.bundle).evidence()
    other = [key for key in {*shipped, *evidence} if shipped.get(key) != evidence.get(key)]
    return f"{', '.join(sorted(other))} differ between evidence.json and the bundle's" if other else None


def _examples(answers: RunAnswers, evidence: dict[str, Any]) -> str | None:
    from headstart.evidence.run_answers import hash_of_ids

    stated, found = evidence["data"].get("test_examples"), hash_of_ids(answers.ids)
    if stated is None:
        return "the evidence holds no hash of them: it was written by an older version"
    return None if stated == found else f"the hash is {found[:12]}..., the evidence says {str(stated)[:12]}..."


def _metrics(answers: RunAnswers, evidence: dict[str, Any]) -> str | None:
    found = answers.task.metrics(answers.targets, answers.outputs, 0)
    other = []
    for name, stated in evidence["test"].items():
        value = stated.get("value") if isinstance(stated, dict) else None
        if value is not None and abs(value - found[name]["value"]) > SAME * max(1.0, abs(value)):
            other.append(f"{name} is {found[name]['value']:.6g}, the evidence says {value:.6g}")
    return "; ".join(other) or None


def _of_data(
    folder: RunFolder, evidence: dict[str, Any], answers: RunAnswers, threads: int | None, progress: Progress
) -> Iterator[Check]:
    """What needs the data, and the model run on them."""
    same, again = "the data are those of the evidence", "the model predicts what was written"
    try:
        dataset = read_again(folder)
    except HeadstartError as error:
        yield from (Check(what, None, str(error)) for what in (same, again))
        return
    if isinstance(dataset, str):
        yield from (Check(what, None, dataset) for what in (same, again))
        return
    stated = evidence["data"]["fingerprint"]
    is_same = dataset.fingerprint == stated
    why = "" if is_same else f"their fingerprint is {dataset.fingerprint[:12]}..., the evidence says {stated[:12]}..."
    yield Check(same, is_same, why)
    yield _checked(again, lambda: _predictions(folder, dataset, answers, threads, progress))


def _predictions(
    folder: RunFolder, dataset: LabeledDataset, answers: RunAnswers, threads: int | None, progress: Progress
) -> str | None:
    from headstart.api.through_bundle import predicted
    from headstart.bundle import read

    place = {str(name): row for row, name in enumerate(dataset.ids)}
    if missing := [name for name in answers.ids if str(name) not in place]:
        return f"{len(missing)} of {len(answers.ids)} test examples are not in the data any more, {missing[0]!r} first"
    tested = dataset.take(np.array([place[str(name)] for name in answers.ids], dtype=np.int64))
    shipped = read(folder.bundle)
    tested, outputs, _, failed = predicted(shipped, tested, threads, progress)
    if failed:
        return f"{failed} test examples cannot be read any more"
    columns, task = shipped.task().predictions(outputs), answers.task
    if task.kind == "real":
        gap = float(np.max(np.abs(np.asarray(columns["prediction"], float) - answers.said.astype(float))))
        scale = float(np.std(answers.said.astype(float))) or 1.0
        return None if gap <= ALIKE * scale else f"a prediction differs by {gap:.4g}"
    changed = int(np.sum(np.array(columns["prediction"], dtype=object) != answers.said))
    if changed > CHANGED * len(answers.ids):
        return f"{changed} of {len(answers.ids)} predictions are others"
    return None
