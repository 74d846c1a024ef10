"""Teachers of students beside the run's own model: networks of other runs on the same examples, alone or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError, HeadstartError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.api.two_domains import SourceRows
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.bundle import Bundle
    from headstart.compression.judging import Bench

MADE_OF_RUNS = ("compression", "adaptation")  # whose networks learned from what is not told here


def run_folders(asked: Any) -> list[Path]:
    """None, one run, or several."""
    if asked is None:
        return []
    return [Path(asked)] if isinstance(asked, str | Path) else [Path(each) for each in asked]


def teachers_of(runs: Sequence[Path], shipped: Bundle, source: SourceRows, bench: Bench) -> dict[str, Backbone]:
    """The networks by name of their run, in the order asked.

    Of a teacher only its network teaches: a head on it is solved again, on the rows that teach students. A network that
    was trained knows the labels of the examples that trained it, so none of these may judge students or be tested.

    Args:
        runs: Folders of finished runs.
        shipped: The run that is compressed.
        source: Its examples.
        bench: On which its students are judged.

    Raises:
        DataError: a run has another task or other examples, no network that sees what that of the compressed run sees,
            or one that was trained on examples that judge.
    """
    from headstart.bundle import read
    from headstart.bundle.torch_backbone import rebuild

    found: dict[str, Backbone] = {}
    for run in runs:
        other = read(run)
        _require_same_task(run, other, shipped)
        _require_one_network(run, other, shipped)
        _require_unseen(run, other, source, bench)
        name = run.resolve().name
        record = other.manifest.networks[other.manifest.sources[0].name]
        found[name if name not in found else str(run)] = rebuild(other.folder, record)
    return found


def _require_same_task(run: Path, other: Bundle, shipped: Bundle) -> None:
    ours, theirs = ((each.manifest.task["task"], tuple(each.class_names)) for each in (shipped, other))
    if ours != theirs:
        raise DataError(
            f"--teacher must be a run of the same task and classes, {_told(*ours)}; that of {run} is {_told(*theirs)}. "
            "Fit it on the same data and target."
        )


def _told(task: str, names: tuple[str, ...]) -> str:
    return task + (f" of {', '.join(map(str, names[:5]))}{', ...' * (len(names) > 5)}" if names else "")


def _require_one_network(run: Path, other: Bundle, shipped: Bundle) -> None:
    (own,), sources = shipped.manifest.sources, other.manifest.sources
    if any(name in other.evidence() for name in MADE_OF_RUNS):
        raise DataError(f"--teacher must be a run of a fit; {run} was made from another one. Name that one.")
    is_one = len(sources) == 1 and sources[0].kind == "network" and sources[0].part == own.part
    if not is_one or other.manifest.networks[sources[0].name].runtime.precision == "int8":
        raise DataError(
            f"--teacher must be a run of one network in float that sees what the compressed one sees; the features of "
            f"{run} come from {', '.join(each.name for each in sources)}. Several networks are several runs: name "
            "--teacher once for each."
        )


def _require_unseen(run: Path, other: Bundle, source: SourceRows, bench: Bench) -> None:
    """The same examples, none of which that judge students trained its network."""
    from headstart.evidence.run_answers import FOLD, read_column, read_held_out, read_run_answers
    from headstart.features.own_data import read_again

    try:
        dataset, held, tested = read_again(RunFolder(run)), read_held_out(run), read_run_answers(run)
        folds = read_column(RunFolder(run).held_out, FOLD)
    except HeadstartError as error:
        raise DataError(f"--teacher must be a run whose data are where they were; {run}: {error}") from error
    if isinstance(dataset, str):
        raise DataError(f"--teacher must be a run whose data are where they were; of {run} {dataset}.")
    keys = {str(name): key.tobytes() for name, key in zip(dataset.ids, dataset.keys, strict=True)}
    ours = {key.tobytes() for each in (source.dataset, source.test) for key in each.keys}
    if missing := ours ^ set(keys.values()):
        raise DataError(
            f"--teacher must be a run on the same examples; {len(missing):,} are in one of both alone, {run} or the "
            "compressed run. Fit it on the same data."
        )
    if not other.manifest.method.get("trained"):
        return
    apart = {str(name) for name, fold in zip(held.ids, folds, strict=True) if fold != NEVER_HELD_OUT}
    apart |= set(map(str, tested.ids))
    trained = {key for name, key in keys.items() if name not in apart}
    judging = source.dataset.take(np.flatnonzero(bench.student_folds != NEVER_HELD_OUT))
    known = [key for each in (judging, source.test) for key in each.keys if key.tobytes() in trained]
    if known:
        raise DataError(
            f"--teacher must not know the examples that judge students; the network of {run} was trained, and may have "
            f"seen {len(known):,} of them. Name a run of frozen features (--method linear_probe), or compress the run "
            "whose network was trained."
        )
