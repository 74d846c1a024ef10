"""What an answer rests on, without gradients: the map of the last features, or what is missed when parts are gone."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from headstart.data.examples import table_of
from headstart.explanation.drawing import overlay
from headstart.explanation.example import Example as Explainable
from headstart.explanation.explainers.class_activation import has_maps
from headstart.explanation.explaining import Asked, Explaining
from headstart.explanation.explaining import Explained as Found
from headstart.explanation.model import Model as Asking
from headstart.serving.alike import nearest
from headstart.serving.models import Model, Ready

OCCLUSION, MAPS = "occlusion", "class_activation"
MOST_PIECES = 400  # words of a text that are shown


@dataclass(frozen=True)
class Explained:
    """What is said of one example, JSON; see :func:`explained`."""

    document: dict[str, Any]


def explained(model: Model, ready: Ready) -> Explained:
    """One example explained: by its class activation map where the graph gives one, else by occlusion.

    ``values`` has a figure for each unit, positive where it speaks for the answer; ``overlay`` is a picture with its
    cells as a data URL, ``pieces`` a text in pieces with the number of each one's word, ``nearest`` the training
    examples most like it, where the bundle has some.

    Raises:
        DataError: there is nothing in it that could be taken away.
    """
    columns = model.shipped.schema.columns
    table = table_of({column.name: [ready.example.cells.get(column.name)] for column in columns}, columns)[0]
    example = Explainable(ready.prepared, dict(enumerate(ready.example.contents)), table)
    found = _found(model, example)
    wanted = ("explained", "score", "method", "unit", "shape", "names", "values", "reference")
    document = {name: found.document[name] for name in wanted}
    picture = found.units.picture()
    if picture is not None:
        drawn = overlay(picture, found.attribution.values)
        document["overlay"] = "data:image/png;base64," + base64.b64encode(drawn).decode("ascii")
    if pieces := found.units.pieces():
        left_out = [["\u2026", None]] if len(pieces) > MOST_PIECES else []
        document["pieces"] = [*([*piece] for piece in pieces[:MOST_PIECES]), *left_out]
    if model.examples is not None:
        document["nearest"] = nearest(model.examples, found.features)
    return Explained(document)


def _found(model: Model, example: Explainable) -> Found:
    linear = model.shipped.manifest.method.get("form") == "linear"
    method = MAPS if linear and has_maps(Asking(model.predictor, 0)) else OCCLUSION
    return Explaining(model.shipped, Asked(method, checks="none"), predictor=model.predictor).explain(example)
