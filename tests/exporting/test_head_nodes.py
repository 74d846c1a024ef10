"""What comes behind the network in the graph: heads on roots, calibrators, probabilities."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from headstart.core.learning import Targets
from headstart.evaluation.calibrators.isotonic import Isotonic, IsotonicConfig
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.exporting.graph_nodes import Nodes
from headstart.exporting.head_nodes import probability_nodes
from headstart.postprocessing.postprocessing import Postprocessing

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(300, 3)) * 2


def probabilities_of(postprocessing, kind, logits):
    nodes = Nodes("answer")
    nodes("Identity", probability_nodes(nodes, "logits", kind, postprocessing), output="probabilities")
    helper, kinds = onnx.helper, onnx.TensorProto
    value = helper.make_tensor_value_info
    taken, given = value("logits", kinds.FLOAT, ["B", 3]), value("probabilities", kinds.FLOAT, ["B", 3])
    graph = helper.make_graph(nodes.nodes, "answer", [taken], [given], nodes.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"logits": logits.astype(np.float32)})[0]


@pytest.mark.parametrize("kind", ["class", "multilabel"])
def test_curves_of_isotonic_regression_are_in_the_graph(kind):
    labels = (LOGITS + RNG.normal(size=LOGITS.shape) > 0).astype(float)
    values = labels if kind == "multilabel" else LOGITS.argmax(axis=1)
    arrays = Isotonic(IsotonicConfig()).fit(Targets(values, kind, 3), LOGITS)
    postprocessing = Postprocessing.of_calibrator("isotonic", arrays)
    other = np.concatenate([LOGITS, RNG.normal(size=(50, 3)) * 9])  # also beyond what was seen
    outputs = postprocessing.outputs(other, kind)
    expected = sigmoid(outputs) if kind == "multilabel" else softmax(outputs)
    np.testing.assert_allclose(probabilities_of(postprocessing, kind, other), expected, atol=2e-4)


@pytest.mark.parametrize("kind", ["class", "multilabel"])
@pytest.mark.parametrize(
    ("name", "arrays"),
    [
        ("none", {}),
        ("temperature", {"temperature": np.array([1.7])}),
        ("vector", {"scale": np.array([1.0, 0.5, 2.0]), "shift": np.array([0.1, 0.0, -0.3])}),
    ],
)
def test_other_calibrators_are_operators_too(kind, name, arrays):
    postprocessing = Postprocessing.of_calibrator(name, arrays)
    outputs = postprocessing.outputs(LOGITS, kind)
    expected = sigmoid(outputs) if kind == "multilabel" else softmax(outputs)
    np.testing.assert_allclose(probabilities_of(postprocessing, kind, LOGITS), expected, atol=1e-6)
