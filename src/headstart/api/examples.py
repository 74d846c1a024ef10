"""The pictures that the report shows: the worst mistakes beside the training pictures most alike."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.data.thumbnail import thumbnail
from headstart.evidence.mistakes import Mistake, worst_mistakes

if TYPE_CHECKING:
    from headstart.api.finish import Outcome
    from headstart.data.dataset import Dataset

SCHEMA = 1


def examples_document(outcome: Outcome, targets: Targets) -> dict[str, Any]:
    """examples.json: thumbnails as data URLs; distances are 1 - cosine of the features."""
    _, probabilities = outcome.task.decode(outcome.chosen.test_logits)
    mistakes = worst_mistakes(targets.values, probabilities, outcome.features("test"), outcome.features("train"))
    return {"schema": SCHEMA, "mistakes": [_entry(outcome, targets, mistake) for mistake in mistakes]}


def _entry(outcome: Outcome, targets: Targets, mistake: Mistake) -> dict[str, Any]:
    names, train, test = outcome.task.class_names, outcome.learning.train, outcome.learning.test
    return {
        "id": test.ids[mistake.test_row],
        "target": names[targets.values[mistake.test_row]],
        "prediction": names[mistake.predicted],
        "probability": round(mistake.probability, 4),
        "thumbnail": _picture(test, mistake.test_row),
        "nearest": [
            {
                "id": train.ids[row],
                "target": str(train.targets[row]),
                "distance": round(distance, 4),
                "thumbnail": _picture(train, row),
            }
            for row, distance in zip(mistake.nearest_rows, mistake.nearest_distances, strict=True)
        ],
    }


def _picture(dataset: Dataset, row: int) -> str | None:
    """A data URL; None when the file went away since it was read."""
    try:
        content = thumbnail(dataset.inputs.read(row))
    except (DataError, OSError):
        return None
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
