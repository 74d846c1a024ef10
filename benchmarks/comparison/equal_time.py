"""Runs of two tools that are given the same minutes, as records."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from . import answers, environments, processes, records, runs, tools
from .records import Record
from .table_splits import table_folder
from .tuning_runs import MINUTE, minilm
from .tuning_sets import SUBJECTS

FIELDS = (*records.KEY, "minutes")
HEADSTART, AUTOGLUON = "headstart", "autogluon"
# whole processes: imports, what follows the time that was given, and the predictions come on top
GRACE_SECONDS = 900.0
KINDS: dict[str, Literal["pictures", "texts", "tables"]] = {
    "clothing_small": "pictures",
    "cifar10_50": "pictures",
    "magnetic_tile": "pictures",
    "banking77_8": "texts",
    "trec_8": "texts",
    "telco_churn": "tables",
    "german_credit": "tables",
    "adult_income": "tables",
}
# of AutoGluon's processes: freed memory is kept, which Headstart does for itself and the tuned script too
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)}
ENVIRONMENTS = {"pictures": "autogluon_multimodal", "texts": "autogluon_multimodal", "tables": "autogluon_tabular"}


@dataclass(frozen=True)
class EqualTimeJob(runs.Job):
    """What one record is about; ``minutes`` is what the tool is told that it has."""

    minutes: float = 0.0

    @property
    def seed(self) -> int:
        """Of the tool."""
        return self.split + 10 * self.pair

    def folder(self, setting: runs.Setting) -> Path:
        """A fresh folder for what this run writes."""
        place = setting.work / "runs" / "equal_time" / self.set / f"{self.split}-{self.pair}"
        folder = place / f"{self.tool}-{self.minutes:g}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def jobs(
    sets: Iterable[str], minutes: Iterable[float], numbers: Sequence[int], pairs: int, only: Sequence[str]
) -> list[EqualTimeJob]:
    """Both tools one after the other on each split, the first one last in every other pair; short runs come first."""
    blocks = [
        (each, pair, number, name) for each in minutes for pair in range(pairs) for number in numbers for name in sets
    ]
    both = (HEADSTART, AUTOGLUON)
    return [
        EqualTimeJob(tool, name, number, pair, True, each)
        for turn, (each, pair, number, name) in enumerate(blocks)
        for tool in (both if turn % 2 == 0 else both[::-1])
        if not only or tool in only
    ]


def split_of(job: EqualTimeJob, setting: runs.Setting) -> Path:
    """The folder that both tools read."""
    if KINDS[job.set] == "tables":
        return table_folder(setting.data, setting.work, job.set, job.split)
    return SUBJECTS[job.set].folder(setting.data, setting.work, job.split)


def peer_command(job: EqualTimeJob, setting: runs.Setting, out: Path) -> list[str]:
    """AutoGluon's own script for this kind of data, with the weights that Headstart uses."""
    kind = KINDS[job.set]
    name = ENVIRONMENTS[kind]
    weights = {
        "pictures": lambda: ["--weights", environments.weights_folder(setting.work, setting.envs) / "lite0"],
        "texts": lambda: ["--weights", minilm()],
        "tables": list,
    }[kind]()
    given = ["--seconds", round(job.minutes * MINUTE), "--threads", setting.threads, "--seed", job.seed]
    script = environments.PEERS / f"{name}.py"
    python = environments.python_of(setting.envs, name)
    return [str(part) for part in (python, script, split_of(job, setting), *weights, "--out", out, *given)]


def run(job: EqualTimeJob, setting: runs.Setting, nice: int = 0) -> Record:
    """The record of one job; Headstart begins with an empty cache."""
    out = job.folder(setting)
    if job.tool == HEADSTART:
        more = ("--minutes", f"{job.minutes:g}")
        folder = split_of(job, setting)
        command = tools.headstart_command(setting.headstart, folder, out / "run", setting.threads, job.seed, *more)
        read = partial(_result_of_run, out / "run")
    else:
        command = peer_command(job, setting, out / "result.json")
        read = partial(_result_of_peer, out / "result.json")
    measured = processes.run(
        command,
        environment={
            **runs.environment_of(setting.threads),
            **(runs.SHARED_MACHINE if nice else {}),
            **(ALLOCATOR if job.tool == AUTOGLUON else {}),
            "HEADSTART_CACHE": str(out / "cache"),
        },
        log=out / "log.txt",
        limit_seconds=3 * job.minutes * MINUTE + GRACE_SECONDS,
        nice=nice,
    )
    record = runs.record_of(job, measured, read, out / "log.txt") | {"threads": setting.threads}
    shutil.rmtree(out / "cache", ignore_errors=True)
    return record


def _result_of_run(run: Path) -> dict[str, Any]:
    facts = tools.headstart_result(run)
    return {"chosen": facts["chosen"], "complete": facts["complete"], **answers.summarized(answers.of_run(run))}


def _result_of_peer(out: Path) -> dict[str, Any]:
    return answers.summarized(answers.of_peer(out))


def warm_up(setting: runs.Setting, sets: Iterable[str]) -> None:
    """Read both tools' files once, so that the first one measured does not pay for a cold disk."""
    scratch = setting.work / "warm-up"
    names = dict.fromkeys(ENVIRONMENTS[KINDS[name]] for name in sets)
    commands: list[list[str | Path]] = [
        [environments.python_of(setting.envs, name), environments.PEERS / f"{name}.py", "--help"] for name in names
    ]
    commands.append([setting.headstart.with_name("python"), "-c", runs.IMPORTS])
    for number, command in enumerate(commands):
        environment, log = runs.environment_of(setting.threads), scratch / f"log-{number}.txt"
        processes.run(command, environment=environment, log=log, limit_seconds=GRACE_SECONDS)
