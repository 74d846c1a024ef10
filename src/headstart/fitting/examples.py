"""The examples that the report shows: the worst mistakes beside the training examples most alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from headstart.core.learning import Targets
from headstart.data.excerpt import excerpt
from headstart.evidence.mistakes import Mistake, worst_mistakes

if TYPE_CHECKING:
    from headstart.fitting.outcome import Outcome

SCHEMA = 1
MISTAKES = 12
SHOWN_COLUMNS = 8  # of a row


def examples_document(outcome: Outcome, targets: Targets) -> dict[str, Any]:
    """examples.json: excerpts of the inputs; distances are 1 - cosine of the features."""
    learning, chosen = outcome.learning, outcome.chosen
    wrong = chosen.task.worst(targets, chosen.test_outputs, MISTAKES)
    mistakes = worst_mistakes(wrong, outcome.features(learning.test), outcome.features(learning.train))
    written = chosen.task.written(learning.targets)
    return {"schema": SCHEMA, "mistakes": [_entry(outcome, mistake, written) for mistake in mistakes]}


def _entry(outcome: Outcome, mistake: Mistake, written: Sequence[Any]) -> dict[str, Any]:
    train, test = outcome.learning.train, outcome.learning.test
    return {
        "id": test.ids[mistake.test_row],
        "target": mistake.target,
        "prediction": mistake.prediction,
        "probability": None if mistake.probability is None else round(mistake.probability, 4),
        **excerpt(test, mistake.test_row),
        "nearest": [
            {
                "id": train.ids[row],
                "target": _shown(written[row]),
                "distance": round(distance, 4),
                **excerpt(train, row),
            }
            for row, distance in zip(mistake.nearest_rows, mistake.nearest_distances, strict=True)
        ],
    }


def _shown(target: Any) -> str:
    """A target as the predictions are written."""
    return f"{target:.6g}" if isinstance(target, float) else str(target)
