"""What a peer answered on the test part, example by example, as JSON: the peers whose answers are paired share this."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path


def write_answers(
    out: Path,
    names: Sequence[str],
    targets: Sequence[str],
    predictions: Sequence[str],
    second: Sequence[float] | None,
) -> None:
    """``accuracy``, ``n_test`` and, by example, ``[target, prediction, probability of the second class or null]``.

    Args:
        out: The file.
        names: Of the test examples, as Headstart names them: ``test/CLASS/FILE`` or ``test/ROW``.
        targets: In the order of ``names``.
        predictions: In the order of ``names``.
        second: Probability of the second class in the order of names; None where there are more than two classes.
    """
    right = sum(target == prediction for target, prediction in zip(targets, predictions, strict=True))
    scores = [None] * len(names) if second is None else [float(score) for score in second]
    rows = zip(names, targets, predictions, scores, strict=True)
    document = {
        "accuracy": right / len(names),
        "n_test": len(names),
        "answers": {name: [target, prediction, score] for name, target, prediction, score in rows},
    }
    out.write_text(json.dumps(document) + "\n")
