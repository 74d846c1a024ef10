"""The whole model as calls of operators: from raw inputs to answers, whatever the calls write or compute.

What is described here once is written as an ONNX graph by :class:`graph_nodes.Nodes`, and computed by PyTorch, which
records it, by :class:`torch_nodes.TorchNodes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph import LOGITS, PREDICTION
from headstart.core.preprocessing import ImagePreprocessing
from headstart.exporting.column_nodes import ColumnFeatures, Layout, laid_out
from headstart.exporting.exportable import COLUMNS, Exportable
from headstart.exporting.graph_nodes import Operators, Value
from headstart.exporting.head_nodes import head_nodes, probability_nodes
from headstart.exporting.picture_graph import resize_nodes
from headstart.exporting.term_nodes import counted_nodes, linear_of_terms, term_nodes

PROBABILITIES = "probabilities"


def outputs_of(model: Exportable) -> list[str]:
    """Names of what the model gives."""
    return [PREDICTION] if model.kind == "real" else [PROBABILITIES, LOGITS]


def layout_of(model: Exportable) -> list[Layout]:
    """Where the values of plain columns stand, for all encoders alike."""
    fitted = [model.fitted(source) for source in model.sources if source.kind == "fitted"]
    encoders = [backbone for record, backbone in fitted if record.name in COLUMNS]
    return laid_out(model.shipped.schema.columns, encoders)


def model_nodes(
    nodes: Operators,
    model: Exportable,
    taken: Mapping[str, Value],
    network: Callable[[int, Value], tuple[Value, Value | None]],
    branches: bool,
    fixed: bool = False,
) -> dict[str, Value]:
    """What the model gives, by name of :func:`outputs_of`.

    Args:
        nodes: What operators are called on.
        model: What is exported.
        taken: Values by name of :attr:`Exportable.inputs`.
        network: From place of a source and its prepared input to features, and to outputs where it holds the head.
        branches: Whether the format's runtime is sound where a graph branches.
        fixed: Whether inputs come with fixed sizes: pictures resized, the count of every term (``fixed_sizes``).
    """
    outputs = None
    terms = None if fixed else _only_terms(model)
    if terms is not None:
        outputs = linear_of_terms(nodes, taken[model.inputs[0].name], terms, model.head)
    else:
        found: list[tuple[Value, bool]] = []
        for place in range(len(model.sources)):
            features, outputs = _source_nodes(nodes, model, place, taken, network, branches, fixed)
            found.append((features, _is_second(model, place)))
        if outputs is None or len(found) > 1:
            outputs = head_nodes(nodes, _side_by_side(nodes, found), model.head)
    if model.kind == "real":
        return {PREDICTION: outputs}
    probabilities = probability_nodes(nodes, outputs, model.kind, model.shipped.postprocessing())
    return {PROBABILITIES: probabilities, LOGITS: outputs}


def _only_terms(model: Exportable) -> Mapping[str, NDArray[Any]] | None:
    """Arrays of a model of counted words with a linear head, whose features need not be laid out."""
    [source, *others] = model.sources
    if others or model.inputs[0].kind != "terms" or model.head.spec["form"] != "linear":
        return None
    return model.fitted(source)[1].arrays


def _source_nodes(
    nodes: Operators,
    model: Exportable,
    place: int,
    taken: Mapping[str, Value],
    network: Callable[[int, Value], tuple[Value, Value | None]],
    branches: bool,
    fixed: bool,
) -> tuple[Value, Value | None]:
    """Features ``(B, D)`` of one source, and outputs of a network that holds the head."""
    source, raw = model.sources[place], taken[model.input_of(place).name]
    if source.kind == "network":
        preprocessing = model.network(source).preprocessing
        if isinstance(preprocessing, ImagePreprocessing) and not fixed:
            raw = resize_nodes(nodes, raw, preprocessing, branches)
        return network(place, raw)
    record, backbone = model.fitted(source)
    if record.name in COLUMNS:
        return ColumnFeatures(nodes, raw, layout_of(model)).features(backbone), None
    return (counted_nodes if fixed else term_nodes)(nodes, raw, backbone.arrays), None


def _is_second(model: Exportable, place: int) -> bool:
    """Whether a source is of the second input of a pair, and the one before of the first; see ``core.pairs``."""
    part, before = model.sources[place].part, model.sources[place - 1].part if place else None
    if part is None or before is None or before != part - 1:
        return False
    return model.shipped.schema.parts[before].paired


def _side_by_side(nodes: Operators, found: list[tuple[Value, bool]]) -> Value:
    """All features; after the second of a pair how the two differ, and their product."""
    joined: list[Any] = []
    for place, (own, is_second) in enumerate(found):
        joined.append(own)
        if is_second:
            first = found[place - 1][0]
            joined += [nodes("Abs", nodes("Sub", first, own)), nodes("Mul", first, own)]
    return joined[0] if len(joined) == 1 else nodes("Concat", *joined, axis=1)


def output_width(model: Exportable) -> int:
    """K, or 1 of numbers."""
    return len(model.shipped.class_names) or 1


def shapes_of(model: Exportable) -> dict[str, tuple[Any, list[int | str]]]:
    """Dtype and shape of each input by name; letters where a side is free, which B alone is shared by all."""
    shapes: dict[str, tuple[Any, list[int | str]]] = {}
    for each in model.inputs:
        if each.kind == "columns":
            layout = layout_of(model)
            last = layout[-1]
            shapes[each.name] = np.float64, ["B", last.first + (6 if last.column.kind == "date" else 1)]
        elif each.kind == "image":
            shapes[each.name] = np.uint8, ["B", f"H_{each.name}", f"W_{each.name}", 3]
        elif each.kind == "sound":
            shapes[each.name] = np.float32, ["B", f"S_{each.name}"]
        else:
            shapes[each.name] = np.int32, ["B", f"T_{each.name}", 2]
    return shapes
