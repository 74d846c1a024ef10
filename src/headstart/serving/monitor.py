"""The monitor of a server: watches the model that answers, and begins anew with every bundle taken into use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from headstart.core.errors import ConfigError
from headstart.monitoring.observer import Observer
from headstart.serving.alarming import Judge, checked_log
from headstart.serving.logs import log
from headstart.serving.metrics import Metrics
from headstart.serving.models import Answered, Model, Ready
from headstart.serving.monitor_settings import MonitorConfig
from headstart.serving.watching import Watch

TICK_SECONDS = 5.0


class Monitor:
    """One process's monitor; everything it is told is ignored where the bundle has nothing to hold it against.

    Args:
        config: Settings.
        metrics: For the gauges.
        model: That answers.

    Raises:
        ConfigError: the log cannot be written.

    Attributes:
        why_not: Why nothing is watched; empty where something is.
    """

    def __init__(self, config: MonitorConfig, metrics: Metrics, model: Model) -> None:
        self._config, self._metrics = config, metrics
        if config.log is not None:
            checked_log(config.log)
        self._watch: Watch | None = None
        self._judge: Judge | None = None
        self.why_not = ""
        self.begin(model)

    def begin(self, model: Model) -> None:
        """Watch another model from now on; what was counted of the former one is completed."""
        self.close()
        try:
            observer = Observer(model.shipped, model.predictor)
        except ConfigError as error:
            self.why_not = str(error)
            log("the model is not monitored", 30, model=model.name, reason=self.why_not)
            return
        self.why_not = ""
        self._judge = judge = Judge(model, observer, self._config, self._metrics)
        self._watch = Watch(model, observer, self._config, judge.take)

    def close(self) -> None:
        """Complete what was begun; waits for the watching thread."""
        watch, judge, self._watch, self._judge = self._watch, self._judge, None, None
        if watch is not None:
            watch.close()
        if judge is not None:
            judge.close()

    def seen(self, model: Model, ready: Sequence[Ready], answered: Answered) -> None:
        """A batch was answered."""
        watch = self._watch
        if watch is not None and watch.model is model:
            watch.seen(ready, answered)
            self._metrics.watching.set(watch.seconds)

    def unusable(self, model: Model, count: int) -> None:
        """Inputs could not be read."""
        watch = self._watch
        if watch is not None and watch.model is model:
            watch.unusable(count)

    def timed(self, seconds: float) -> None:
        """A request for predictions was answered."""
        if self._watch is not None:
            self._watch.timed(seconds)

    def told(self, version: str, prediction: str | None, verdict: str | None, label: str | None) -> None:
        """Feedback on an answer."""
        watch = self._watch
        if watch is not None and watch.model.version == version:
            watch.told(prediction, verdict, label)

    async def tick(self) -> None:
        """Until it is cancelled: stretches end although nobody asks."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._watch is not None:
                self._watch.tick()

    def document(self) -> dict[str, Any] | None:
        """What is known now; None before anything was counted. Takes a tenth of a second."""
        return self._judge.document() if self._judge is not None else None
