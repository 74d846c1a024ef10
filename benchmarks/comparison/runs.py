"""One measured run of one tool on one split, as a record."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from . import environments, processes, splits, tools
from .records import Record

IMPORTS = "import torch, timm, headstart.api"
SHARED_MACHINE = {"OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Setting:
    """Where things are, and what holds for every tool alike."""

    data: Path
    work: Path
    envs: Path
    headstart: Path
    threads: int


@dataclass(frozen=True)
class Job:
    """What one record is about; ``timed`` runs are measured on a machine that does nothing else."""

    tool: str
    set: str
    split: int
    pair: int
    timed: bool

    def folder(self, setting: Setting) -> Path:
        """A fresh folder for what this run writes."""
        kind = "timed" if self.timed else "untimed"
        folder = setting.work / "runs" / kind / self.set / f"{self.split}-{self.pair}" / self.tool
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def run_peer(job: Job, setting: Setting) -> Record:
    """One of the peers' scripts on one split."""
    peer = tools.PEERS_BY_NAME[job.tool]
    out = job.folder(setting)
    command = peer.command(
        environments.python_of(setting.envs, peer.environment),
        splits.split_folder(setting.data, setting.work, job.set, job.split),
        environments.weights_folder(setting.work, setting.envs),
        out / "result.json",
        setting.threads,
        seed=job.split + 10 * job.pair,
    )
    measured = processes.run(
        command if job.timed else [*command, *peer.untimed_options],
        # how threads wait does not change the result, but others notice
        environment=environment_of(setting.threads) | ({} if job.timed else SHARED_MACHINE),
        log=out / "log.txt",
        limit_seconds=peer.limit_seconds if job.timed else 4 * peer.limit_seconds,
        nice=0 if job.timed else 19,
    )
    return record_of(job, measured, partial(tools.peer_result, out / "result.json"), out / "log.txt")


def run_headstart(job: Job, setting: Setting) -> list[Record]:
    """Cold: a fresh cache. ``headstart_again`` is a second fit in the cache of a first, with another seed.

    The second fit is given all images of the set without a split, so that another seed means another split; its first
    fit is a record of its own (``headstart_pooled``).
    """
    again = job.tool == "headstart_again"
    source = (
        splits.pooled_folder(setting.data, setting.work, job.set)
        if again
        else splits.split_folder(setting.data, setting.work, job.set, job.split)
    )
    out = job.folder(setting)
    names = ["headstart_pooled", "headstart_again"] if again else [job.tool]
    records = []
    for number, name in enumerate(names):
        run = out / f"run-{number}"
        measured = processes.run(
            tools.headstart_command(
                setting.headstart, source, run, setting.threads, seed=job.split + 10 * job.pair + number
            ),
            environment=environment_of(setting.threads) | {"HEADSTART_CACHE": str(out / "cache")},
            log=out / f"log-{number}.txt",
            limit_seconds=tools.HEADSTART_LIMIT_SECONDS,
            nice=0 if job.timed else 19,
        )
        part = Job(name, job.set, job.split, job.pair, job.timed)
        records.append(record_of(part, measured, partial(tools.headstart_result, run), out / f"log-{number}.txt"))
        if not records[-1]["ok"]:
            break
    shutil.rmtree(out / "cache", ignore_errors=True)
    return records


def run_import(job: Job, setting: Setting) -> Record:
    """How long it takes to import what every fit imports, in Headstart's own environment."""
    out = job.folder(setting)
    measured = processes.run(
        [setting.headstart.with_name("python"), "-c", IMPORTS],
        environment=environment_of(setting.threads),
        log=out / "log.txt",
        limit_seconds=120,
    )
    return record_of(job, measured, dict, out / "log.txt")


def warm_up(setting: Setting, peers: Iterable[str]) -> None:
    """Read every tool's files once, so that the first one measured does not pay for a cold disk."""
    python = {environments.python_of(setting.envs, tools.PEERS_BY_NAME[name].environment): name for name in peers}
    commands: list[Sequence[str | Path]] = [
        [path, environments.PEERS / tools.PEERS_BY_NAME[name].script, "--help"] for path, name in python.items()
    ]
    scratch = setting.work / "warm-up"
    shutil.rmtree(scratch, ignore_errors=True)
    smallest = splits.split_folder(setting.data, setting.work, "brain_mri_tumor", 0)
    commands.append(tools.headstart_command(setting.headstart, smallest, scratch / "run", setting.threads, seed=0))
    for number, command in enumerate(commands):
        processes.run(
            command,
            environment=environment_of(setting.threads) | {"HEADSTART_CACHE": str(scratch / "cache")},
            log=scratch / f"log-{number}.txt",
            limit_seconds=tools.HEADSTART_LIMIT_SECONDS,
        )


def run(job: Job, setting: Setting) -> list[Record]:
    """The records of one job: one, or two for a second fit."""
    if job.tool == "import":
        return [run_import(job, setting)]
    return run_headstart(job, setting) if job.tool.startswith("headstart") else [run_peer(job, setting)]


def environment_of(threads: int) -> dict[str, str]:
    """The same threads for all, and nobody asks a hub."""
    return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}


def record_of(job: Job, measured: processes.Measured, read: Callable[[], dict[str, Any]], log: Path) -> Record:
    """What a process took and left, or why it failed."""
    result, failure = {}, None
    if measured.timed_out:
        failure = "ran past its limit"
    elif measured.rc != 0:
        failure = f"exit code {measured.rc}: {last_line(log)}"
    else:
        try:
            result = read()
        except (OSError, ValueError, KeyError) as error:
            failure = f"left no readable result ({error!r})"
    ended = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    numbers = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(measured).items()}
    return {"schema": 1, **asdict(job), "ok": failure is None, "failure": failure, **result, **numbers, "ended": ended}


def last_line(log: Path) -> str:
    """Of a log: usually why it failed."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no output"
