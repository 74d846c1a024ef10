"""Grad-CAM and integrated gradients on small real networks, against what must hold."""

from functools import partial

import numpy as np
import pytest
import torch

from bundle.helpers_bundle import IMAGE, linear_head, pictures, small_backbone
from bundle.helpers_text import PREPROCESSING, QUESTION, WORDS, word_network
from headstart.bundle.predictor import Pass, Predictor, Source
from headstart.core.schema import InputSchema
from headstart.data.modalities import modality
from headstart.explanation.example import Example
from headstart.explanation.explainers.grad_cam import GradCam, cam
from headstart.explanation.explainers.hires_cam import HiResCam, deeper, drawn, to_cells
from headstart.explanation.explainers.integrated_gradients import IntegratedGradients, IntegratedGradientsConfig
from headstart.explanation.maps import StageMap, stage_maps
from headstart.explanation.model import Model, direction, margin
from headstart.explanation.network import Network, random_weights
from headstart.explanation.question import Question
from headstart.explanation.unit import units_of
from headstart.methods.linear import linear_outputs
from headstart.postprocessing.postprocessing import Postprocessing

SEES_PICTURES = InputSchema(parts=(IMAGE,))


def model_of(backbone, head, schema, column):
    """A predictor in eager torch, and the network that gradients go through."""
    preparer = modality(backbone.modality).preparer(backbone.preprocessing, backbone.assets)

    def compute(values):
        with torch.no_grad():
            return backbone(torch.from_numpy(np.ascontiguousarray(values))).numpy()

    over = Pass(0, preparer, compute, 8, "eager", "float32")
    predictor = Predictor(schema, (Source(0, over),), partial(linear_outputs, head), Postprocessing(), "class")
    return Model(predictor, column), Network(backbone, head.arrays["weight"], column, "class")


def question_of(model, network, prepared, content=b""):
    example = Example((prepared,), {0: content})
    return Question(example, units_of(model.predictor, example), model, lambda: (network,))


def pictured(family, column=1):
    backbone = small_backbone(family)
    return question_of(*model_of(backbone, linear_head(backbone.feature_dim), SEES_PICTURES, column), pictures(1)[0])


@pytest.mark.parametrize("way", [GradCam, HiResCam])
@pytest.mark.parametrize("family", ["efficientnet", "resnet", "vit"])
def test_a_map_is_found_of_every_family_and_speaks_for_the_class_alone(family, way):
    found = [way(None).explain(pictured(family, column)).values for column in range(3)]
    assert all(values.shape == (14, 14) and np.isfinite(values).all() and values.min() >= 0 for values in found)
    assert max(values.max() for values in found) > 0, "margins add up to 0, so some class is spoken for"
    assert not np.array_equal(found[0], found[1]) or not np.array_equal(found[1], found[2])


def test_before_pooling_the_map_is_the_classic_one_worked_out_by_hand():
    # features are means of the last map, so the margin is the mean over places of weight times map
    question = pictured("resnet")
    network = question.networks()[0]
    pixels = question.example.prepared[0]
    stage, found = cam(network, pixels)
    number = network.backbone.stages.index(stage) + 1
    with torch.no_grad():
        last = network.backbone.run(network.backbone.enter(torch.from_numpy(pixels[None])), 0, number).values[0].numpy()
    weights = direction(network.weight, network.column, "class")
    by_hand = np.tensordot(weights, last.astype(np.float64), 1) / last[0].size
    np.testing.assert_allclose(found, np.maximum(by_hand, 0), atol=1e-5)


@pytest.mark.parametrize("family", ["efficientnet", "resnet", "vit"])
def test_integrated_gradients_add_up_to_the_difference_of_the_margins(family):
    question = pictured(family)
    found = IntegratedGradients(IntegratedGradientsConfig(steps=64)).explain(question)
    kept = np.stack([np.ones((14, 14), bool), np.zeros((14, 14), bool)])
    everything, nothing = question.model.margins(question.units, kept)
    assert found.gap < 0.05
    assert found.values.sum() == pytest.approx(everything - nothing, rel=0.06)


def test_of_a_mean_of_words_every_word_counts_what_it_says_more_than_the_unknown_word():
    # features are means of (number, number ** 2) and the unknown word is 0, so with k words: w . (n, n ** 2) / k
    backbone, head = word_network(), linear_head(2)
    model, network = model_of(backbone, head, InputSchema(parts=(QUESTION,)), 2)
    text = b"one three, two"
    prepared = model.predictor.passes[0].preparer.prepare(text)
    question = question_of(model, network, prepared, text)
    assert question.units.names == ("one", "three", ",", "two")
    found = IntegratedGradients(IntegratedGradientsConfig(steps=1)).explain(question)
    slope = direction(head.arrays["weight"], 2, "class")
    numbers = np.array([WORDS.get(word, 0) for word in question.units.names], float)
    np.testing.assert_allclose(found.values, (slope[0] * numbers + slope[1] * numbers**2) / 4, atol=1e-6)
    assert found.gap < 1e-5


def test_words_that_are_taken_away_leave_the_stand_in_and_the_padding_stays():
    model, network = model_of(word_network(), linear_head(2), InputSchema(parts=(QUESTION,)), 0)
    text = b"two one three"
    prepared = modality("text").preparer(PREPROCESSING, word_network().assets).prepare(text)
    units = question_of(model, network, prepared, text).units
    (changed,) = units.without(np.array([[True, False, True]])).prepared
    assert changed[0, :, 0].tolist() == [2, 0, 3, -1]
    assert [text for text, _ in units.pieces()] == ["two", " ", "one", " ", "three"]


def test_a_margin_does_not_depend_on_what_all_logits_have_in_common():
    logits = np.array([[1.0, 4.0, -2.0]])
    assert margin(logits + 7, 1, "class").tolist() == margin(logits, 1, "class").tolist() == [3.0]
    assert margin(logits, 1, "multilabel").tolist() == [4.0]
    weight = np.random.default_rng(0).normal(size=(3, 5))
    features = np.random.default_rng(1).normal(size=(2, 5))
    np.testing.assert_allclose(features @ direction(weight, 2, "class"), margin(features @ weight.T, 2, "class"))


def test_random_weights_are_of_the_same_size_for_each_feature_and_others():
    weight = np.random.default_rng(0).normal(size=(400, 2)) * [1.0, 100.0]
    drawn = random_weights(weight, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.std(axis=0), [1.0, 100.0], rtol=0.1)
    assert abs(np.corrcoef(weight[:, 0], drawn[:, 0])[0, 1]) < 0.2


def test_a_network_with_random_weights_is_another_one_of_the_same_shape():
    network = pictured("resnet").networks()[0]
    other = network.with_random_weights(5)
    assert other.backbone.stages == network.backbone.stages and other.weight.shape == network.weight.shape
    assert not np.allclose(cam(other, pictures(1)[0])[1], cam(network, pictures(1)[0])[1])


def test_each_place_counts_by_its_own_slope_and_what_speaks_against_is_cut_off():
    values = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]]])
    slope = torch.tensor([[[1.0, 1.0], [-1.0, 0.5]], [[3.0, 9.0], [9.0, 2.0]]])
    # 1 * 1 + 1 * 3 = 4, 2 * 1 = 2, -3 and 4 * 0.5 + 1 * 2 = 4
    assert drawn(StageMap("s", values, slope)).tolist() == [[1.0, 0.5], [0.0, 1.0]]
    assert drawn(StageMap("s", values, -slope.abs())).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_of_the_deeper_half_maps_at_most_twice_as_fine_as_the_last_are_added_up():
    def of(*rows):
        return [StageMap(str(n), torch.zeros(1, n, n), torch.zeros(1, n, n)) for n in rows]

    assert [each.stage for each in deeper(of(112, 56, 28, 14, 14, 7, 7))] == ["14", "14", "7", "7"]
    assert [each.stage for each in deeper(of(56, 28, 8))] == ["8"]
    assert [each.stage for each in deeper(of(14, 14, 14, 14))] == ["14", "14"]


def test_a_map_that_is_finer_than_cells_is_averaged_and_a_coarse_one_is_drawn_between_its_places():
    fine = np.arange(16.0).reshape(4, 4)
    assert to_cells(fine, (2, 2)).tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert to_cells(np.array([[0.0, 4.0]]), (1, 4)).tolist() == [[0.0, 1.0, 3.0, 4.0]]


def test_maps_of_several_networks_add_up():
    one = pictured("resnet")
    both = Question(one.example, one.units, one.model, lambda: one.networks() * 2)
    for way in (HiResCam(None), GradCam(None), IntegratedGradients(IntegratedGradientsConfig(steps=2))):
        alone, together = way.explain(one), way.explain(both)
        np.testing.assert_allclose(together.values, 2 * alone.values, atol=1e-6)
        assert together.gap == pytest.approx(alone.gap) and "2 networks" in together.cost


def test_maps_behind_which_the_answer_does_not_change_are_left_out():
    question = pictured("vit")
    (network,) = question.networks()
    found = stage_maps(network, question.example.prepared[0])
    assert all(bool(each.slope.any()) for each in found[-1:]) and len(found) < len(network.backbone.stages)
