"""What an adaptation costs beyond the features: every adapter tried and judged, one chosen and solved again.

    python benchmarks/adaptation_cost.py

Made features of two domains, 1,000 rows each, 1,280 wide, ten classes, on one thread. Writes
``results/adaptation_cost.json``. See README.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine

from headstart.adaptation.choosing import choose, learned_chooser
from headstart.adaptation.contract import ADAPTERS, VALIDATORS
from headstart.adaptation.domains import Domains, Labeled, Unlabeled
from headstart.adaptation.solver import solver_of
from headstart.adaptation.trying import adapted_by, parts_of, tried, usable
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.evaluation.parting import parted

ROWS, WIDTH, CLASSES, SEED = 1000, 1280, 10, 0
AT_MOST = 10.0  # seconds


def made(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Source, its classes, target: clusters in 60 of the directions, moved and stretched in the target."""
    centres, mixing = rng.normal(size=(CLASSES, 60)), rng.normal(size=(60, WIDTH)) / 8
    classes, others = rng.integers(0, CLASSES, ROWS), rng.integers(0, CLASSES, ROWS)
    source, target = (centres[each] + rng.normal(size=(ROWS, 60)) for each in (classes, others))
    moved = target * rng.uniform(0.7, 1.4, 60) + rng.normal(size=60) * 0.4
    noise = rng.normal(size=(2, ROWS, WIDTH)) * 0.2
    return (source @ mixing + noise[0]).astype("f4"), classes.astype(np.int64), (moved @ mixing + noise[1]).astype("f4")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    source, classes, target = made(rng)
    targets = Targets(classes, "class", CLASSES)
    began = time.perf_counter()
    labeled = Labeled(source, targets, np.arange(ROWS), np.ones(ROWS, bool))
    folds = parted(classes, None, 5, rng)
    solver = solver_of("linear_probe", trained=False, source=labeled, folds=folds, width=WIDTH, seed=SEED)
    head = solver.fit(source, targets)
    domains = Domains(
        labeled, Unlabeled(target), solver.outputs(head, target), solver.outputs(head, source), targets, head
    )
    names, _ = usable(plugins.names(ADAPTERS), domains, continuous=True, linear=True)
    judges = [name for name in plugins.names(VALIDATORS) if name in learned_chooser().coefficients]
    parts = parts_of(domains, solver, SEED, judges)
    found, failed = tried(parts, names, lambda name: None)
    chosen = choose(found, None).name
    if chosen is not None:
        adapted_by(chosen, domains, solver, SEED)
    seconds = time.perf_counter() - began
    document = {
        "machine": machine.describe(), "rows": ROWS, "width": WIDTH, "seconds": round(seconds, 2), "at_most": AT_MOST,
        "adapters": {each.name: round(each.seconds, 2) for each in found}, "failed": failed, "chosen": chosen,
    }  # fmt: skip
    print(f"{seconds:.1f} s (at most {AT_MOST:g}): {document['adapters']}, chosen {chosen}")
    lines.write_json(args.out / "adaptation_cost.json", document)


if __name__ == "__main__":
    main()
