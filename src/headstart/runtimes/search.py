"""The search for the runtime that finishes first: what is expected, what was measured, what was dropped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.errors import BackendError, MissingExtraError
from headstart.runtimes.contract import DEFAULT_BATCH_SIZE, Array, Compute, Prior, Runtime
from headstart.runtimes.machine import cpu_model
from headstart.runtimes.measurements import Measured, Measurements
from headstart.runtimes.parity import require_parity
from headstart.runtimes.sample import Sample
from headstart.runtimes.settled import RuntimeChoice, settled

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

logger = logging.getLogger(__name__)

REFERENCE = "eager float32"
TIMED_SECONDS = 0.05  # a measurement repeats whole batches until it has lasted this long


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


@dataclass
class Candidate:
    """A runtime that may be chosen.

    Attributes:
        missing: Inputs that it would have to compute.
        speed: Expected, relative to eager float32.
        measured: None as long as nothing was.
        compute: Once it was prepared.
    """

    choice: RuntimeChoice
    prior: Prior
    speed: float
    missing: int
    measured: Measured | None
    compute: Compute | None = None

    @property
    def label(self) -> str:
        """For example "openvino bfloat16"."""
        return f"{self.choice.name} {self.choice.precision}"

    def seconds(self, eager_speed: float, export_seconds: float) -> float:
        """Expected for the inputs that are missing, set-up included unless it is done."""
        if self.missing == 0:
            return 0.0
        if self.measured:
            setup = 0.0 if self.compute else self.measured.setup_seconds
            return setup + self.missing / self.measured.inputs_per_second
        setup = self.prior.setup_seconds + (export_seconds if self.prior.needs_graph else 0.0)
        return setup + self.missing / (self.speed * eager_speed)

    @property
    def rank(self) -> float:
        """Speed, for ties."""
        return self.measured.inputs_per_second if self.measured else self.speed


class Search:
    """The candidates that are left, what is known of them, and what was dropped."""

    def __init__(self, job: Job, sample: Sample, export_seconds: float) -> None:
        self.job = job
        self.sample = sample
        self.export_seconds = export_seconds
        self.candidates: list[Candidate] = []
        self.dropped: dict[str, str] = {}
        self.memory = Measurements(job.cache_folder, self._memory_key())
        self._reference: Array | None = None

    def _memory_key(self) -> dict[str, Any]:
        backbone, stop = self.job.backbone, self.job.stop
        slice_ = {"weights": backbone.weights_digest(stop), "start": self.job.start, "stop": stop}
        shape = list(self.sample.usual.shape)
        if (axis := backbone.variable_axis) is not None:
            shape[axis - 1] = 1 << (shape[axis - 1] - 1).bit_length()  # similar lengths share what was measured
        return {**slice_, "input": shape, "threads": self.job.threads, "machine": cpu_model()}

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
        speed = found.prior.speed_of(self.job.backbone.modality)
        self.candidates.append(Candidate(choice, found.prior, speed, left, known))

    def best(self) -> Candidate:
        """The candidate that finishes first; whoever may still win is tried before it is believed."""
        while True:
            eager_speed = self._eager_speed() if self._needs_scale() else 1.0
            first = min(self.candidates, key=lambda c: (c.seconds(eager_speed, self.export_seconds), -c.rank))
            if first.measured or first.missing == 0:
                return first
            self._try(first)

    def prepared(self, candidate: Candidate) -> Compute:
        """The candidate's function, made once."""
        if candidate.compute is None:
            candidate.compute = self.job.prepare(candidate.choice)
        return candidate.compute

    def drop(self, candidate: Candidate, reason: str) -> None:
        """Leave a candidate out, and say why."""
        logger.warning("the runtime %s is not used: %s", candidate.label, reason)
        self.dropped[candidate.label] = reason
        self.candidates.remove(candidate)

    def _needs_scale(self) -> bool:
        """Whether any candidate's time is an expectation: those are relative to eager's speed."""
        return all(c.missing > 0 for c in self.candidates) and any(c.measured is None for c in self.candidates)

    def _eager(self) -> Candidate:
        return next(c for c in self.candidates if c.label == REFERENCE)

    def _eager_speed(self) -> float:
        eager = self._eager()
        if eager.measured is None:
            self._reference_features()
        return eager.measured.inputs_per_second if eager.measured else 1.0

    def _reference_features(self) -> Array:
        """Eager features of the sample, and eager's speed on as few rows: at its batch size it would be slow."""
        if self._reference is None:
            eager, rows = self._eager(), len(self.sample)
            small = self.job.prepare(eager.choice.model_copy(update={"batch_size": rows}))
            began = time.perf_counter()
            self._reference = self._through(small)
            first = time.perf_counter() - began
            batch = self.sample.batch(rows)
            began = time.perf_counter()
            small(batch)
            seconds = time.perf_counter() - began
            if eager.measured is None:
                setup = max(0.0, first - len(self.sample.shapes) * seconds)
                self._remember(eager, Measured(inputs_per_second=rows / seconds, setup_seconds=setup))
        return self._reference

    def _through(self, compute: Compute) -> Array:
        backbone = self.job.backbone
        return self.sample.through(compute, backbone.variable_axis is None or self.job.stop == len(backbone.stages))

    def _try(self, candidate: Candidate) -> None:
        try:
            began = time.perf_counter()
            compute = self.job.prepare(candidate.choice)
            outputs = self._through(compute)  # warms up, too
            setup = time.perf_counter() - began
            parity = require_parity(self._reference_features(), outputs, candidate.choice.precision)
            speed = _inputs_per_second(compute, self.sample.batch(self.job.batch_size))
        except (BackendError, MissingExtraError) as error:
            self._fail(candidate, str(error))
        except Exception as error:  # a backend may raise anything; that costs its candidacy, not the run
            logger.debug("the runtime %s failed", candidate.label, exc_info=True)
            self._fail(candidate, f"it failed with {type(error).__name__}: {error}")
        else:
            candidate.compute = compute
            setup = max(0.0, setup - len(self.sample.shapes) * self.job.batch_size / speed)
            cosine = parity.smallest_cosine
            self._remember(candidate, Measured(inputs_per_second=speed, setup_seconds=setup, cosine=cosine))

    def _fail(self, candidate: Candidate, reason: str) -> None:
        self.memory.put(candidate.choice.address(), Measured(failure=reason))
        self.drop(candidate, reason)

    def _remember(self, candidate: Candidate, measured: Measured) -> None:
        candidate.measured = measured
        self.memory.put(candidate.choice.address(), measured)


def _inputs_per_second(compute: Compute, batch: Array) -> float:
    rows = 0
    began = time.perf_counter()
    while (seconds := time.perf_counter() - began) < TIMED_SECONDS:
        compute(batch)
        rows += len(batch)
    return rows / seconds
