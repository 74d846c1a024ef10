"""What two tools answered on the same test examples, in a form that fits into a record: so that they can be paired."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Answers = Mapping[str, tuple[str, str, float | None]]  # by example: target, prediction, probability of the second class


def of_peer(path: Path) -> Answers:
    """What ``peers/answers.py`` wrote."""
    return {name: tuple(row) for name, row in json.loads(path.read_text())["answers"].items()}


def of_run(run: Path) -> Answers:
    """The predictions of a run of Headstart; the second class is that whose name comes second."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(run / "predictions" / "test.parquet").to_pydict()
    classes = sorted(name for name in table if name.startswith("probability_"))
    second = table[classes[1]] if len(classes) == 2 else [None] * len(table["id"])
    rows = zip(table["id"], table["target"], table["prediction"], second, strict=True)
    return {name: (str(target), str(prediction), score) for name, target, prediction, score in rows}


def summarized(answers: Answers) -> dict[str, Any]:
    """Fields of a record.

    ``right`` has a 1 for each right answer and a 0 for each other, the examples in the order of their names;
    ``examples`` is a digest of these names and the targets, equal where two records are of the same examples;
    ``roc_auc`` is there where there are two classes.

    >>> facts = summarized({"test/1": ("no", "yes", 0.6), "test/0": ("yes", "yes", 0.7)})
    >>> facts["right"], facts["roc_auc"]
    ('10', 1.0)
    """
    rows = sorted(answers.items())
    targets, predictions, scores = zip(*(row for _, row in rows), strict=True)
    right = [target == prediction for target, prediction in zip(targets, predictions, strict=True)]
    named = json.dumps([(name, target) for name, (target, _, _) in rows])
    facts: dict[str, Any] = {
        "accuracy": sum(right) / len(right),
        "n_test": len(right),
        "right": "".join(str(int(each)) for each in right),
        "examples": hashlib.sha256(named.encode()).hexdigest()[:16],
    }
    if None not in scores:
        from sklearn.metrics import roc_auc_score

        facts["roc_auc"] = float(roc_auc_score([target == max(targets) for target in targets], scores))
    return facts
