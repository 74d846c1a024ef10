"""Every adapter on one shift: what validators say of its head, and what it is worth by labels that they do not see."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from headstart.adaptation.domains import Domains, Labeled, Unlabeled
from headstart.adaptation.solver import LEAST_SPREAD, PenaltySolver, solver_of
from headstart.adaptation.trying import Tried, parts_of, tried, tried_elsewhere, usable
from headstart.core.learning import Targets
from headstart.core.seeding import generator
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.macro_f1 import macro_f1
from headstart.evaluation.parting import parted
from headstart.methods.fixed_penalty import out_of_fold_at_penalty
from headstart.postprocessing.choosing import HeldOut, choose_calibration
from headstart.postprocessing.postprocessing import Postprocessing

from .features import Rows
from .sets import Source
from .variations import Variation

FOLDS = 5
STATISTICS = "network_statistics"  # no adapter: the network sees the target otherwise
CLOSE = 1e-6  # nats per row: a solve that begins at 0 and ends early answers held-out rows badly where there are few
Record = dict[str, Any]


def setting_of(variation: Variation, rows: Rows) -> tuple[Domains, PenaltySolver, Any]:
    """The two domains with the model as it is, and the targets' classes."""
    ours, theirs = rows.features(variation.source, variation.target, variation.condition)
    names, both = np.unique(
        np.concatenate([rows.truth[variation.source], rows.truth[variation.target]]), return_inverse=True
    )
    truth, target_truth = both[: len(ours)].astype(np.int64), both[len(ours) :].astype(np.int64)
    targets, n = Targets(truth, "class", len(names)), len(ours)
    rng = generator(variation.seed, "folds")
    folds = parted(truth, np.arange(n), FOLDS, rng)
    domain, origin = np.unique(rows.domain[variation.source], return_inverse=True)
    several = origin.astype(np.int64) if len(domain) > 1 else None
    source = Labeled(ours, targets, np.arange(n), np.ones(n, bool), several)
    solver = solver_of(
        "linear_probe", trained=False, source=source, folds=folds, width=ours.shape[1], seed=variation.seed
    )
    out_of_fold = out_of_fold_at_penalty(ours, targets, folds, np.ones(n), solver.penalty, LEAST_SPREAD, CLOSE)
    chosen = choose_calibration(HeldOut(targets, out_of_fold, np.arange(n), "folds"), rng)
    head = solver.fit(ours, targets)
    post = Postprocessing.of_calibrator(chosen.name, chosen.arrays)
    start = post.outputs(solver.outputs(head, theirs), "class")
    domains = Domains(source, Unlabeled(theirs), start, chosen.outputs, targets, head)
    return domains, solver, target_truth


def trial(
    variation: Variation, source: Source, rows: Rows, adapters: Sequence[str], moved: Callable[[], Any]
) -> Record:
    """One line of the table; ``moved`` gives ``(m, D)`` target rows from a network with their statistics, or None."""
    began = time.perf_counter()
    domains, solver, truth = setting_of(variation, rows)
    names, _ = usable(
        [name for name in adapters if name != STATISTICS], domains, continuous=not source.is_plain, linear=True
    )
    parts = parts_of(domains, solver, variation.seed % 2**31)
    found, failed = tried(parts, names, lambda name: None)
    if STATISTICS in adapters:
        target = moved()
        if target is None:
            failed[STATISTICS] = "no network with batch normalisations, or too few rows"
        else:
            found.append(tried_elsewhere(parts, target, STATISTICS, found[0]))
    targets = Targets(truth, "class", domains.classes)

    def score(answers: Any) -> float:
        if source.rare:
            return macro_f1(class_counts(truth, answers, domains.classes))
        return float((answers == truth).mean())

    return {
        "name": variation.name,
        "set": variation.set,
        "kind": variation.kind,
        "source": len(domains.held_out_targets),
        "target": len(truth),
        "classes": domains.classes,
        "primary": "macro_f1" if source.rare else "accuracy",
        "with_labels": score(_with_labels(domains, solver, targets, variation.seed)),
        "tried": {each.name: _of_one(each, found[0], truth, score) for each in found},
        "failed": failed,
        "adapters": sorted(adapters),
        "truth": truth.tolist(),
        "wall_seconds": round(time.perf_counter() - began, 2),
        "ok": True,
        "failure": None,
    }


def _of_one(each: Tried, start: Tried, truth: Any, score: Any) -> Record:
    answers, before = each.outputs.argmax(axis=1), start.outputs.argmax(axis=1)
    right, was = answers == truth, before == truth
    return {
        "score": score(answers),
        "changed": float((answers != before).mean()),
        "won": int((right & ~was).sum()),
        "lost": int((~right & was).sum()),
        "values": {name: value if np.isfinite(value) else None for name, value in each.values.items()},
        "seconds": round(each.seconds, 3),
        "answers": answers.tolist(),
    }


def _with_labels(domains: Domains, solver: PenaltySolver, targets: Targets, seed: int) -> Any:
    """Answers ``(m,)`` of heads that learned from the target's own labels, each of a fold that did not see the row."""
    features, m = domains.target.features, len(targets)
    folds = parted(targets.values, np.arange(m), min(FOLDS, m), generator(seed, "target folds"))
    found = out_of_fold_at_penalty(features, targets, folds, np.ones(m), solver.penalty, LEAST_SPREAD, CLOSE)
    return found.argmax(axis=1)
