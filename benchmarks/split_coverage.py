"""Is a test part that is set apart like the rest? Accuracy and sets on it beside held-out folds, over many splits.

    python benchmarks/split_coverage.py --data DATA [--splits 40]

Of two sets of pictures that have no test part of their own and many near-copies: each split sets a fifth apart, solves
the default probe on kept features and calibrates it as a fit does. Where near-copies are in the test part more often
than in the data, its accuracy is another than that of held-out folds, and sets hold the truth less often than promised
(0.90). Writes ``results/split_coverage.json`` and ``.md``. About a minute of one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from comparison.features import features_of

SETS = ("brain_mri_tumor", "magnetic_tile")
FRACTION = 0.2


def copies_of(dataset: Any) -> Any:
    """``(N,)`` group numbers of near-duplicates, as a fit sees the files."""
    import io

    from PIL import Image

    from headstart.data.duplicates import fingerprint, near_duplicate_groups

    (part,) = dataset.parts
    pictures = (Image.open(io.BytesIO(part.inputs.read(row))).convert("RGB") for row in range(len(dataset)))
    marks = np.concatenate([fingerprint(np.asarray(picture)[None]) for picture in pictures])
    return near_duplicate_groups(part.keys, marks)


def one_split(features: Any, classes: Any, copies: Any, seed: int) -> dict[str, float]:
    """Accuracy on both sides, how often sets hold the truth, and how many rows have a near-copy."""
    from headstart.core.learning import Targets
    from headstart.core.resources import one_blas_thread
    from headstart.core.seeding import generator
    from headstart.data.splits import folds, train_test
    from headstart.evaluation.calibrators.choose import choose_calibrator
    from headstart.evaluation.conformal import sets, thresholds
    from headstart.evaluation.left_out import as_left_out
    from headstart.evaluation.softmax import softmax
    from headstart.postprocessing.postprocessing import Postprocessing
    from headstart.solving.candidates import default_method

    train, test = train_test(classes, copies, FRACTION, generator(seed, "split"))
    width, probe = int(classes.max()) + 1, default_method("linear_probe")
    targets = Targets(classes[train], "class", width)
    with one_blas_thread():
        fold = folds(classes[train], copies[train], 5, generator(seed, "folds"))
        solved = probe.fit(features[train], targets, fold, generator(seed, "probe"))
        known = np.isfinite(solved.out_of_fold).all(axis=1)
        held = as_left_out(targets, solved.out_of_fold)[known]
        chosen = choose_calibrator(
            targets.take(known), held, None, copies[train][known], generator(seed, "calibration")
        )
        post = Postprocessing.of_calibrator(chosen.name, chosen.arrays)
        said = softmax(post.outputs(probe.predict(solved.fitted, features[test]), "class"))
    given = sets(said, thresholds(softmax(chosen.outputs), classes[train][known]))
    has_copy = np.bincount(copies)[copies] > 1
    return {
        "sets": float(given[np.arange(len(test)), classes[test]].mean()),
        "test": float((said.argmax(axis=1) == classes[test]).mean()),
        "folds": float((held.argmax(axis=1) == classes[train][known]).mean()),
        "copies_test": float(has_copy[test].mean()),
        "copies": float(has_copy.mean()),
        "n_test": float(len(test)),
    }


def summary(found: dict[str, list[dict[str, float]]]) -> str:
    """Means over splits, with standard errors."""
    rows = []
    for name, splits in found.items():
        cells = []
        for key in ("copies", "copies_test", "folds", "test", "sets"):
            values = np.array([split[key] for split in splits])
            error = values.std(ddof=1) / np.sqrt(len(values))
            cells.append(f"{values.mean():.3f}" + (f" +- {error:.3f}" if error > 0 else ""))
        rows.append((name, str(len(splits)), *cells))
    header = (
        "data", "splits", "have a near-copy, all", "of the test part", "accuracy of held-out folds", "of the test part",
        "sets hold the truth",
    )  # fmt: skip
    return f"Promised: sets 0.90. Means over splits, with standard errors.\n\n{tables.markdown(header, rows)}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--splits", type=int, default=40)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {}
    for name in SETS:
        features, dataset = features_of(args.data / name)
        classes = np.unique(dataset.targets.astype(str), return_inverse=True)[1]
        copies = copies_of(dataset)
        found[name] = [one_split(features, classes, copies, seed) for seed in range(args.splits)]
    lines.write_json(args.out / "split_coverage.json", {"machine": machine.describe(), "splits": found})
    (args.out / "split_coverage.md").write_text(summary(found))
    print(summary(found))


if __name__ == "__main__":
    main()
