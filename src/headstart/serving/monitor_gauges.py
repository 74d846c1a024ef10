"""What the monitor says, as gauges: those of the process that judges, set when a window is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

PREFIX = "headstart_monitor"


class MonitorGauges:
    """Of the latest window; of several processes the value that was set last."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"{PREFIX}_{name}", what, labels, registry=registry, multiprocess_mode="mostrecent")

        self._alarm = gauge("alarm", "1 where a kind of change raises an alarm.", "family")
        self._distance = gauge("distance", "Largest change of a kind, share of the examples.", "family")
        self._p = gauge("p_value", "Smallest p-value of a kind, corrected for all tests.", "family")
        self._examples = gauge("window_examples", "Examples of the window.")
        self._accuracy = gauge("accuracy", "Accuracy of the window, by how it is known.", "by", "bound")
        self._cost = gauge("cost_points", "Points of accuracy that the change costs, estimated.")
        self._windows = Counter(f"{PREFIX}_windows", "Windows that were judged.", ["alarm"], registry=registry)

    def set(self, document: Mapping[str, Any]) -> None:
        """Of a document of ``headstart.monitoring.document``."""
        first: dict[str, Mapping[str, Any]] = {}
        for each in document["findings"]:
            first.setdefault(each["family"], each)
        for family, each in first.items():
            self._alarm.labels(family).set(int(each["alarm"]))
            self._distance.labels(family).set(each["distance"])
            self._p.labels(family).set(each["p_corrected"])
        self._examples.set(document["window"]["examples"])
        self._windows.labels(str(document["alarm"]).lower()).inc()
        self._set_accuracy(document["accuracy"])

    def _set_accuracy(self, accuracy: Mapping[str, Any]) -> None:
        known = {
            **accuracy.get("estimated", {}),
            "measured": accuracy.get("measured"),
            "held_out": accuracy.get("held_out"),
        }
        for by, each in known.items():
            if each is not None:
                for bound in ("value", "low", "high"):
                    self._accuracy.labels(by, bound).set(each[bound])
        if accuracy.get("cost") is not None:
            self._cost.set(accuracy["cost"]["value"])
