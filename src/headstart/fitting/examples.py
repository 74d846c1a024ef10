"""The examples that the report shows: the worst mistakes beside the training examples most alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from headstart.bundle.heads import load_head
from headstart.core.learning import Wrong
from headstart.data.excerpt import excerpt
from headstart.evidence.mistakes import Mistake, worst_mistakes

if TYPE_CHECKING:
    from headstart.fitting.outcome import Outcome

SCHEMA = 1
MISTAKES = 12
SHOWN_COLUMNS = 8  # of a row


def examples_document(outcome: Outcome, wrong: Sequence[Wrong]) -> dict[str, Any]:
    """examples.json: excerpts of the inputs; distances are 1 - cosine of the features."""
    learning, chosen = outcome.learning, outcome.chosen
    features = outcome.features(learning.train)
    mistakes = worst_mistakes(
        wrong, outcome.features(learning.test), features, answers=_answers(outcome, features) if wrong else None
    )
    written = chosen.task.written(learning.targets)
    return {"schema": SCHEMA, "mistakes": [_entry(outcome, mistake, written) for mistake in mistakes]}


def _answers(outcome: Outcome, features: Any) -> list[str] | None:
    """What the model that ships answers of ``features`` ``(n, D)``; None for numbers, of which each is another."""
    task = outcome.chosen.task
    if not task.class_names:
        return None
    outputs = load_head(outcome.chosen.solution.fitted)(features)
    calibrated = outcome.answers.postprocessing.outputs(outputs, task.kind)
    return [str(answer) for answer in task.predictions(calibrated)["prediction"]]


def _entry(outcome: Outcome, mistake: Mistake, written: Sequence[Any]) -> dict[str, Any]:
    train, test = outcome.learning.train, outcome.learning.test

    def near(row: int, distance: float) -> dict[str, Any]:
        shown = {"id": train.ids[row], "target": shown_target(written[row]), "distance": round(distance, 4)}
        return {**shown, **excerpt(train, row)}

    otherwise = mistake.otherwise_row
    return {
        "id": test.ids[mistake.test_row],
        "target": mistake.target,
        "prediction": mistake.prediction,
        "probability": None if mistake.probability is None else round(mistake.probability, 4),
        **excerpt(test, mistake.test_row),
        "nearest": [
            near(row, distance) for row, distance in zip(mistake.nearest_rows, mistake.nearest_distances, strict=True)
        ],
        "otherwise": None if otherwise is None else near(otherwise, mistake.otherwise_distance or 0.0),
    }


def shown_target(target: Any) -> str:
    """A target as the predictions are written."""
    return f"{target:.6g}" if isinstance(target, float) else str(target)
