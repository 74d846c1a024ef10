"""From stretches to what is said of them: judged by one process of all, as gauges, as a document, to a webhook."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from pathlib import Path
from threading import Lock
from typing import Any

from headstart.core.errors import BusyError, ConfigError
from headstart.core.lock import lock
from headstart.monitoring.document import Monitored, document_of
from headstart.monitoring.log import Tail, append, rotate
from headstart.monitoring.observer import Observer
from headstart.monitoring.window import Window
from headstart.serving.logs import log
from headstart.serving.metrics import Metrics
from headstart.serving.models import Model
from headstart.serving.monitor_settings import MonitorConfig
from headstart.serving.webhook import Webhook

MOST_KEPT = 200  # stretches in memory
JUDGE_SECONDS = 30.0  # between two judgements: one takes some hundredths of a second, more where there is an alarm


class Judge:
    """Of one model. With a log, every process appends to it and reads what the others appended; one of them judges.

    Args:
        model: That is watched.
        observer: Of its bundle.
        config: Settings.
        metrics: For the gauges.
    """

    def __init__(self, model: Model, observer: Observer, config: MonitorConfig, metrics: Metrics) -> None:
        self._observer, self._config, self._metrics = observer, config, metrics
        shipped = model.shipped
        self._model = Monitored(model.name, model.version, shipped.task().kind, tuple(shipped.class_names))
        self._stretches: deque[Window] = deque(maxlen=MOST_KEPT)
        self._tail = Tail(config.log, observer.reference, model.version) if config.log else None
        self._held = contextlib.ExitStack()
        self._is_judge = config.log is None
        self._waiting, self._judged_at = 0, 0.0
        self._kept = self._known = 0  # stretches that came, and that the document knows
        self._document: dict[str, Any] | None = None
        self._alarmed: frozenset[str] = frozenset()
        self._webhook = Webhook(config.webhook) if config.webhook else None
        self._lock = Lock()

    def take(self, window: Window) -> None:
        """A stretch of this process is complete; called in the watching thread."""
        with self._lock:
            if self._config.log is None:
                self._keep(window)
            else:
                rotate(self._config.log)
                append(self._config.log, window)
                self._read()
        self._judge_if_due()

    def document(self) -> dict[str, Any] | None:
        """What is known now, of all processes; None before anything was counted."""
        with self._lock:
            self._read()
            if self._stretches and self._kept != self._known:
                self._document, self._known = self._judged(latest=False), self._kept
            return self._document

    def close(self) -> None:
        """Let another process judge."""
        self._held.close()

    def _read(self) -> None:
        if self._tail is not None:
            for window in self._tail.read():
                self._keep(window)

    def _judged(self, *, latest: bool) -> dict[str, Any]:
        reference, stretches = self._observer.reference, list(self._stretches)
        return document_of(self._model, reference, stretches, self._config.window, "log", [], latest=latest)

    def _keep(self, window: Window) -> None:
        self._stretches.append(window)
        self._kept += 1
        self._waiting += window.examples + window.unusable

    def _judge_if_due(self) -> None:
        if self._waiting < self._config.window or time.monotonic() - self._judged_at < JUDGE_SECONDS:
            return
        self._waiting, self._judged_at = 0, time.monotonic()
        if not self._is_judge and not self._become_judge():
            return
        with self._lock:
            document = self._judged(latest=True)
        self._metrics.monitored(document)
        alarmed = frozenset(each["family"] for each in document["findings"] if each["alarm"])
        if alarmed != self._alarmed:
            log("an alarm of the monitor" if alarmed else "no alarm of the monitor any more", 30 if alarmed else 20,
                model=self._model.name, families=sorted(alarmed))  # fmt: skip
            if self._webhook:
                self._webhook.send(document)
        self._alarmed = alarmed

    def _become_judge(self) -> bool:
        """Whether no other process judges; the system lets go of the lock when its holder dies."""
        place = self._config.log
        assert place is not None  # noqa: S101 - without a log there is one process
        try:
            self._held.enter_context(lock(place.with_name(place.name + ".lock"), "the monitor's log"))
        except BusyError:
            return False
        self._is_judge = True
        return True


def checked_log(place: Path) -> None:
    """Raise ConfigError where a log cannot be appended to."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab"):
            pass
    except OSError as error:
        raise ConfigError(f"--monitor-log must be a file that can be written; {place} is not ({error}).") from error
