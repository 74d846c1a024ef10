"""explanations.json: what the worst mistakes rest on, for the report; figures and drawings, beside examples.json.

A fit explains a few of them while that takes seconds; ``headstart explain RUN --mistakes`` all, with every check.
Nothing here chooses or fits anything: the test was read, and its answers are written.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from headstart.core.errors import DataError, HeadstartError
from headstart.core.files import write_json
from headstart.explanation.example import read_example
from headstart.explanation.explaining import Asked, Explained, Explaining

if TYPE_CHECKING:
    from headstart.core.run_folder import RunFolder
    from headstart.data.dataset import Dataset

logger = logging.getLogger(__name__)

SCHEMA = 1
FEW = 6  # mistakes that a fit explains
STEPS = 8  # of integrated gradients: of texts their sum is then within a hundredth (median)
SECONDS = 3.0  # of the processor, after which a fit explains no further one
KEPT = ("explained", "score", "method", "why_method", "unit", "shape", "reference", "cost", "sum_gap", "checks")
MOST_NAMED = 12  # units that are named where there is nothing to draw over


def explain_some(folder: RunFolder, test: Dataset, mistakes: Sequence[tuple[int, str]]) -> None:
    """Explain the first mistakes of a fit whose bundle is written, as long as that takes seconds.

    Args:
        folder: Of the run; gets explanations.json, none where the model cannot be explained.
        test: The test examples.
        mistakes: Place in ``test`` and id of each, in the order of examples.json.
    """
    from headstart import bundle

    try:
        explaining = Explaining(bundle.read(folder.bundle), Asked(checks="quick", steps=STEPS))
        began = time.process_time()
        found = explained_mistakes(explaining, test, mistakes[:FEW], lambda: time.process_time() - began < SECONDS)
    except (HeadstartError, ImportError) as error:  # a fit does not fail for a drawing
        logger.warning("the worst mistakes are not explained: %s", error)
        return
    write_json(folder.explanations, found)


def explained_mistakes(
    explaining: Explaining,
    test: Dataset,
    mistakes: Sequence[tuple[int, str]],
    go_on: Callable[[], bool] = lambda: True,
    advance: Callable[[int], None] = lambda count: None,
) -> dict[str, Any]:
    """explanations.json of mistakes, each its place in ``test`` and its id.

    Args:
        explaining: Of the run's bundle.
        test: Where they lie.
        mistakes: In the order in which the report shows them.
        go_on: Asked before each but the first; no more are explained once it says no.
        advance: Told of each.

    Raises:
        ConfigError: the method asked for cannot explain this model.
    """
    found: list[dict[str, Any]] = []
    for number, (row, name) in enumerate(mistakes):
        if number and not go_on():
            break
        advance(1)
        try:
            explained = explaining.explain(read_example(explaining.predictor, test.parts, test.table, row))
        except (DataError, OSError) as error:
            found.append({"id": name, "error": str(error) or type(error).__name__})
            continue
        found.append({"id": name, "error": None, **_document(explained)})
    return {"schema": SCHEMA, "asked": len(mistakes), "mistakes": found}


def _document(explained: Explained) -> dict[str, Any]:
    """What is said of one, and what can be seen of it: a drawing, a text in pieces, or its largest units by name."""
    from headstart.explanation.drawing import overlay

    document = {key: explained.document[key] for key in KEPT}
    picture, pieces = explained.units.picture(), explained.units.pieces()
    values = explained.attribution.values
    if picture is not None:
        drawn = base64.b64encode(overlay(picture, values, "WEBP")).decode("ascii")
        return {**document, "overlay": f"data:image/webp;base64,{drawn}"}
    flat = [round(float(value), 6) for value in values.reshape(-1)]
    if pieces:
        return {**document, "pieces": [list(piece) for piece in pieces], "values": flat}
    order = sorted(range(len(flat)), key=lambda place: -abs(flat[place]))[:MOST_NAMED]
    return {**document, "names": [explained.units.names[k] for k in order], "values": [flat[k] for k in order]}
