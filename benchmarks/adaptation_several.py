"""Several source domains, labels that teach, an order of the new domain: what each is worth on shifts of real sets.

    python benchmarks/adaptation_several.py --data DATA [--work build/adaptation_several]

Every speaker of ``spoken_digits`` and every exposure of ``magnetic_tile`` once as the domain that all others are moved
to; then 20, 50 and 100 labels, drawn at random (one draw, seed: their number), from one speaker to another, and 50 from
catalogue to webcam. Then an order that is made: features of digits are turned step by step, in planes that two leading
directions of the source span, from nothing to a full exchange (90 degrees), and the last window is the target. Right is
the share of target rows, of labels of those that are not labelled. Writes
``results/adaptation_several.json``. See README.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine
from shifts.features import CLEAN, Rows, rows_of
from shifts.sets import SETS
from shifts.trials import setting_of
from shifts.variations import Variation

from headstart.adaptation.choosing import Labels
from headstart.adaptation.domains import Unlabeled
from headstart.adaptation.geometry import doubles, leading
from headstart.adaptation.taught import taught
from headstart.adaptation.trying import adapted_by, outputs_of
from headstart.adaptation.windows import windows_of

WAYS = ("standardisation", "coral", "standardisation_by_domain", "coral_by_domain", "nearest_domains")
PAIRS = (("george", "jackson"), ("jackson", "theo"), ("lucas", "nicolas"), ("nicolas", "george"), ("theo", "yweweler"),
         ("yweweler", "lucas"))  # fmt: skip
PLANES = 16  # that are turned in
LABELS, SEED = (20, 50, 100), 0
TURNS = (0, 30, 60, 90)  # degrees at the end
AT_ONCE = ("self_training", "confident_rows", "coral", "class_means")


def sources(name: str, rows: Rows) -> dict[str, dict[str, float]]:
    """By target domain, how often each way is right."""
    found = {}
    for target in (each for each in sorted(set(rows.domain)) if ("*", each) in SETS[name].pairs):
        theirs = rows.domain == target
        domains, solver, truth = setting_of(_shift(name, ~theirs, theirs), rows)
        right = {"as it is": float((domains.start.argmax(axis=1) == truth).mean())}
        for way in WAYS:
            outputs = outputs_of(adapted_by(way, domains, solver, SEED), solver, domains, domains.target.features)
            right[way] = float((outputs.argmax(axis=1) == truth).mean())
        found[target] = right
        print(name, target, right, flush=True)
    return found


def labels(name: str, rows: Rows, pair: tuple[str, str], count: int) -> dict[str, Any]:
    """What so many labels are worth, on the other target rows."""
    domains, solver, truth = setting_of(_shift(name, rows.domain == pair[0], rows.domain == pair[1]), rows)
    some = np.random.default_rng(count).permutation(len(truth))[:count]
    rest = np.setdiff1d(np.arange(len(truth)), some)
    heads, _ = taught(domains, solver, Labels(some, truth[some]), SEED, linear=True)
    before = float((domains.start.argmax(axis=1) == truth)[rest].mean())
    found: dict[str, Any] = {"shift": f"{pair[0]} to {pair[1]}", "labels": count, "as it is": before}
    for head in heads:
        right = float((head.tried.outputs.argmax(axis=1) == truth)[rest].mean())
        found[head.tried.name] = {"right": right, "gain": head.gain.to_dict(), "ships": head.gain.low > 0}
    print(found, flush=True)
    return found


def ordered(rows: Rows, turn: float) -> dict[str, float]:
    """Half of the rows are learned from, the others come along a path that turns; how often each way is right."""
    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(rows.truth))
    ours, theirs = np.sort(order[: len(order) // 2]), order[len(order) // 2 :]
    domains, solver, truth = setting_of(Variation("digits", "digits", "order", ours, theirs, CLEAN, SEED), rows)
    assert domains.source is not None  # noqa: S101 - it was just made
    windows = windows_of(np.arange(len(theirs)), domains.classes)
    planes = leading(doubles(domains.source.features - domains.source.features.mean(axis=0)), PLANES * 2)
    moved = [
        turned(domains.target.features[each], domains.source.features.mean(axis=0), planes, turn * step / len(windows))
        for step, each in enumerate(windows, start=1)
    ]
    last, last_truth = moved[-1], truth[windows[-1]]
    start = solver.outputs(domains.head, last)
    domains = replace(domains, target=Unlabeled(last), start=start, path=tuple(Unlabeled(each) for each in moved[:-1]))
    found = {"windows": float(len(windows)), "as it is": float((start.argmax(axis=1) == last_truth).mean())}
    for way in (*AT_ONCE, "gradual_self_training"):
        outputs = outputs_of(adapted_by(way, domains, solver, SEED), solver, domains, last)
        found[way] = float((outputs.argmax(axis=1) == last_truth).mean())
    print(turn, found, flush=True)
    return found


def turned(features: Any, middle: Any, planes: Any, degrees: float) -> Any:
    """Rows ``(n, D)`` turned around ``middle`` in each plane of two neighbouring columns of ``planes`` ``(D, 2 P)``."""
    angle, along = np.deg2rad(degrees), (features - middle) @ planes  # (n, 2 P)
    one, two = along[:, 0::2], along[:, 1::2]
    new = np.empty_like(along)
    new[:, 0::2] = np.cos(angle) * one - np.sin(angle) * two
    new[:, 1::2] = np.sin(angle) * one + np.cos(angle) * two
    return (features + (new - along) @ planes.T).astype(np.float32)


def _shift(name: str, ours: Any, theirs: Any) -> Variation:
    return Variation(name, name, "domain", np.flatnonzero(ours), np.flatnonzero(theirs), CLEAN, SEED)


def main() -> None:
    """All tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).parent
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=here.parent / "build" / "adaptation_several")
    args = parser.parse_args()
    sets = {name: rows_of(name, SETS[name], args.data, args.work) for name in ("digits", "tiles", "office")}
    by_source = {name: sources(name, sets[name]) for name in ("digits", "tiles")}
    means = {
        name: {way: float(np.mean([each[way] for each in found.values()])) for way in ("as it is", *WAYS)}
        for name, found in by_source.items()
    }
    taught_by = [labels("digits", sets["digits"], pair, count) for count in LABELS for pair in PAIRS]
    taught_by.append(labels("office", sets["office"], ("amazon", "webcam"), 50))
    turns = {f"{turn} degrees": ordered(sets["digits"], turn) for turn in TURNS}
    document = {
        "machine": machine.describe(), "means": means, "sources": by_source, "labels": taught_by, "order": turns,
    }  # fmt: skip
    lines.write_json(here / "results" / "adaptation_several.json", document)


if __name__ == "__main__":
    main()
