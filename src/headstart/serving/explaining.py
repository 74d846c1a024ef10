"""What an answer rests on, without gradients: parts are taken away and the model is asked again."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from headstart.data.examples import table_of
from headstart.explanation.drawing import overlay
from headstart.explanation.example import Example as Explainable
from headstart.explanation.explaining import Asked, Explaining
from headstart.serving.models import Model, Ready

METHOD = "occlusion"
MOST_PIECES = 400  # words of a text that are shown


@dataclass(frozen=True)
class Explained:
    """What is said of one example, JSON; see :func:`explained`."""

    document: dict[str, Any]


def explained(model: Model, ready: Ready) -> Explained:
    """One example explained by occlusion.

    ``values`` has a figure for each unit, positive where it speaks for the answer; ``overlay`` is a picture with its
    cells as a data URL, ``pieces`` a text in pieces with the number of each one's word.

    Raises:
        DataError: there is nothing in it that could be taken away.
    """
    columns = model.shipped.schema.columns
    table = table_of({column.name: [ready.example.cells.get(column.name)] for column in columns}, columns)[0]
    example = Explainable(ready.prepared, dict(enumerate(ready.example.contents)), table)
    found = Explaining(model.shipped, Asked(METHOD, checks="none"), predictor=model.predictor).explain(example)
    wanted = ("explained", "score", "method", "unit", "shape", "names", "values", "reference")
    document = {name: found.document[name] for name in wanted}
    picture = found.units.picture()
    if picture is not None:
        drawn = overlay(picture, found.attribution.values)
        document["overlay"] = "data:image/png;base64," + base64.b64encode(drawn).decode("ascii")
    if pieces := found.units.pieces():
        document["pieces"] = [list(piece) for piece in pieces[:MOST_PIECES]]
    return Explained(document)
