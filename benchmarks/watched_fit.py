"""``headstart`` with a look at what it does not write down; other benchmarks start it.

    python benchmarks/watched_fit.py WATCHED.json fit FOLDER --method lp_ft ...

The fit is the same as without. WATCHED.json gets the test accuracy of every candidate (``evidence.json`` has all others
by the primary metric alone) and, for the trained one and the one it began from, score and loss on the validation rows
that the guard compared them on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.pop(0)  # this folder: the command is to find what it finds without


def judged(task: Any, targets: Any, outputs: Any) -> dict[str, float]:
    """Score (more is better) and loss at the best temperature, as the guard sees them."""
    from headstart.engine.training.sharpness import best_factor

    loss = task.loss(targets, outputs * best_factor(task, targets, outputs)).mean()
    score = task.score(targets, outputs)
    return {"score": float(-score if targets.kind == "real" else score), "loss": float(loss)}


def watch(found: dict[str, Any]) -> None:
    """Note what passes the guard and the evidence."""
    import numpy as np

    from headstart.fitting import finish
    from headstart.solving import trials

    choose, evidence = trials.against_start, finish._evidence

    def chosen(task: Any, targets: Any, trained: Any, start: Any) -> Any:
        outputs = {each.name: each.solution.out_of_fold for each in (trained, start)}
        known = np.isfinite(np.hstack(list(outputs.values()))).all(axis=1)
        found["start"], found["trained"], found["validation_rows"] = start.name, trained.name, int(known.sum())
        if known.any():
            found["validation"] = {
                each.name: judged(each.task, targets.take(known), outputs[each.name][known])
                for each in (trained, start)
            }
        return choose(task, targets, trained, start)

    def document(outcome: Any, targets: Any, sections: Any) -> Any:
        if targets.kind == "class":
            found["accuracies"] = {
                each.name: float((each.test_outputs.argmax(axis=1) == targets.values[each.test_rows]).mean())
                for each in outcome.solved.contenders
            }
        return evidence(outcome, targets, sections)

    trials.against_start, finish._evidence = chosen, document


def main() -> None:
    """Run the command line, then write."""
    from headstart.cli.main import main as headstart

    place, sys.argv = Path(sys.argv[1]), ["headstart", *sys.argv[2:]]
    found: dict[str, Any] = {}
    watch(found)
    try:
        headstart()
    finally:
        place.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
