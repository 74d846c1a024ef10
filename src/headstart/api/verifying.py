"""``evaluate RUN --verify``: does what a run's evidence says still follow from its files, its model and its data?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.results import Check, Verification
from headstart.bundle.manifest import WEIGHTS
from headstart.core.errors import HeadstartError
from headstart.core.files import sha256_file
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder
from headstart.features.own_data import read_again

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.evidence.run_answers import RunAnswers

NO_HASH = "the evidence holds no hash of it: it was written by an older version"
MOST_TOLD = 5  # figures that differ
SAME = 1e-6  # figures computed again from probabilities that were written as float64
ALIKE = 0.01  # largest difference of a probability that another runtime or machine may bring
CHANGED = 0.005  # share of decisions that may be others for the same reason


def verify(run: str | Path, *, threads: int | None = None, progress: Progress | None = None) -> Verification:
    """Check a finished run against itself.

    In order: the files of the bundle against their checksums; its evidence against the run's; weights, predictions
    and test examples against the hashes in the evidence; every figure of the test against the written predictions;
    the code, the data and the split against their hashes; and the predictions against those that the bundle makes
    now. What cannot be checked (data given as an object in Python, or not there any more; evidence of an older
    version, which holds no hashes) is said, and counts as not checked.

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
    checks = [
        _checked("the bundle is as it was written", lambda: _bundle(folder)),
        _checked("the bundle carries the run's evidence", lambda: _evidence(folder, evidence)),
        _hashed("the weights are those of the evidence", evidence, "weights", folder.bundle / WEIGHTS),
        _hashed("the predictions are those of the evidence", evidence, "predictions", folder.predictions),
    ]
    try:
        answers = read_run_answers(folder.path)
    except HeadstartError as error:
        checks.append(Check("the predictions can be read", False, str(error)))
        return Verification(folder.path, tuple(checks))
    checks.append(_checked("the test examples are those of the evidence", lambda: _examples(answers, evidence)))
    checks.append(
        _checked("every figure of the test follows from the predictions", lambda: _figures(folder, answers, evidence))
    )
    checks.append(_code(evidence))
    checks += _of_data(folder, evidence, answers, threads, progress or Silent())
    return Verification(folder.path, tuple(checks))


def _checked(what: str, check: Callable[[], str | None]) -> Check:
    """``check`` returns why it does not hold, None where it does; an error says so too."""
    try:
        why = check()
    except HeadstartError as error:
        why = str(error)
    return Check(what, why is None, why or "")


def _hashed(what: str, evidence: dict[str, Any], name: str, path: Path) -> Check:
    """A file against its hash in the evidence."""
    stated = evidence.get("hashes", {}).get(name)
    if stated is None:
        return Check(what, None, NO_HASH)
    if not path.is_file():
        return Check(what, False, f"{path.name} is missing")
    return _compared(what, sha256_file(path), stated)


def _compared(what: str, found: str, stated: str) -> Check:
    is_same = found == stated
    return Check(what, is_same, "" if is_same else f"the hash is {found[:12]}..., the evidence says {stated[:12]}...")


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
    from headstart.evidence.hashes import hash_of_ids

    stated, found = evidence["data"].get("test_examples"), hash_of_ids(answers.ids)
    if stated is None:
        return "the evidence holds no hash of them: it was written by an older version"
    return None if stated == found else f"the hash is {found[:12]}..., the evidence says {str(stated)[:12]}..."


def _figures(folder: RunFolder, answers: RunAnswers, evidence: dict[str, Any]) -> str | None:
    """Metrics with their intervals, per class too, the confusions, and the number of examples."""
    from headstart.request.fit_config import FitConfig, read_config

    seed = FitConfig.parse(read_config(folder.config), "config.yaml").seed
    task, judged = answers.task, (answers.targets, answers.outputs, seed)
    found: dict[str, Any] = {"test": task.metrics(*judged), "n": {"test": len(answers.ids)}}
    if "confusion" in evidence:
        found["confusion"] = task.sections(*judged).get("confusion")
    other = list(_differing(found, {name: evidence.get(name) for name in found}))
    return "; ".join(other[:MOST_TOLD]) + (f"; and {len(other) - MOST_TOLD} more" * (len(other) > MOST_TOLD)) or None


def _differing(found: Any, stated: Any, where: str = "") -> Iterator[str]:
    """Where ``stated`` says something else than ``found``; keys that are not in ``found`` are not looked at."""
    if isinstance(found, dict) and isinstance(stated, dict):
        for key in found:
            yield from _differing(found[key], stated.get(key), f"{where} {key}".strip())
    elif isinstance(found, list) and isinstance(stated, list) and len(found) == len(stated):
        for number, (each, other) in enumerate(zip(found, stated, strict=True)):
            yield from _differing(each, other, f"{where}[{number}]")
    elif not _is_same(found, stated):
        yield f"{where} is {_told(found)}, the evidence says {_told(stated)}"


def _is_same(found: Any, stated: Any) -> bool:
    if isinstance(found, int | float) and isinstance(stated, int | float):
        return abs(found - stated) <= SAME * max(1.0, abs(stated))
    return bool(found == stated)


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _code(evidence: dict[str, Any]) -> Check:
    """Other code is no fault of the run: its figures were compared all the same."""
    from headstart.evidence.hashes import code_facts

    what, stated, found = "the code is that of the evidence", evidence.get("hashes", {}).get("code"), code_facts()
    if stated is None:
        return Check(what, None, NO_HASH)
    if stated == found:
        return Check(what, True)
    versions = (f"{each['version']} ({str(each['sha256'])[:12]}...)" for each in (stated, found))
    return Check(what, None, "the evidence was made by Headstart {}, this is {}".format(*versions))


def _of_data(
    folder: RunFolder, evidence: dict[str, Any], answers: RunAnswers, threads: int | None, progress: Progress
) -> Iterator[Check]:
    """What needs the data, and the model run on them."""
    same, parted = "the data are those of the evidence", "the split is that of the evidence"
    again = "the model predicts what was written"
    try:
        dataset = read_again(folder)
    except HeadstartError as error:
        yield from (Check(what, None, str(error)) for what in (same, parted, again))
        return
    if isinstance(dataset, str):
        yield from (Check(what, None, dataset) for what in (same, parted, again))
        return
    stated = evidence["data"]["fingerprint"]
    is_same = dataset.fingerprint == stated
    why = "" if is_same else f"their fingerprint is {dataset.fingerprint[:12]}..., the evidence says {stated[:12]}..."
    yield Check(same, is_same, why)
    yield _split(parted, dataset, evidence, answers)
    yield _checked(again, lambda: _predictions(folder, dataset, answers, threads, progress))


def _split(what: str, dataset: LabeledDataset, evidence: dict[str, Any], answers: RunAnswers) -> Check:
    """Which examples were tested on, and which were a given val: the others were learned from."""
    from headstart.evidence.hashes import hash_of_split

    stated = evidence.get("hashes", {}).get("split")
    if stated is None:
        return Check(what, None, NO_HASH)
    tested = {str(name) for name in answers.ids}
    is_val = (dataset.split == "val") & bool(evidence["n"]["val"])
    parts = [
        "test" if str(name) in tested else "val" if val else "train"
        for name, val in zip(dataset.ids, is_val, strict=True)
    ]
    return _compared(what, hash_of_split(dataset.ids, parts), stated)


def _predictions(
    folder: RunFolder, dataset: LabeledDataset, answers: RunAnswers, threads: int | None, progress: Progress
) -> str | None:
    from headstart.bundle import read
    from headstart.features.through_bundle import predicted

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
