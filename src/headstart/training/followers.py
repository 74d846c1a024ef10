"""One fit by several processes, as ``torchrun`` starts them: the first one does all of it, the others help to train.

The others wait until the first one is about to train. Then they are told what was decided, find every activation kept,
and take their part of each batch. They write to a folder of their own that is gone afterwards.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.records import append_record, read_records
from headstart.core.run_folder import RunFolder
from headstart.request.fit_config import FitConfig
from headstart.request.job import Job
from headstart.request.train_request import is_raced, train_request

if TYPE_CHECKING:
    from headstart.engine.training.peers import Peers


class Followed(Exception):
    """A process that only helped to train has done its part."""


def is_follower() -> bool:
    """Whether this process was started beside a first one."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and int(os.environ.get("RANK", "0")) > 0


def _peers() -> Peers:
    from headstart.engine.training.peers import joined_peers

    return joined_peers()


def invite(job: Job) -> Peers:
    """What the first process calls before it trains, and what the others come to on their way there."""
    peers = _peers()
    if peers.size > 1 and peers.rank == 0:
        request = job.request.model_dump(mode="json", by_alias=True)
        decisions = read_records(job.folder.decisions)
        peers.tell({"request": request, "decisions": decisions, "folder": str(job.folder.path.absolute())})
    return peers


def dismiss(job: Job) -> None:
    """What the first process calls when it is done: the others may go."""
    peers = _peers()
    if peers.size == 1:
        return
    if train_request(job.request.method) is None or is_raced(job.request) or job.request.combine:
        peers.tell({"folder": str(job.folder.path.absolute())})  # they were never needed: these train alone
    peers.wait()


def follow(carry_out: Callable[[Job, Path], Any]) -> Path:
    """Help the first process to train; returns its run folder when it is done.

    Args:
        carry_out: Does a job up to the training, given the first process's folder.
    """
    peers = _peers()
    told = peers.tell()
    leader = Path(told["folder"])
    if "request" not in told:
        peers.wait()
        return leader
    with tempfile.TemporaryDirectory(prefix="headstart-") as scratch:
        folder = RunFolder(Path(scratch) / "run")
        folder.path.mkdir()
        for record in told["decisions"]:
            append_record(folder.decisions, record)
        with contextlib.suppress(Followed):
            carry_out(Job(FitConfig.parse(told["request"]), folder), leader)
    peers.wait()
    return leader
