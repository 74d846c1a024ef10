"""Every runtime on inputs of many lengths: equal to eager, and no bit depends on the rows beside a row."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from headstart.core.errors import BackendError, MissingExtraError, ShapeError
from headstart.runtimes.contract import runtime
from headstart.runtimes.onnx_graph import export
from headstart.runtimes.parity import require_parity
from runtimes.helpers_runtimes import TextBackbone, candidates, tokens

BATCH = 16
LENGTHS = (2, 7, 12, 64, 90)  # of 90 positions 8 rows are computed at once


@pytest.fixture(scope="module")
def backbone():
    return TextBackbone()


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    return tmp_path_factory.mktemp("graphs")


def prepared(name, precision, backbone, start, stop, graphs):
    try:
        candidate = runtime(name, precision)
        candidate.version()
    except (BackendError, MissingExtraError) as error:
        pytest.skip(str(error))
    return candidate.prepare(backbone, start, stop, BATCH, 1, graphs)


@pytest.mark.parametrize(("name", "precision"), candidates("text"))
def test_features_of_any_length_agree_with_eager_and_do_not_depend_on_other_rows(name, precision, backbone, graphs):
    eager = runtime("eager", "float32").prepare(backbone, 0, 3, BATCH, 1, graphs)
    compute = prepared(name, precision, backbone, 0, 3, graphs)
    for length in (*LENGTHS, LENGTHS[0]):  # back to the first one, too
        batch = np.stack(tokens(2 * BATCH + 1, (length,), seed=length))
        features = compute(batch)
        assert features.shape == (len(batch), 16) and features.dtype == np.float32
        require_parity(eager(batch), features, precision)
        assert np.array_equal(compute(batch[::-1]), features[::-1])
        one_by_one = np.concatenate([compute(batch[i : i + 1]) for i in range(len(batch))])
        assert np.array_equal(one_by_one, features)
    assert compute(batch[:0]).shape == (0, 16)


@pytest.mark.parametrize(("name", "precision"), candidates("text"))
def test_a_slice_from_the_middle_takes_what_the_one_before_packed(name, precision, backbone, graphs):
    first = prepared(name, precision, backbone, 0, 1, graphs)
    rest = prepared(name, precision, backbone, 1, 3, graphs)
    whole = runtime("eager", "float32").prepare(backbone, 0, 3, BATCH, 1, graphs)
    for length in LENGTHS:
        batch = np.stack(tokens(BATCH + 1, (length,), seed=length))
        between = first(batch)
        assert between.shape == (len(batch), length, 16)
        assert np.array_equal(np.isnan(between[:, :, 0]), batch[:, :, 0] < 0), "NaN where padded, and only there"
        require_parity(whole(batch), rest(between), precision)


def test_what_stands_in_padded_positions_of_other_rows_and_how_many_there_are_does_not_count(backbone, graphs):
    compute = runtime("eager", "float32").prepare(backbone, 0, 3, BATCH, 1, graphs)
    short = np.stack(tokens(3, (6,)))
    longer = np.concatenate([short, np.full((3, 4, 2), -1, np.int32)], axis=1)
    np.testing.assert_allclose(compute(longer), compute(short), rtol=1e-5, atol=1e-6)


def test_pictures_where_tokens_must_be_are_refused(backbone, graphs):
    compute = runtime("eager", "float32").prepare(backbone, 0, 3, BATCH, 1, graphs)
    with pytest.raises(ShapeError, match="must be int32"):
        compute(np.zeros((2, 8, 8, 3), np.uint8))


def test_the_graph_names_its_input_as_the_backbone_does_and_leaves_batch_and_length_free(backbone, graphs):
    def axes(value):
        return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]

    graph = onnx.load(export(backbone, 0, 3, graphs)).graph
    assert [(value.name, axes(value)) for value in graph.input] == [("tokens", ["batch", "length", 2])]
    assert graph.output[0].name == "features" and axes(graph.output[0])[0] == "batch"
    graph = onnx.load(export(backbone, 1, 2, graphs)).graph
    assert [(value.name, axes(value)) for value in graph.input] == [("values", ["batch", "length", 16])]
    assert axes(graph.output[0])[:2] == ["batch", "length_out"]
