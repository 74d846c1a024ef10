"""What is asked and answered, counted beside the answers: bounded in memory and in time, without inputs.

Batches are handed over by the computing thread and read by another one, as long as that takes no more than its share of
the time; what comes beyond it is dropped whole, so that what is counted is a fair part of what came.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np

from headstart.core.table import joined
from headstart.monitoring.named import Named
from headstart.monitoring.observer import Observer
from headstart.monitoring.truth import rightness
from headstart.monitoring.window import LATENCIES, Window
from headstart.serving.logs import log
from headstart.serving.models import Answered, Model, Ready
from headstart.serving.monitor_settings import MonitorConfig

DIGEST = 32  # examples that are read together: one by one takes five times as long
MOST_HELD, MOST_BYTES = 128, 32 << 20  # examples that wait to be read, and their bytes; beyond it they are dropped
STRETCH, SHORTEST_SECONDS, LONGEST_SECONDS = 100, 10.0, 60.0  # examples and seconds of a stretch
MOST_NAMED = 10  # ids of each kind in a stretch
HEAD_START_SECONDS = 0.1  # that may be spent before the share of the time counts: the first examples are looked at

SMALL, ONE_IN = 16 << 10, 4  # bytes; of larger examples one in four is kept for its facts: pictures that are kept
# cannot be overwritten by the next ones, which costs more than looking at them

Batch = tuple[Sequence[str], Sequence[Ready | None], Answered]  # ids, and examples whose facts may be looked at


class Watch:
    """Counts for one model; a new one begins where another bundle is taken into use.

    Args:
        model: That is watched.
        observer: Of its bundle.
        config: Settings.
        done: Told of every stretch that is complete, in the watching thread.
    """

    def __init__(self, model: Model, observer: Observer, config: MonitorConfig, done: Callable[[Window], None]) -> None:
        self.model, self._observer, self._config, self._done = model, observer, config, done
        self._lock = Lock()
        self._batches: list[Batch] = []
        self._held = self._bytes = self._came = 0
        self._thread = ThreadPoolExecutor(1, "watch")
        self._began, self.seconds = time.process_time(), 0.0  # of the processor, and of it spent on watching
        self._window = self._empty()

    def seen(self, ready: Sequence[Ready], answered: Answered) -> None:
        """One batch, from the computing thread; returns at once."""
        with self._lock:
            kept = [self._kept(each) for each in ready]
            size = sum(_bytes(each) for each in kept if each is not None)
            is_full = self._held >= MOST_HELD or self._bytes + size > MOST_BYTES
            if is_full or self.seconds > HEAD_START_SECONDS + self._allowed():
                return
            self._batches.append(([each.name for each in ready], kept, answered))
            self._held, self._bytes = self._held + len(ready), self._bytes + size
            if self._held < DIGEST:
                return
        self._submit(self._digest)

    def _kept(self, ready: Ready) -> Ready | None:
        self._came += 1
        return ready if self._came % ONE_IN == 0 or _bytes(ready) <= SMALL else None

    def unusable(self, count: int) -> None:
        """Inputs that could not be read."""
        with self._lock:
            self._window.unusable += count

    def timed(self, seconds: float) -> None:
        """A request was answered."""
        limit = self._config.latency_ms
        with self._lock:
            self._window.seconds[bisect_left(LATENCIES, seconds)] += 1
            if limit is not None:
                self._window.late += (int(seconds * 1000 > limit), 1)

    def told(self, prediction: str | None, verdict: str | None, label: str | None) -> None:
        """Feedback on an answer of this model."""
        found = rightness(self._observer.task, prediction, verdict, label)
        if found is not None and len(self._window.right):
            with self._lock:
                self._window.told([found[0]], [found[1]])

    def tick(self) -> None:
        """Complete a stretch that lasted long enough; called every few seconds."""
        self._submit(self._complete_if_due)

    def close(self) -> None:
        """Complete what was begun, and end."""
        self._submit(self._finish)
        self._thread.shutdown()

    def _submit(self, work: Callable[[], None]) -> None:
        try:
            self._thread.submit(self._safely, work)
        except RuntimeError:  # the server stops
            return

    def _safely(self, work: Callable[[], None]) -> None:
        """Watching must never be why an answer is not given."""
        began = time.thread_time()
        try:
            work()
        except Exception as error:
            log("watching failed", 40, kind=type(error).__name__)
        with self._lock:
            self.seconds += time.thread_time() - began

    def _allowed(self) -> float:
        return self._config.share_of_time * (time.process_time() - self._began)

    def _digest(self) -> None:
        with self._lock:
            batches, self._batches, self._held, self._bytes = self._batches, [], 0, 0
        if not batches:
            return
        counted = self._counted(batches)
        with self._lock:
            if not _counts(self._window):
                self._window.begin = counted.begin
            self._window += counted
        self._complete_if_due()

    def _counted(self, batches: Sequence[Batch]) -> Window:
        names = [name for some, _, _ in batches for name in some]
        ready = [each for _, some, _ in batches for each in some]
        outputs = np.concatenate([answered.outputs for *_, answered in batches])
        features = _stacked([answered.features for *_, answered in batches])
        strange = _joined([answered.strange for *_, answered in batches])
        found = self._empty()
        table = joined([answered.table for *_, answered in batches])
        seen = self._observer.readings(outputs, features, strange, self._facts(ready), table)
        found.add(self._observer.reference, seen, len(ready))
        found.named = Named.of(names, seen.sure, strange).least(MOST_NAMED)
        return found

    def _facts(self, ready: Sequence[Ready | None]) -> dict[str, Any]:
        """Of examples that were kept, as many as the time allows; NaN for the others."""
        places = [place for place, each in enumerate(ready) if each is not None]
        if not self.model.shipped.schema.parts or not places:
            return {}
        spare = HEAD_START_SECONDS + self._allowed() - self.seconds
        looked: dict[int, dict[str, Any]] = {}
        began = time.thread_time()
        for place in places:
            each = ready[place]
            if each is None or (looked and time.thread_time() - began > spare / 2):
                break
            contents = [[content] for content in each.example.contents]
            looked[place] = self._observer.facts(contents, [[array] for array in each.prepared])
        found = {name: np.full(len(ready), np.nan) for name in looked[places[0]]}
        for place, facts in looked.items():
            for name, values in facts.items():
                found[name][place] = values[0]
        return found

    def _complete_if_due(self) -> None:
        with self._lock:
            window, lasted = self._window, time.time() - self._window.begin
            is_full = window.examples >= STRETCH and lasted >= SHORTEST_SECONDS
            due = is_full or (lasted >= LONGEST_SECONDS and _counts(window))
        if due:
            self._complete()

    def _finish(self) -> None:
        self._digest()
        if _counts(self._window):
            self._complete()

    def _complete(self) -> None:
        with self._lock:
            window, self._window = self._window, self._empty()
        window.end = time.time()
        window.named = window.named.least(MOST_NAMED)
        self._done(window)

    def _empty(self) -> Window:
        return Window.empty(self._observer.reference, self.model.version, time.time())


def _counts(window: Window) -> bool:
    """Whether anything was counted."""
    return bool(window.examples or window.unusable or window.right.any())


def _joined(each: Sequence[Any]) -> Any:
    """Of one model all are arrays or none is."""
    return None if each[0] is None else np.concatenate(each)


def _bytes(ready: Ready) -> int:
    """That an example takes in memory."""
    return sum(map(len, ready.example.contents)) + sum(array.nbytes for array in ready.prepared)


def _stacked(features: Sequence[Any]) -> Any:
    from scipy.sparse import issparse

    return None if issparse(features[0]) else np.concatenate(features)
