"""What plan.json says of a comparison of networks: before it, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.features.pace import pass_seconds
from headstart.ranking.network_contest import SETTING_UP
from headstart.solving.solve import FOLDS
from headstart.solving.splitting import TEST_FRACTION
from headstart.tasks.figures import figure

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.ranking.network_field import Field

STEP = "networks"


def with_comparison(document: Mapping[str, Any], candidates: Field, dataset: LabeledDataset) -> dict[str, Any]:
    """plan.json of a fit that compares networks first; its features are then those of the training examples."""
    rows = _training_rows(dataset)
    seconds = {rival.name: SETTING_UP + pass_seconds(rival.network.card, rows) for rival in candidates.rivals}
    within = _within(seconds, candidates.limit)
    total = sum(seconds[name] for name in within)
    said = _before(seconds, within, candidates, total)
    what = f"compare {len(within)} networks by a probe on the training examples: {', '.join(within)}"
    step = {"name": STEP, "what": what, "count": rows * len(within), "seconds": round(total, 2)}
    steps = _with_step(document["steps"], step, len(dataset) - rows)
    if math.isfinite(candidates.limit):
        _take_from_training(steps, total)
    return {
        **document,
        "steps": steps,
        "seconds": round(sum(each["seconds"] or 0.0 for each in steps), 1),
        "notes": [*document["notes"], *said],
        "networks": {
            "compared": [rival.name for rival in candidates.rivals],
            "limit_seconds": round(candidates.limit, 1) if math.isfinite(candidates.limit) else None,
            "sentences": said,
        },
    }


def with_result(document: Mapping[str, Any], before: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """plan.json of the fit of the chosen network, and what came of the comparison."""
    step = next(each for each in before["steps"] if each["name"] == STEP)
    said = [found["sentence"], *(_line(row, found) for row in found["compared"])]
    steps = _with_step(document["steps"], {**step, "seconds": found["seconds"]}, None)
    return {
        **document,
        "steps": steps,
        "seconds": round(sum(each["seconds"] or 0.0 for each in steps), 1),
        "notes": before["notes"],
        "networks": {
            **before["networks"],
            "chosen": found["chosen"],
            "tried": [row["name"] for row in found["compared"] if row["loss"] is not None],
            "seconds": found["seconds"],
            "result": said,
        },
    }


def _training_rows(dataset: LabeledDataset) -> int:
    is_test = dataset.split == "test"
    return int((~is_test).sum()) if is_test.any() else round(len(dataset) * (1 - TEST_FRACTION))


def _within(seconds: Mapping[str, float], limit: float) -> list[str]:
    """Names that are expected to fit, in order; the first one in any case."""
    found: list[str] = []
    spent = 0.0
    for name, each in seconds.items():
        if not found or spent + each <= limit:
            found.append(name)
            spent += each
    return found


def _before(seconds: Mapping[str, float], within: Sequence[str], candidates: Field, total: float) -> list[str]:
    which = "were named" if candidates.is_named else "on this machine are for such data"
    taken = "the one of smallest loss"
    if math.isfinite(candidates.limit):
        taken = "the cheapest one whose loss is not above the smallest beyond chance"
    said = [
        f"{len(seconds)} networks {which}: {', '.join(seconds)}. Their probes on kept "
        f"features of the training examples are compared on {FOLDS} held-out folds, and the fit goes on with {taken}; "
        "the test is not looked at",
        f"comparing them takes about {total:.0f} s; features that are kept already cost nothing",
    ]
    if math.isfinite(candidates.limit):
        late = [f"{name} (about {each:.0f} s)" for name, each in seconds.items() if name not in within]
        rest = f"; {', '.join(late)} will hardly be tried" if late else ""
        said.append(f"of the minutes at most about {candidates.limit:.0f} s go into comparing networks{rest}")
    return said


def _with_step(steps: Sequence[Mapping[str, Any]], step: Mapping[str, Any], rest: int | None) -> list[dict[str, Any]]:
    """In front of everything; with ``rest``, features are computed of so many inputs that were not compared on."""
    found = [dict(step)]
    for each in steps:
        if rest is not None and each["name"] == "features":
            share = min(1.0, rest / max(1, each["count"])) if each["count"] else 0.0
            what = f"about {min(rest, each['count']):,} that were not compared on, through the chosen network, frozen"
            seconds = round(each["seconds"] * share, 2)
            found.append({**each, "what": what, "count": min(rest, each["count"]), "seconds": seconds})
        else:
            found.append(dict(each))
    return found


def _take_from_training(steps: list[dict[str, Any]], seconds: float) -> None:
    """The minutes are those of everything together."""
    for step in steps:
        if step["name"] == "train":
            step["seconds"] = round(max(0.0, step["seconds"] - seconds), 2)


def _line(row: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if row["loss"] is None:
        return f"{row['name']} was not compared: {row['why']}"
    measure = found["metric"].replace("_", "-")
    taken = "taken" if row["name"] == found["chosen"] else "not taken"
    return (
        f"{row['name']}: {measure} {figure(row['loss'])} held out, {row['seconds']:.1f} s; {taken}, since {row['why']}"
    )
