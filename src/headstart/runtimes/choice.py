"""Which runtime to use: measured on this machine, with the set-up time weighed against the inputs to come.

The most promising candidate by what is expected is tried first; nothing is tried whose expected gain cannot pay for
its set-up. Measurements are remembered, so the next choice for the same model is arithmetic. A candidate that fails or
deviates from eager float32 on real inputs is dropped with its reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from headstart.core.errors import BackendError, MissingExtraError
from headstart.core.plugins import names
from headstart.runtimes.contract import Array, Compute, Runtime, precisions, runtime
from headstart.runtimes.sample import Sample
from headstart.runtimes.search import REFERENCE, Candidate, Job, Search
from headstart.runtimes.settled import RuntimeChoice, settled

__all__ = ["Chosen", "Job", "RuntimeChoice", "available", "choose", "settled"]

logger = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class Chosen:
    """The outcome of a choice.

    Attributes:
        choice: What to use, with the reason.
        prepare: Gives the function; free where measuring made it already.
        dropped: Reasons by candidate, for example ``{"openvino bfloat16": "..."}``.
        measured: Inputs of the usual length per second by candidate, as far as known.
    """

    choice: RuntimeChoice
    prepare: Callable[[], Compute] = field(repr=False)
    dropped: dict[str, str] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)


def available(device: Device = "auto", modality: str | None = None) -> dict[tuple[str, str], Runtime | str]:
    """Every candidate by (name, precision): the runtime, or the reason why it cannot run here.

    Args:
        device: Restricts the candidates; eager, the reference, is always one.
        modality: Leaves out the runtimes that are not meant for it; None: no matter which.
    """
    found: dict[tuple[str, str], Runtime | str] = {}
    for name in names("runtimes"):
        for precision in precisions(name):
            candidate = runtime(name, precision)
            if device != "auto" and candidate.device != device and name != "eager":
                continue
            if modality is not None and modality not in candidate.modalities:
                continue
            try:
                candidate.version()
                found[name, precision] = candidate
            except (BackendError, MissingExtraError) as error:
                found[name, precision] = str(error)
    return found


def choose(
    job: Job,
    sample: Sequence[Array],
    count: int,
    *,
    missing: Callable[[RuntimeChoice], int] | None = None,
    accept: Callable[[RuntimeChoice, Compute], str | None] | None = None,
    device: Device = "auto",
    export_seconds: float = 0.0,
    only: Iterable[tuple[str, str]] | None = None,
) -> Chosen:
    """Choose the runtime that finishes ``count`` inputs first.

    Args:
        job: The slice and where to run it.
        sample: A few real inputs of the slice, prepared, possibly of different shapes; some of them are used (see
            :class:`headstart.runtimes.sample.Sample`), and only when something is measured.
        count: Inputs to come.
        missing: How many of them a choice would have to compute; what is kept under its address costs nothing.
            Default: all of them.
        accept: Asked about the winner unless it is the reference; a returned reason drops it. For the check that a
            model on its features is as good, which depends on the data and is therefore not remembered.
        device: Restricts the candidates; eager, the reference, is always one.
        export_seconds: What the ONNX graph costs extra; 0 where it is needed anyway.
        only: (name, precision) pairs to consider instead of all.

    Raises:
        ShapeError: the sample is empty.
        Exception: whatever the reference raises: without it nothing can be compared.
    """
    search = Search(job, Sample(sample), export_seconds)
    allowed = None if only is None else {*only, ("eager", "float32")}
    for (name, precision), found in available(device, job.backbone.modality).items():
        if allowed is None or (name, precision) in allowed:
            search.add(name, precision, found, count, missing)
    while True:
        winner = search.best()
        refusal = accept and winner.label != REFERENCE and accept(winner.choice, search.prepared(winner))
        if not refusal:
            return _chosen(search, winner)
        search.drop(winner, refusal)


def _chosen(search: Search, winner: Candidate) -> Chosen:
    speeds = {c.label: c.measured.inputs_per_second for c in search.candidates if c.measured}
    if winner.missing == 0:
        reason = "everything is kept under its address"
    else:
        known = ", ".join(f"{label} {speed:.0f}/s" for label, speed in sorted(speeds.items(), key=lambda s: -s[1]))
        reason = f"finishes {winner.missing} inputs first, set-up counted ({known})"
    choice = winner.choice.model_copy(update={"reason": reason})
    logger.info("runtime %s: %s", winner.label, reason)
    return Chosen(choice, partial(search.prepared, winner), search.dropped, speeds)
