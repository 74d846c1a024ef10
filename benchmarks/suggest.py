"""Do labels of suggested examples help more than labels of random ones?

    python benchmarks/suggest.py --data DATA [--seeds 10]

Few examples of each class have a label, the rest of the training part is the pool; the probe of ``fit`` is solved with
the labels of ``audit --suggest N`` added, or of N random ones, or of the N it is least sure of, and measured on the
test part: paired over seeds. Features are those of the default networks. Nothing is timed. Writes
``results/suggest.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from comparison.features import features_of

SETS = {"cifar10_small": (5, 50), "banking77": (3, 100), "trec": (10, 60), "clothing_small": (3, 30)}
WAYS = ("random", "least sure", "suggested")


@dataclass(frozen=True)
class Row:
    """Mean test accuracy over seeds, in percent, and the paired difference to random picks with its standard error."""

    data: str
    labelled: int
    added: int
    random: float
    least_sure: float
    suggested: float
    difference: float
    error: float


def probe(features: Any, classes: Any, width: int, seed: int) -> Any:
    """A function from features to outputs."""
    from headstart.core.learning import Targets
    from headstart.core.resources import one_blas_thread
    from headstart.data.splits import folds
    from headstart.solving.candidates import default_method

    method = default_method("linear_probe")
    parts = folds(classes, np.arange(len(classes)), 5, np.random.default_rng(seed))
    with one_blas_thread():
        solution = method.fit(features, Targets(classes, "class", width), parts, np.random.default_rng(seed), None)
    return lambda rows: method.predict(solution.fitted, rows)


def accuracies(features: Any, classes: Any, is_test: Any, each: int, added: int, seed: int) -> dict[str, float]:
    """Test accuracy by the way of picking."""
    from headstart.selection.suggest import margins_of, suggest

    rng = np.random.default_rng(seed)
    width, train = int(classes.max()) + 1, np.flatnonzero(~is_test)
    labelled = np.concatenate([rng.permutation(train[classes[train] == name])[:each] for name in range(width)])
    pool = rng.permutation(np.setdiff1d(train, labelled))
    outputs = probe(features[labelled], classes[labelled], width, seed)(features[pool])
    weights = np.exp(outputs - outputs.max(1, keepdims=True))
    margins = margins_of(weights / weights.sum(1, keepdims=True))
    found = suggest(features[labelled], features[pool], margins, added, np.random.default_rng(seed))
    picks = {
        "random": np.arange(added),  # the pool is in random order
        "least sure": np.argsort(margins, kind="stable")[:added],
        "suggested": np.asarray([one.row for one in found]),
    }
    results = {}
    for way, rows in picks.items():
        known = np.concatenate([labelled, pool[rows]])
        said = probe(features[known], classes[known], width, seed)(features[is_test]).argmax(1)
        results[way] = float((said == classes[is_test]).mean())
    return results


def row_of(name: str, each: int, added: int, found: list[dict[str, float]]) -> Row:
    """Means over seeds."""
    values = {way: 100 * np.asarray([one[way] for one in found]) for way in WAYS}
    gain = values["suggested"] - values["random"]
    means = (round(float(values[way].mean()), 2) for way in WAYS)
    error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
    return Row(name, each, added, *means, round(float(gain.mean()), 2), round(error, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    rows, runs = [], {}
    for name in args.sets:
        each, added = SETS[name]
        features, dataset = features_of(args.data / name)
        classes = np.unique(dataset.targets.astype(str), return_inverse=True)[1]
        known = features, classes, dataset.split == "test"
        runs[name] = [accuracies(*known, each, added, seed) for seed in range(args.seeds)]
        rows.append(row_of(name, each, added, runs[name]))
        print(rows[-1], flush=True)
    header = ("data", "labelled a class", "added", "random", "least sure", "suggested", "points", "standard error")
    text = tables.markdown(header, [tuple(str(value) for value in asdict(row).values()) for row in rows])
    print(f"\n{text}")
    document = {"schema": 1, "machine": machine.describe(), "rows": [asdict(row) for row in rows], "runs": runs}
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "suggest.json").write_text(json.dumps(document, indent=1) + "\n")
    (args.out / "suggest.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
