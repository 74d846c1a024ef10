"""A linear probe fitted on some rows, with the reference that a fit would have put into its bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.rows import Rows
from headstart.backbones.fitted.columns import PLUGIN as COLUMNS
from headstart.core.learning import Fitted, Targets
from headstart.core.resources import one_blas_thread
from headstart.data.splits import folds
from headstart.evaluation.left_out import as_left_out
from headstart.methods.linear_probe import PLUGIN as PROBE
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.monitoring.readings import along_directions, readings_of
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window
from headstart.postprocessing.choosing import HeldOut, choose_calibration
from headstart.postprocessing.domain import learned_domain
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.tasks.classification import Classification, ClassificationConfig

FOLDS = 5


@dataclass(frozen=True)
class Monitored:
    """A model and its reference; see :func:`monitored`."""

    task: Classification
    head: Fitted
    encoder: tuple[Any, Any] | None
    postprocessing: Postprocessing
    reference: Reference

    def outputs(self, rows: Rows) -> tuple[Any, Any]:
        """Calibrated outputs ``(n, W)`` and features ``(n, D)``."""
        features = _features(rows, self.encoder)
        raw = PROBE.build(PROBE.config()).predict(self.head, features)
        return self.postprocessing.outputs(raw, "class"), features

    def count(self, rows: Rows) -> Window:
        """As a server would."""
        outputs, features = self.outputs(rows)
        along = None
        if self.reference.looks_at_features:
            along = along_directions(features, self.reference.middle, self.reference.per_spread)
        strange = self.postprocessing.domain_p(features)
        seen = readings_of(self.task, outputs, along, strange, rows.facts, rows.table if rows.table.columns else None)
        window = Window.empty(self.reference, "", 0.0)
        window.add(self.reference, seen, len(rows))
        return window

    def accuracy(self, rows: Rows) -> float:
        """Share of right answers."""
        return float((self.outputs(rows)[0].argmax(axis=1) == rows.truth).mean())


def monitored(rows: Rows, class_names: tuple[str, ...], seed: int) -> Monitored:
    """Fitted on ``rows``, each of which is held out in one of five folds."""
    rng = np.random.default_rng(seed)
    targets = Targets(rows.truth, "class", len(class_names))
    encoder = None
    if rows.features is None:
        code = COLUMNS.build(COLUMNS.config())
        encoder = (code, code.fit(rows.table))
    features, groups = _features(rows, encoder), np.arange(len(rows))
    parts = folds(rows.truth, None, FOLDS, rng)
    with one_blas_thread():
        solution = PROBE.build(PROBE.config()).fit(features, targets, parts, rng)
        outputs = as_left_out(targets, solution.out_of_fold)
        calibration = choose_calibration(HeldOut(targets, outputs, groups, "folds"), rng)
        domain, facts = learned_domain(features, targets, groups, None, rng)
        task = Classification(ClassificationConfig(class_names=class_names))
        looked = features if domain else None
        held = HeldOutRows(task, calibration.outputs, targets, looked, rows.facts, rows.table, (0, len(rows)))
        reference = learned_reference(held, domain, rng)
    post = Postprocessing.of_calibrator(calibration.name, calibration.arrays)
    record = post.record.model_copy(update={"out_of_domain": facts["measure"] if domain else None})
    post = Postprocessing(record, {**post.arrays, **domain, **reference.arrays()})
    return Monitored(task, solution.fitted, encoder, post, Reference.of(post))


def _features(rows: Rows, encoder: tuple[Any, Any] | None) -> Any:
    return rows.features if encoder is None else encoder[0].transform(encoder[1], rows.table)
