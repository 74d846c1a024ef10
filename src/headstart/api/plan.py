"""The plan: what will be done, with counts and expected seconds, before anything is computed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.resources import MIB, cpu_count

if TYPE_CHECKING:
    from headstart.api.fit_config import FitConfig
    from headstart.api.networks import Networks
    from headstart.data.dataset import LabeledDataset
    from headstart.data.read import Reading

SCHEMA = 1
# First guesses per processor core, corrected by nothing: they only make the bar and the plan honest within a factor.
PICTURES_PER_SECOND = 150.0  # decoded and through a network of 0.8 GFLOPs, both networks and the histograms
REFERENCE_FLOPS = 0.8e9
SOLVE_SECONDS_PER_NUMBER = 1.5e-6  # of N x D features, all candidates together
FIXED_SECONDS = {"runtime": 2.0, "evidence": 0.5, "bundle": 0.7, "report": 0.3}


def make_plan(request: FitConfig, reading: Reading, networks: Networks, missing: int, method: str) -> dict[str, Any]:
    """plan.json.

    Args:
        request: As asked.
        reading: The data.
        networks: Their card says what runs.
        missing: Examples whose features are not kept yet.
        method: The method's name.
    """
    from headstart.data.preprocess import share_cut_off

    dataset, card = reading.dataset, networks.card
    cut_off = float(share_cut_off(dataset.sizes, card.preprocessing))
    steps = _steps(len(dataset), missing, card.flops, card.feature_dim, networks.title, method)
    head = card.feature_dim * len(dataset.class_names) + len(dataset.class_names)
    return {
        "schema": SCHEMA,
        "data": {
            "name": dataset.name,
            "n": len(dataset),
            "classes": _classes(dataset),
            "modality": dataset.modality,
            "fingerprint": dataset.fingerprint,
            "left_out": [{"id": bad.id, "reason": bad.reason} for bad in reading.bad],
        },
        "preprocessing": {**card.preprocessing.model_dump(mode="json"), "cut_off_fraction": round(cut_off, 4)},
        "backbone": {"name": networks.title, "stage": card.stages[-1], "D": card.feature_dim, "licence": card.licence},
        "trainable": {"parameters": head},
        "frozen": {"parameters": card.parameters},
        "kept": {"examples": len(dataset) - missing, "mib": round(len(dataset) * card.feature_dim * 4 / MIB, 1)},
        "steps": steps,
        "seconds": round(sum(step["seconds"] or 0.0 for step in steps), 1),
        "notes": [*reading.notes, *_notes(request, reading, cut_off)],
    }


def _classes(dataset: LabeledDataset) -> dict[str, dict[str, int]]:
    counts = Counter(zip(dataset.targets.tolist(), dataset.split.tolist(), strict=True))
    splits = [split for split in ("train", "val", "test", "") if (dataset.split == split).any()]
    return {name: {split or "all": counts[name, split] for split in splits} for name in dataset.class_names}


def _steps(n: int, missing: int, flops: int | None, width: int, model: str, method: str) -> list[dict[str, Any]]:
    relative = max(0.2, (flops or REFERENCE_FLOPS) / REFERENCE_FLOPS)
    features = missing / (PICTURES_PER_SECOND * cpu_count()) * relative
    solve = max(0.5, n * width * SOLVE_SECONDS_PER_NUMBER)
    kept = n - missing
    return [
        _step(
            "runtime", "measure how the frozen network runs fastest here", 0, FIXED_SECONDS["runtime"] * bool(missing)
        ),
        _step(
            "features", f"{missing:,} pictures through {model}, frozen; {kept:,} are kept already", missing, features
        ),
        _step("solve", f"{method} and what it is compared with, chosen on folds", n, solve),
        _step(
            "evidence",
            "the test split, read once; intervals, comparisons, learning curve",
            0,
            FIXED_SECONDS["evidence"],
        ),
        _step("bundle", "the folder to ship, checked across runtimes", 0, FIXED_SECONDS["bundle"]),
        _step("report", "one HTML page", 0, FIXED_SECONDS["report"]),
    ]


def _step(name: str, what: str, count: int, seconds: float) -> dict[str, Any]:
    return {"name": name, "what": what, "count": count, "seconds": round(seconds, 2)}


def _notes(request: FitConfig, reading: Reading, cut_off: float) -> list[str]:
    notes = []
    if reading.bad:
        notes.append(f"{len(reading.bad)} inputs cannot be used and are left out; plan.json lists them")
    sizes = reading.dataset.sizes
    ratio = float(np.median(sizes.max(axis=1) / np.maximum(sizes.min(axis=1), 1)))
    if cut_off > 0.005:
        notes.append(
            f"the network sees the centre: {cut_off * 100:.0f} % of the pictures' area is cut off on average "
            f"(longer side {ratio:.1f} times the shorter one); --set model.resize=pad or squash keeps all of it"
        )
    if request.resplit:
        notes.append("the given split is ignored; a new one is made")
    return notes
