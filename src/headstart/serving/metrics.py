"""What is counted, for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from headstart.serving.models import Row
from headstart.serving.monitor_gauges import MonitorGauges
from headstart.serving.settings import SHARED

PREFIX = "headstart"
LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64)
MOST_CLASSES = 1000  # a counter each; the others are counted together
OTHER = "(other)"


class Metrics:
    """Counters of one process; those of all workers together where the folder of :data:`SHARED` is set."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._registry = registry = CollectorRegistry()
        self._named = frozenset(classes[:MOST_CLASSES])

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"{PREFIX}_{name}", what, labels, registry=registry)

        def histogram(name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(f"{PREFIX}_{name}", what, labels, buckets=buckets, registry=registry)

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"{PREFIX}_{name}", what, labels, registry=registry, multiprocess_mode="livesum")

        self.requests = counter("requests", "Requests.", "route", "status")
        self.latency = histogram("request_seconds", "From the first byte to the answer.", LATENCIES, "route")
        self.batches = histogram("batch_examples", "Examples computed together.", SIZES)
        self.compute = histogram("batch_seconds", "Seconds of computing a batch.", LATENCIES)
        self.held = gauge("held_examples", "Examples that were let in and are not answered.")
        self.predictions = counter("predictions", "Answers.", "model", "prediction")
        self.bad = counter("bad_inputs", "Examples that could not be used.", "model")
        self.flagged = counter("flagged", "Answers marked so.", "model", "flag")
        self.reloads = counter("reloads", "Bundles that were taken into use, or refused.", "outcome")
        self.model = gauge("model_info", "1 for the bundle in use.", "model", "version")
        self.watching = gauge("monitor_seconds", "Processor seconds of the monitor.")
        self._monitor = MonitorGauges(registry)
        self.pairs = counter("pairs", "Examples that both bundles answered.", "same")

    def answered(self, model: str, rows: Sequence[Row]) -> None:
        """Count what was said."""
        for row in rows:
            said = row.get("prediction")
            if isinstance(said, str):
                self.predictions.labels(model, said if said in self._named else OTHER).inc()
            for flag in ("abstain", "out_of_domain"):
                if row.get(flag):
                    self.flagged.labels(model, flag).inc()

    def monitored(self, document: Mapping[str, Any]) -> None:
        """What the monitor says of the latest window."""
        self._monitor.set(document)

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
