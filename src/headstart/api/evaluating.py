"""``evaluate``: the evidence again, on other labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.results import Evaluation, Robustness, Verification
from headstart.api.threads import require_threads
from headstart.core.errors import ConfigError
from headstart.core.files import require_new_folder, write_json
from headstart.core.progress import Progress, Silent
from headstart.core.resources import cpu_count
from headstart.evidence.calibration import calibration_section, domain_section
from headstart.evidence.cost import Stopwatch
from headstart.features.through_bundle import predicted

if TYPE_CHECKING:
    pass


def evaluate(
    run: str | Path,
    data: Any = None,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    slices: str | Sequence[str] = (),
    out: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    verify: bool = False,
    robustness: bool = False,
) -> Evaluation | Verification | Robustness:
    """Measure a run's model on ``data``: its test split if it has one, else all of it; or check the run itself.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        data: Labelled data with the columns that the run was fitted on; classes must be among the run's, unless its
            model answers "unknown" (``adapt`` with the open setting): others then count as unknown, see "open_set".
        target: Column with the targets.
        input: Columns with the inputs, for a table that calls them otherwise.
        slices: Columns to report by.
        out: Folder for evidence.json and predictions/test.parquet, new or empty; :func:`report` makes a page of it.
        threads: Processor threads.
        progress: Told of the step "predict" and of every example.
        verify: Whether to check, without ``data``, that the run's evidence follows from its files, model and data
            (:func:`headstart.api.verifying.verify`).
        robustness: Whether to predict the run's own test examples, without ``data``, under corruptions
            (:func:`headstart.api.corrupting.corrupted`).

    Raises:
        ConfigError, IntegrityError: about the run, or not one of ``data``, ``verify`` and ``robustness``.
        DataError: about the data, for example a class that the model does not know.
    """
    from headstart import bundle
    from headstart.api.evaluating_open import open_set_section, without_strangers
    from headstart.bundle.prediction_table import write_table
    from headstart.core.run_folder import RunFolder
    from headstart.data.read import read
    from headstart.evidence.document import Facts, of_an_evaluation
    from headstart.evidence.fairness import fairness_section
    from headstart.evidence.prediction_columns import prediction_columns
    from headstart.evidence.slices import by_slice
    from headstart.postprocessing.answers import Answers
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    watch = Stopwatch()
    require_threads(threads)
    if verify or robustness or data is None:
        return _of_the_run(run, data, threads, progress, verify=verify, robustness=robustness)
    place = None if out is None else Path(out)
    if place is not None:
        require_new_folder(place)
    shipped = bundle.read(run)
    task = shipped.task()
    reading = read(
        data,
        schema=shipped.schema,
        target=target,
        input=input,
        slices=[slices] if isinstance(slices, str) else slices,
        to_learn=False,
        workers=threads or cpu_count(),
    )
    dataset = reading.dataset
    if (dataset.split == "test").any():
        dataset = dataset.take(dataset.split == "test")
    dataset, strangers = without_strangers(shipped, dataset)
    task.encode(dataset.targets)  # an unknown class is told before anything is computed
    dataset, outputs, strange, failures = predicted(shipped, dataset, threads, progress or Silent())
    targets = task.encode(dataset.targets)
    evidence_of_run = shipped.evidence()
    facts = Facts(
        counts={"train": evidence_of_run["n"]["train"], "val": evidence_of_run["n"]["val"], "test": len(dataset)},
        backbone=evidence_of_run["backbone"],
        data={"name": dataset.name, "fingerprint": dataset.fingerprint, "modality": dataset.modality},
        test_reads=1,
        warnings=_warnings(len(reading.bad) + failures),
    )
    evidence = of_an_evaluation(task, targets, outputs, facts, 0)
    postprocessing, chosen = shipped.postprocessing(), evidence_of_run.get("calibration", {}).get("chosen", {})
    evidence["calibration"] = calibration_section(task, targets, outputs, postprocessing, chosen)
    if strange is not None:
        evidence["out_of_domain"] = domain_section(postprocessing.record, strange)
    if dataset.slices:
        judged = (task, targets, outputs, dataset.slices, 0)
        evidence |= {"slices": by_slice(*judged), "fairness": fairness_section(*judged, dataset.table.columns)}
    if strangers is not None:
        evidence |= open_set_section(shipped, targets, outputs, strangers, threads, progress or Silent())
    seconds = watch.wall_seconds() / max(1, len(dataset))
    evidence["cost"] = watch.read(seconds)
    if place is None:
        return Evaluation(evidence)
    answers = Answers(task, postprocessing)
    columns = prediction_columns(dataset.ids, targets, outputs, answers, strange, dataset.slices)
    write_table(RunFolder(place).predictions, columns)
    write_json(place / "evidence.json", evidence)
    return Evaluation(evidence, place / "evidence.json")


def _of_the_run(
    run: str | Path, data: Any, threads: int | None, progress: Progress | None, *, verify: bool, robustness: bool
) -> Verification | Robustness:
    """What needs no other data."""
    from headstart.api.corrupting import corrupted
    from headstart.api.verifying import verify as verified

    if verify + robustness + (data is not None) != 1:
        raise ConfigError(
            "evaluate needs labelled data, or --verify or --robustness without data; name one of the three."
        )
    if verify:
        return verified(run, threads=threads, progress=progress)
    return corrupted(run, threads=threads, progress=progress)


def _warnings(left_out: int) -> list[str]:
    return [f"{left_out} inputs could not be used and were left out."] if left_out else []
