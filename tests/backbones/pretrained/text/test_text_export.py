"""Every text network as an ONNX graph, at other batch sizes and lengths than it was traced at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from backbones.helpers_backbones import small_backbone
from headstart.backbones.pretrained.family import ROOM, family
from headstart.core import plugins

onnxruntime = pytest.importorskip("onnxruntime")
openvino = pytest.importorskip("openvino")
QUICK = {"bert_like": 0, "mpnet": 0, "deberta": 1, "albert": 0, "decoder": 4, "t5_encoder": 0}  # a member by family
MEMBERS = [
    pytest.param(
        name,
        number,
        id=f"{name}-{family(name).small[number].architecture}-{number}",
        marks=[] if QUICK.get(name) == number else pytest.mark.slow,
    )
    for name in plugins.names(ROOM)
    if family(name).modality == "text"
    for number in range(len(family(name).small))
]
SHAPES = ((1, 4), (3, 7), (5, 40))  # traced at (2, 24)
TOLERANCE = 1e-4


def texts(rows: int, length: int, rng: np.random.Generator) -> np.ndarray:
    values = np.zeros((rows, length, 2), np.int32)
    values[:, :, 0] = rng.integers(0, 50, (rows, length))
    values[1::2, max(2, length // 3) :] = -1
    return values


@pytest.mark.filterwarnings("ignore::UserWarning")  # of the exporter and of code it traces; outputs are compared
@pytest.mark.parametrize(("name", "number"), MEMBERS)
def test_graphs_of_the_whole_and_of_its_two_halves_equal_torch_at_every_length(name, number, tmp_path):
    from headstart.runtimes import onnx_graph
    from headstart.runtimes.torch_slice import Slice

    backbone = small_backbone(family(name).small[number], name=name)
    with torch.no_grad():
        for value in backbone.parameters():
            value.add_(torch.randn(value.shape, generator=torch.Generator().manual_seed(0)) * 0.2)
    end = len(backbone.stages)
    core = openvino.Core()
    rng = np.random.default_rng(0)
    halves = ((0, 1), (1, end)) if number == 0 else ()
    for start, stop in ((0, end), *halves):
        path = str(onnx_graph.export(backbone, start, stop, tmp_path))
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        compiled = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        given = session.get_inputs()[0].name
        for rows, length in SHAPES:
            with torch.inference_mode():
                values = torch.from_numpy(texts(rows, length, rng))
                values = Slice(backbone, 0, start)(values) if start else values
                expected = Slice(backbone, start, stop)(values).numpy()
            for found in (session.run(None, {given: values.numpy()})[0], compiled({given: values.numpy()})[0]):
                np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=1e-4)  # NaN where NaN
