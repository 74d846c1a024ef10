"""The plan: what will be done, with counts and expected seconds, before anything is computed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from headstart.core.resources import MIB
from headstart.features.lanes import Lane, lanes_of
from headstart.features.pace import pass_seconds
from headstart.racing.beside import beside_note
from headstart.training.guess import can_train, cheaper_note, least_minutes, more_minutes, train_step

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.data.read import Reading
    from headstart.features.networks import Networks
    from headstart.request.fit_config import FitConfig

SCHEMA = 1
# First guesses per processor core, corrected by nothing: they only make the bar and the plan honest within a factor.
INPUTS_PER_SECOND = 150.0  # decoded and through a network of 0.8 GFLOPs, both networks and the descriptors
REFERENCE_FLOPS = 0.8e9
SOLVE_SECONDS_PER_NUMBER = 1.5e-6  # of N x D features, all candidates together
FIXED_SECONDS = {"runtime": 2.0, "audit": 1.0, "evidence": 0.5, "bundle": 0.7, "report": 0.3}
SAMPLE = 300  # inputs that notes about preprocessing look at
MOST_CLASSES = 200  # counted by name; beyond that only their number
COLUMN_WIDTH = 50  # numbers that plain columns are about, for the time of solving


def make_plan(
    request: FitConfig,
    reading: Reading,
    networks: Networks,
    missing: dict[str, int],
    method: str,
    task: tuple[str, str],
) -> dict[str, Any]:
    """plan.json.

    Args:
        request: As asked.
        reading: The data.
        networks: Their cards say what runs.
        missing: Inputs whose features are not kept yet, by modality.
        method: The method's name.
        task: The task's name, and a description of its targets.
    """
    dataset = reading.dataset
    lanes = lanes_of(dataset, networks)
    width = sum(lane.network.card.feature_dim * len(lane.numbers) for lane in lanes) or COLUMN_WIDTH
    others = _seconds(_steps(lanes, missing, len(dataset), width, method, None))
    training = train_step(request, dataset, lanes, others)
    least = least_minutes(request, dataset, lanes, others)
    steps = _steps(lanes, missing, len(dataset), width, method, training)
    outputs = len(set(dataset.targets.tolist())) if task[0] in ("classification", "ordinal") else 1
    return {
        "schema": SCHEMA,
        "data": {
            "name": dataset.name,
            "n": len(dataset),
            "classes": _classes(dataset) if task[0] in ("classification", "ordinal") else {},
            "targets": task[1],
            "modality": dataset.modality,
            "input": dataset.schema.model_dump(mode="json"),
            "fingerprint": dataset.fingerprint,
            "left_out": [{"id": bad.id, "reason": bad.reason} for bad in reading.bad],
        },
        "task": task[0],
        "preprocessing": _preprocessing(lanes),
        "backbone": _backbone(lanes),
        "trainable": {"parameters": (width + 1) * outputs},
        "frozen": {"parameters": sum(network.card.parameters for network in networks.values())},
        "kept": {
            "examples": sum(len(lane.keys) - missing[lane.modality] for lane in lanes),
            "mib": round(sum(len(lane.keys) * lane.network.card.feature_dim for lane in lanes) * 4 / MIB, 1),
        },
        "more_minutes": None if training else more_minutes(dataset, lanes),
        **({"minimum": least} if least else {}),
        "steps": steps,
        "seconds": round(_seconds(steps), 1),
        "notes": [
            *reading.notes,
            *_notes(request, reading, lanes),
            *beside_note(request, can_train(dataset, lanes)),
            *_short(request, least),
            *cheaper_note(request, dataset, lanes, others),
        ],
    }


def _seconds(steps: list[dict[str, Any]]) -> float:
    return sum(step["seconds"] or 0.0 for step in steps)


def _short(request: FitConfig, least: float | None) -> list[str]:
    """Whether the minutes are too few for a training."""
    if least is None:
        return []
    return [
        f"{request.minutes:g} minutes are too few for a training, which needs about {least:g} here; what the probe "
        "comes to may be all"
    ]


def _backbone(lanes: list[Lane]) -> dict[str, Any]:
    """Of the first network; "columns" where no network sees the data."""
    if not lanes:
        return {"name": "columns", "stage": "", "D": None, "licence": None}
    card = lanes[0].network.card
    name = lanes[0].network.title
    return {"name": name, "stage": card.cut or card.stages[-1], "D": card.feature_dim, "licence": card.licence}


def _preprocessing(lanes: list[Lane]) -> dict[str, Any]:
    """Of the one network; by modality where several see the data."""
    found = {
        lane.modality: {
            **lane.network.card.preprocessing.model_dump(mode="json"),
            "cut_off_fraction": round(_unseen(lane), 4),
        }
        for lane in lanes
    }
    return next(iter(found.values())) if len(found) == 1 else dict(found)


def _unseen(lane: Lane) -> float:
    return lane.network.modality.unseen_fraction(lane.sizes, lane.network.preparer, lane.sample(SAMPLE))


def _classes(dataset: LabeledDataset) -> dict[str, dict[str, int]]:
    from headstart.data.class_names import order

    names = order(dataset.targets.tolist())
    if len(names) > MOST_CLASSES:
        return {}
    counts = Counter(zip(dataset.targets.tolist(), dataset.split.tolist(), strict=True))
    splits = [split for split in ("train", "val", "test", "") if (dataset.split == split).any()]
    return {name: {split or "all": counts[name, split] for split in splits} for name in names}


def _steps(
    lanes: list[Lane],
    missing: dict[str, int],
    n: int,
    width: int,
    method: str,
    training: tuple[str, float] | None,
) -> list[dict[str, Any]]:
    todo = sum(missing.values())
    steps = [
        _step("runtime", "measure how the frozen network runs fastest here", 0, FIXED_SECONDS["runtime"] * bool(todo))
    ]
    steps += [_feature_step(lane, missing[lane.modality]) for lane in lanes]
    solve = max(0.5, n * width * SOLVE_SECONDS_PER_NUMBER)
    return [
        *(steps if lanes else []),
        _step("solve", f"{method} and what it is compared with, chosen on folds", n, solve),
        _step("audit", "labels, copies, leaks, shortcuts: what makes a result mean less", 0, FIXED_SECONDS["audit"]),
        *([_step("train", training[0], n, training[1])] if training else []),
        _step(
            "evidence",
            "the test split, read once; intervals, comparisons, learning curve",
            0,
            FIXED_SECONDS["evidence"],
        ),
        _step("bundle", "the folder to ship, checked across runtimes", 0, FIXED_SECONDS["bundle"]),
        _step("report", "one HTML page", 0, FIXED_SECONDS["report"]),
    ]


def _feature_step(lane: Lane, missing: int) -> dict[str, Any]:
    network = lane.network
    kept = len(lane.keys) - missing
    plural = network.modality.plural
    what = f"{missing:,} {plural} through {network.title}, frozen; {kept:,} are kept already"
    return _step("features", what, missing, pass_seconds(network.card, missing))


def _step(name: str, what: str, count: int, seconds: float) -> dict[str, Any]:
    return {"name": name, "what": what, "count": count, "seconds": round(seconds, 2)}


def _notes(request: FitConfig, reading: Reading, lanes: list[Lane]) -> list[str]:
    notes = []
    if reading.bad:
        notes.append(f"{len(reading.bad)} inputs cannot be used and are left out; plan.json lists them")
    for lane in lanes:
        notes += lane.network.modality.notes(lane.sizes, lane.network.preparer, lane.sample(SAMPLE))
    if request.resplit:
        notes.append("the given split is ignored; a new one is made")
    return notes
