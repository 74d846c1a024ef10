"""A network trained for another domain without the data it learned from: source-free methods alone."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.adaptation.train_adapter import DomainRows, TrainerRequest
    from headstart.api.adaptation_measured import Measured
    from headstart.api.network_of_run import RunNetwork
    from headstart.api.new_features import InNewFeatures
    from headstart.api.two_domains import Given
    from headstart.core.learning import Fitted
    from headstart.core.progress import Progress
    from headstart.engine.activations.store import Store
    from headstart.engine.training.job import TrainingListener

SEED = 0
WATCHED = 1000  # target examples whose answers are compared with the run's own after every epoch


def trained_alone(
    given: Given,
    run: RunNetwork,
    asked: TrainerRequest,
    measured: Measured | None,
    store: Store,
    progress: Progress,
    listener: TrainingListener,
) -> InNewFeatures:
    """Train on the target, and see it again.

    Where held-out examples of the run would say whether a training diverges, some of the target stand with the answers
    of the run's own model: a training that leaves most of them is stepped back. The temperature that they would give
    the head is taken away again, since a model is never sure enough of its own answers.

    Raises:
        DataError: the head is no matrix that the training could begin with, or the training diverged.
    """
    from headstart.adaptation.train_adapter import train_adapter
    from headstart.api.new_features import InNewFeatures
    from headstart.methods.threads import torch_threads

    rows = _rows(given, run, asked.config().augmentation, store)
    progress.step("train", 0)
    began = time.perf_counter()
    with torch_threads(run.threads):
        found, setup = train_adapter(asked, rows, listener)
    seconds = time.perf_counter() - began
    labelled = [] if measured is None else [measured.dataset]
    theirs, *others = run.features(found.backbone, [given.aim.dataset, *labelled], store, progress)
    report = {**found.report, "settings": setup.settings, "predicted": setup.predicted, "seconds": round(seconds, 3)}
    report.pop("timings")
    fitted = _as_trained(found.fitted, float(report["temperature"]))
    return InNewFeatures(
        found.backbone, fitted, report, None, None, others[0] if others else None, seconds, alone=theirs
    )


def _rows(given: Given, run: RunNetwork, augmentation: str, store: Store) -> DomainRows:
    from headstart.adaptation.train_adapter import DomainRows
    from headstart.core.learning import Targets
    from headstart.core.seeding import generator
    from headstart.engine.activations.store import DEFAULT_LIMIT_BYTES

    m, none = len(given.aim.ids), np.zeros(0, np.int64)
    watched = np.sort(generator(SEED, "watched").permutation(m)[:WATCHED]).astype(np.int64)
    task, said = given.shipped.task(), given.domains.start.argmax(axis=1).astype(np.int64)
    targets = Targets(said, task.kind, given.domains.classes)
    return DomainRows(
        feed=run.feed([given.aim.dataset], store, augmentation), train=none, val=watched, target=np.arange(m),
        train_targets=targets.take(none), val_targets=targets.take(watched), task=task, head=_head(given),
        lengths=run.lengths([given.aim.dataset]), cache_bytes=DEFAULT_LIMIT_BYTES, seed=SEED,
    )  # fmt: skip


def _head(given: Given) -> Any:
    """The run's own: weight ``(K, D)`` and bias ``(K,)``."""
    if not given.is_linear:
        form = given.shipped.manifest.method.get("form")
        raise DataError(
            f"without the run's data a training begins with the run's own head, which must be linear; it is {form}. "
            "Put the data back, or name an adapter, for example confident_rows."
        )
    arrays = given.domains.head.arrays
    return arrays["weight"].astype(np.float64), arrays["bias"].astype(np.float64)


def _as_trained(fitted: Fitted, temperature: float) -> Fitted:
    scaled = {name: (array * temperature).astype(array.dtype) for name, array in fitted.arrays.items()}
    return replace(fitted, arrays=scaled)
