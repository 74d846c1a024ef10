"""Resizing in the graph: the pixels that Headstart's own preparation makes of the same picture."""

from __future__ import annotations

import io

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.preprocess import prepare
from headstart.exporting.graph_nodes import Nodes
from headstart.exporting.picture_graph import resize_nodes

SIZES = ((90, 120), (120, 90), (260, 60), (20, 26), (9, 200), (40, 40), (1, 1))


def session_of(preprocessing):
    nodes = Nodes("prepare")
    nodes("Identity", resize_nodes(nodes, "pixels", preprocessing), output="out")
    helper, kinds = onnx.helper, onnx.TensorProto
    taken = helper.make_tensor_value_info("pixels", kinds.UINT8, ["B", "H", "W", 3])
    given = helper.make_tensor_value_info("out", kinds.UINT8, ["B", *preprocessing.image_size, 3])
    graph = helper.make_graph(nodes.nodes, "resize", [taken], [given], nodes.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString())


def picture(height, width, seed):
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 6 + 1, width // 6 + 1, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def encoded(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("resize", ["crop", "squash", "pad"])
def test_pixels_of_any_size_are_those_that_pillow_makes(resize, interpolation):
    preprocessing = ImagePreprocessing(image_size=(40, 48), resize=resize, interpolation=interpolation)
    session = session_of(preprocessing)
    for seed, (height, width) in enumerate(SIZES):
        pixels = picture(height, width, seed)
        found = session.run(None, {"pixels": pixels[None]})[0][0].astype(int)
        expected = prepare(encoded(pixels), preprocessing).astype(int)
        assert np.abs(found - expected).max() <= 2, (height, width)
        assert np.mean(found == expected) > {"bicubic": 0.98, "bilinear": 0.95}[interpolation]


def test_a_batch_is_its_pictures_one_by_one():
    session = session_of(ImagePreprocessing(image_size=(32, 32)))
    pixels = np.stack([picture(50, 70, seed) for seed in range(3)])
    together = session.run(None, {"pixels": pixels})[0]
    for row in range(3):
        np.testing.assert_array_equal(together[row : row + 1], session.run(None, {"pixels": pixels[row : row + 1]})[0])


def test_padding_is_the_mean_colour_above_and_below():
    preprocessing = ImagePreprocessing(image_size=(8, 8), resize="pad", mean=(0.2, 0.4, 0.6))
    found = session_of(preprocessing).run(None, {"pixels": np.full((1, 4, 8, 3), 9, np.uint8)})[0][0]
    assert (found[2:6] == 9).all()  # 4 rows of the picture in the middle of 8
    assert (found[[0, 1, 6, 7]] == [51, 102, 153]).all()
