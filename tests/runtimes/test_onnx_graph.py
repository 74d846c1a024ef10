"""The exported graph: right for every family, kept by content, checked when it is found."""

from __future__ import annotations

import logging

import numpy as np
import onnx
import pytest

from headstart.backbones.pretrained.family import ROOM, family
from headstart.core.errors import BackendError
from headstart.core.plugins import names
from headstart.runtimes import onnx_graph
from headstart.runtimes.contract import runtime
from headstart.runtimes.onnx_graph import export
from headstart.runtimes.onnxruntime import open_session
from runtimes.helpers_runtimes import pictures, small_backbone


@pytest.fixture(scope="module")
def backbone():
    return small_backbone()


def test_input_and_output_have_their_names_dtypes_and_a_free_batch(backbone, tmp_path):
    graph = onnx.load(export(backbone, 0, len(backbone.stages), tmp_path)).graph
    (pixels,), (features,) = graph.input, graph.output
    assert (pixels.name, features.name) == ("pixels", "features")
    assert pixels.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [axis.dim_param or axis.dim_value for axis in pixels.type.tensor_type.shape.dim] == ["batch", 32, 32, 3]


def test_the_second_export_finds_the_first(backbone, tmp_path, monkeypatch):
    first = export(backbone, 0, 2, tmp_path)
    monkeypatch.setattr(onnx_graph, "_exported", lambda *_: pytest.fail("exported again"))
    assert export(backbone, 0, 2, tmp_path) == first


def test_other_weights_or_another_slice_get_files_of_their_own(backbone, tmp_path):
    paths = {export(backbone, 0, 1, tmp_path), export(backbone, 0, 2, tmp_path), export(backbone, 1, 2, tmp_path)}
    paths.add(export(small_backbone(seed=1), 0, 1, tmp_path))
    assert len(paths) == 4


def test_a_damaged_file_is_found_and_written_anew(backbone, tmp_path, caplog):
    path = export(backbone, 0, 1, tmp_path)
    good = path.read_bytes()
    path.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    with caplog.at_level(logging.WARNING):
        again = export(backbone, 0, 1, tmp_path)
    assert "damaged" in caplog.text
    assert again.read_bytes() == good
    assert [file.name for file in (tmp_path / "graphs").iterdir()] == [again.name]


def test_the_backbones_mode_and_weights_stay(backbone, tmp_path):
    before = backbone.weights_digest(3), backbone.training, backbone.network.training
    export(backbone, 0, 3, tmp_path)
    assert (backbone.weights_digest(3), backbone.training, backbone.network.training) == before


def test_what_the_exporter_cannot_follow_is_a_backend_error(tmp_path, monkeypatch):
    import torch

    def fails(*args, **options):
        raise RuntimeError("no symbolic for that")

    monkeypatch.setattr(torch.onnx, "export", fails)
    with pytest.raises(BackendError, match="no symbolic for that"):
        export(small_backbone(seed=2), 0, 1, tmp_path)
    assert not (tmp_path / "graphs").exists()


# Of texts and recordings, graphs are compared where their families are tested: at several lengths.
SMALLS = [(name, small) for name in names(ROOM) if family(name).modality == "image" for small in family(name).small]
IDS = [f"{name}-{small.architecture}-{number}" for number, (name, small) in enumerate(SMALLS)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "small"), SMALLS, ids=IDS)
def test_the_graph_of_every_family_of_pictures_equals_eager_for_one_row_and_for_many(name, small, tmp_path):
    backbone = small_backbone(small)
    n = len(backbone.stages)
    pixels = pictures(5, small.image_size)
    expected = runtime("eager", "float32").prepare(backbone, 0, n, 5, 1, tmp_path)(pixels)
    session = open_session(export(backbone, 0, n, tmp_path), 1)
    for rows in (1, 2, 5):
        (outputs,) = session.run(["features"], {"pixels": pixels[:rows]})
        np.testing.assert_allclose(outputs, expected[:rows], rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_the_graph_of_a_vision_transformer_equals_eager(tmp_path):
    backbone = small_backbone(family("vit").small[0])
    n = len(backbone.stages)
    pixels = pictures(3)
    expected = runtime("eager", "float32").prepare(backbone, 0, n, 3, 1, tmp_path)(pixels)
    session = open_session(export(backbone, 0, n, tmp_path), 1)
    for rows in (1, 3):
        (outputs,) = session.run(["features"], {"pixels": pixels[:rows]})
        np.testing.assert_allclose(outputs, expected[:rows], rtol=1e-3, atol=1e-4)
