"""Which runtime to use: measured on this machine, with the set-up time weighed against the inputs to come.

The most promising candidate by what is expected is tried first; nothing is tried whose expected gain cannot pay for
its set-up. Measurements are remembered, so the next choice for the same model is arithmetic. A candidate that fails or
deviates from eager float32 on real inputs is dropped with its reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import BackendError, MissingExtraError, ShapeError
from headstart.core.plugins import names
from headstart.runtimes.contract import (
    DEFAULT_BATCH_SIZE,
    Array,
    Compute,
    Precision,
    Prior,
    Runtime,
    precisions,
    runtime,
)
from headstart.runtimes.machine import cpu_model
from headstart.runtimes.measurements import Measured, Measurements
from headstart.runtimes.parity import require_parity

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

logger = logging.getLogger(__name__)

SAMPLE_ROWS = 8  # of the reference: enough to see a deviation, 0.1 s in eager float32
TIMED_SECONDS = 0.05  # a measurement repeats whole batches until it has lasted this long


class RuntimeChoice(Config):
    """A runtime, settled: replayed without measuring, and part of the address of what it computes."""

    name: str = Field(description="The runtime's name.")
    precision: Precision = Field(description="Precision of the arithmetic.")
    batch_size: int = Field(DEFAULT_BATCH_SIZE, gt=0, description="Rows computed at a time; the last batch is filled.")
    threads: int = Field(gt=0, description="Threads that compute.")
    version: str = Field(description="Versions of the packages that compute.")
    machine: str = Field(description="The processor; another one may give other bits.")
    reason: str = Field("", description="Why this one.")

    def address(self) -> dict[str, Any]:
        """The part of it that decides bits: everything but the reason."""
        return self.model_dump(mode="json", exclude={"reason"})

    def prepare(self, backbone: Backbone, start: int, stop: int, cache_folder: Path) -> Compute:
        """Make ``stages[start:stop]`` runnable as chosen; warns when versions or machine are others by now."""
        found = settled(self.name, self.precision, self.threads, self.batch_size)
        if found.address() != self.address():
            logger.warning(
                "%s was chosen with %s on %s; this is %s on %s: results may differ in the last bits",
                *(self.name, self.version, self.machine, found.version, found.machine),
            )
        chosen = runtime(self.name, self.precision)
        return chosen.prepare(backbone, start, stop, self.batch_size, self.threads, cache_folder)


def settled(
    name: str, precision: str, threads: int, batch_size: int = DEFAULT_BATCH_SIZE, reason: str = ""
) -> RuntimeChoice:
    """A choice made by name, without measuring; raises what :meth:`Runtime.version` raises."""
    version = runtime(name, precision).version()
    values = {"name": name, "precision": precision, "batch_size": batch_size, "threads": threads}
    return RuntimeChoice.parse({**values, "version": version, "machine": cpu_model(), "reason": reason}, "runtime")


@dataclass(frozen=True)
class Chosen:
    """The outcome of a choice.

    Attributes:
        choice: What to use, with the reason.
        prepare: Gives the function; free where measuring made it already.
        dropped: Reasons by candidate, for example ``{"openvino bfloat16": "..."}``.
        measured: Images per second by candidate, as far as known.
    """

    choice: RuntimeChoice
    prepare: Callable[[], Compute] = field(repr=False)
    dropped: dict[str, str] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)


@dataclass
class _Candidate:
    choice: RuntimeChoice
    prior: Prior
    missing: int
    measured: Measured | None
    compute: Compute | None = None

    @property
    def label(self) -> str:
        return f"{self.choice.name} {self.choice.precision}"

    def seconds(self, eager_speed: float, export_seconds: float) -> float:
        """Expected for the inputs that are missing, set-up included unless it is done."""
        if self.missing == 0:
            return 0.0
        if self.measured:
            setup = 0.0 if self.compute else self.measured.setup_seconds
            return setup + self.missing / self.measured.images_per_second
        setup = self.prior.setup_seconds + (export_seconds if self.prior.needs_graph else 0.0)
        return setup + self.missing / (self.prior.speed * eager_speed)


@dataclass(frozen=True)
class Job:
    """What is to be computed, and with what.

    Attributes:
        start, stop: The slice of stages.
        threads: For the computation.
        cache_folder: Where graphs and measurements are kept.
        batch_size: Rows at a time.
    """

    backbone: Backbone
    start: int
    stop: int
    threads: int
    cache_folder: Path
    batch_size: int = DEFAULT_BATCH_SIZE

    def prepare(self, choice: RuntimeChoice) -> Compute:
        """The slice as a function."""
        return choice.prepare(self.backbone, self.start, self.stop, self.cache_folder)


def available(device: Literal["auto", "cpu", "cuda"] = "auto") -> dict[tuple[str, str], Runtime | str]:
    """Every candidate by (name, precision): the runtime, or the reason why it cannot run here."""
    found: dict[tuple[str, str], Runtime | str] = {}
    for name in names("runtimes"):
        for precision in precisions(name):
            candidate = runtime(name, precision)
            if device != "auto" and candidate.device != device and name != "eager":
                continue
            try:
                candidate.version()
                found[name, precision] = candidate
            except (BackendError, MissingExtraError) as error:
                found[name, precision] = str(error)
    return found


def choose(
    job: Job,
    sample: Array,
    count: int,
    *,
    missing: Callable[[RuntimeChoice], int] | None = None,
    accept: Callable[[RuntimeChoice, Compute], str | None] | None = None,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    export_seconds: float = 0.0,
    only: Iterable[tuple[str, str]] | None = None,
) -> Chosen:
    """Choose the runtime that finishes ``count`` inputs first.

    Args:
        job: The slice and where to run it.
        sample: A few real inputs of the slice, ``(P, H, W, 3)`` uint8 at ``start == 0``; the first SAMPLE_ROWS are
            used. Read only when something is measured.
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
    if len(sample) == 0:
        raise ShapeError("the sample must hold at least one input; it is empty.")
    search = _Search(job, sample[:SAMPLE_ROWS], export_seconds)
    allowed = None if only is None else {*only, ("eager", "float32")}
    for (name, precision), found in available(device).items():
        if allowed is None or (name, precision) in allowed:
            search.add(name, precision, found, count, missing)
    while True:
        winner = search.best()
        refusal = accept and winner.label != REFERENCE and accept(winner.choice, search.prepared(winner))
        if not refusal:
            return search.result(winner)
        search.drop(winner, refusal)


REFERENCE = "eager float32"


class _Search:
    """The candidates that are left, what is known of them, and what was dropped."""

    def __init__(self, job: Job, sample: Array, export_seconds: float) -> None:
        self.job = job
        self.sample = sample
        self.export_seconds = export_seconds
        self.candidates: list[_Candidate] = []
        self.dropped: dict[str, str] = {}
        self.memory = Measurements(job.cache_folder, self._memory_key())
        self._reference: Array | None = None

    def _memory_key(self) -> dict[str, Any]:
        backbone, stop = self.job.backbone, self.job.stop
        slice_ = {"weights": backbone.weights_digest(stop), "start": self.job.start, "stop": stop}
        size = list(backbone.preprocessing.image_size)
        return {**slice_, "image_size": size, "threads": self.job.threads, "machine": cpu_model()}

    def add(
        self,
        name: str,
        precision: str,
        found: Runtime | str,
        count: int,
        missing: Callable[[RuntimeChoice], int] | None,
    ) -> None:
        """Consider a candidate, unless it cannot run here or deviated before."""
        label = f"{name} {precision}"
        if isinstance(found, str):
            self.dropped[label] = found
            logger.debug("%s is not a candidate: %s", label, found)
            return
        choice = settled(name, precision, self.job.threads, self.job.batch_size)
        known = self.memory.get(choice.address())
        if known and known.failure:
            self.dropped[label] = known.failure
            return
        left = missing(choice) if missing else count
        self.candidates.append(_Candidate(choice, found.prior, left, known))

    def best(self) -> _Candidate:
        """The candidate that finishes first; whoever may still win is tried before it is believed."""
        while True:
            eager_speed = self._eager_speed() if self._needs_scale() else 1.0
            first = min(self.candidates, key=lambda c: (c.seconds(eager_speed, self.export_seconds), -_speed(c)))
            if first.measured or first.missing == 0:
                return first
            self._try(first)

    def prepared(self, candidate: _Candidate) -> Compute:
        """The candidate's function, made once."""
        if candidate.compute is None:
            candidate.compute = self.job.prepare(candidate.choice)
        return candidate.compute

    def drop(self, candidate: _Candidate, reason: str) -> None:
        """Leave a candidate out, and say why."""
        logger.warning("the runtime %s is not used: %s", candidate.label, reason)
        self.dropped[candidate.label] = reason
        self.candidates.remove(candidate)

    def result(self, winner: _Candidate) -> Chosen:
        """The winner with its reason."""
        speeds = {c.label: c.measured.images_per_second for c in self.candidates if c.measured}
        if winner.missing == 0:
            reason = "everything is kept under its address"
        else:
            known = ", ".join(f"{label} {speed:.0f}/s" for label, speed in sorted(speeds.items(), key=lambda s: -s[1]))
            reason = f"finishes {winner.missing} inputs first, set-up counted ({known})"
        choice = winner.choice.model_copy(update={"reason": reason})
        logger.info("runtime %s: %s", winner.label, reason)
        return Chosen(choice, partial(self.prepared, winner), self.dropped, speeds)

    def _needs_scale(self) -> bool:
        """Whether any candidate's time is an expectation: those are relative to eager's speed."""
        return all(c.missing > 0 for c in self.candidates) and any(c.measured is None for c in self.candidates)

    def _eager(self) -> _Candidate:
        return next(c for c in self.candidates if c.label == REFERENCE)

    def _eager_speed(self) -> float:
        eager = self._eager()
        if eager.measured is None:
            self._reference_features()
        return eager.measured.images_per_second if eager.measured else 1.0

    def _reference_features(self) -> Array:
        """Eager features of the sample, and eager's speed from the same run: at its batch size it would be slow."""
        if self._reference is None:
            eager = self._eager()
            small = self.job.prepare(eager.choice.model_copy(update={"batch_size": len(self.sample)}))
            began = time.perf_counter()
            self._reference = small(self.sample)
            first = time.perf_counter() - began
            began = time.perf_counter()
            small(self.sample)
            seconds = time.perf_counter() - began
            speed = len(self.sample) / seconds
            if eager.measured is None:
                self._remember(eager, Measured(images_per_second=speed, setup_seconds=max(0.0, first - seconds)))
        return self._reference

    def _try(self, candidate: _Candidate) -> None:
        try:
            began = time.perf_counter()
            compute = self.job.prepare(candidate.choice)
            repeats = -(-self.job.batch_size // len(self.sample))
            batch = np.concatenate([self.sample] * repeats)[: self.job.batch_size]
            outputs = compute(batch)  # warms up, too
            setup = time.perf_counter() - began
            n = min(len(self.sample), len(batch))
            parity = require_parity(self._reference_features()[:n], outputs[:n], candidate.choice.precision)
            speed = _images_per_second(compute, batch)
        except (BackendError, MissingExtraError) as error:
            self._fail(candidate, str(error))
        except Exception as error:  # a backend may raise anything; that costs its candidacy, not the run
            logger.debug("the runtime %s failed", candidate.label, exc_info=True)
            self._fail(candidate, f"it failed with {type(error).__name__}: {error}")
        else:
            candidate.compute = compute
            setup = max(0.0, setup - len(batch) / speed)
            cosine = parity.smallest_cosine
            self._remember(candidate, Measured(images_per_second=speed, setup_seconds=setup, cosine=cosine))

    def _fail(self, candidate: _Candidate, reason: str) -> None:
        self.memory.put(candidate.choice.address(), Measured(failure=reason))
        self.drop(candidate, reason)

    def _remember(self, candidate: _Candidate, measured: Measured) -> None:
        candidate.measured = measured
        self.memory.put(candidate.choice.address(), measured)


def _speed(candidate: _Candidate) -> float:
    return candidate.measured.images_per_second if candidate.measured else candidate.prior.speed


def _images_per_second(compute: Compute, batch: Array) -> float:
    rows = 0
    began = time.perf_counter()
    while (seconds := time.perf_counter() - began) < TIMED_SECONDS:
        compute(batch)
        rows += len(batch)
    return rows / seconds
