"""audit.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import headstart
from headstart.inspection.audit import refused
from headstart.inspection.examined import Examined
from headstart.inspection.finding import SEVERITIES, Finding

SCHEMA = 1


def audit_document(
    seen: Examined, found: Sequence[Finding], accepted: Sequence[str], cost: Mapping[str, Any]
) -> dict[str, Any]:
    """audit.json.

    Args:
        seen: What was looked at.
        found: The worst first.
        accepted: Ids that the user accepts.
        cost: Seconds and memory.
    """
    return {
        "schema": SCHEMA,
        "headstart_version": headstart.__version__,
        "sentence": sentence(found),
        "data": {
            "name": seen.inputs.name, "n": len(seen.inputs), "modality": seen.inputs.modality,
            "fingerprint": seen.inputs.fingerprint,
        },
        "n": {"examined": len(seen.inputs), "with_targets": len(seen.learned), "test": int(seen.is_test.sum())},
        "task": seen.task.name,
        "probe": _probe(seen),
        "accepted": [finding.id for finding in found if finding.id in accepted],
        "refused": [finding.id for finding in refused(found, accepted)],
        "findings": [finding.to_dict() for finding in found],
        "cost": dict(cost),
    }  # fmt: skip


def sentence(found: Sequence[Finding]) -> str:
    """How many findings of which kind."""
    if not found:
        return "Nothing was found that should be mended."
    counts = Counter(finding.severity for finding in found)
    words = {"severe": "severe", "warning": "warning", "hint": "hint"}
    parts = [
        f"{counts[severity]} {words[severity]}" + ("s" if severity != "severe" and counts[severity] != 1 else "")
        for severity in SEVERITIES
        if counts[severity]
    ]
    return f"{len(found)} finding{'s' if len(found) != 1 else ''}: {', '.join(parts)}."


def _probe(seen: Examined) -> dict[str, Any] | None:
    """How well a probe does on examples that it did not see; what some findings rest on."""
    if seen.out_of_fold is None:
        return None
    known = np.flatnonzero(np.isfinite(seen.out_of_fold).all(axis=1))
    if not len(known):
        return None
    score = seen.task.settle(seen.targets, seen.out_of_fold).score(seen.targets.take(known), seen.out_of_fold[known])
    return {"metric": seen.task.primary, "value": round(float(score), 4), "rows": len(known)}
