"""Several source domains, and labels of the new domain that teach: what each is worth on shifts of real sets.

    python benchmarks/adaptation_several.py --data DATA [--work build/adaptation_several]

Every speaker of ``spoken_digits`` and every exposure of ``magnetic_tile`` once as the domain that all others are moved
to; then 20, 50 and 100 labels, drawn at random (one draw, seed: their number), from one speaker to another, and 50 from
catalogue to webcam. Right is the share of target rows, of labels of those that are not labelled. Writes
``results/adaptation_several.json``. See README.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine
from shifts.features import CLEAN, Rows, rows_of
from shifts.sets import SETS
from shifts.trials import setting_of
from shifts.variations import Variation

from headstart.adaptation.choosing import Labels
from headstart.adaptation.taught import taught
from headstart.adaptation.trying import adapted_by, outputs_of

WAYS = ("standardisation", "coral", "standardisation_by_domain", "coral_by_domain", "nearest_domains")
PAIRS = (("george", "jackson"), ("jackson", "theo"), ("lucas", "nicolas"), ("nicolas", "george"), ("theo", "yweweler"),
         ("yweweler", "lucas"))  # fmt: skip
LABELS, SEED = (20, 50, 100), 0


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


def _shift(name: str, ours: Any, theirs: Any) -> Variation:
    return Variation(name, name, "domain", np.flatnonzero(ours), np.flatnonzero(theirs), CLEAN, SEED)


def main() -> None:
    """Both tables."""
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
    document = {"machine": machine.describe(), "means": means, "sources": by_source, "labels": taught_by}
    lines.write_json(here / "results" / "adaptation_several.json", document)


if __name__ == "__main__":
    main()
