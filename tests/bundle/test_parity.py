from __future__ import annotations

import numpy as np
import pytest

from bundle.helpers_bundle import Choice, graph_of, linear_head, pictures, small_backbone, write_small
from headstart.bundle.parity import Side, check
from headstart.core.errors import BackendError

EVEN = np.zeros((2, 2))  # probabilities 0.5 and 0.5


def side(runtime, logits, precision="float32", reason=""):
    return Side(runtime, precision, logits, reason)


def logit_of(probability):
    """Logits of two classes, the first with this probability: log(p / (1 - p)) against 0."""
    return np.array([[np.log(probability / (1 - probability)), 0.0]])


def pair(one, other):
    (found,) = check([one, other])["pairs"]
    return found


def test_a_difference_is_one_of_probabilities_not_of_logits():
    # 0.5 against 0.5001: both classes move by 0.0001
    parity = check([side("a", logit_of(0.5)), side("b", logit_of(0.5001))])
    (found,) = parity["pairs"]
    assert found["largest_probability_difference"] == pytest.approx(1e-4, rel=1e-6)
    assert found["between"] == ["a (float32)", "b (float32)"]
    assert (parity["status"], parity["n"], parity["reason"]) == ("checked", 1, "")


def test_a_constant_added_to_all_logits_of_a_picture_is_no_difference():
    shifted = EVEN + np.array([[1000.0], [-3.0]])
    assert pair(side("a", EVEN), side("b", shifted))["largest_probability_difference"] == 0


def test_largest_mean_and_agreement_over_pictures_by_hand():
    ours = np.concatenate([logit_of(p) for p in (0.50, 0.6, 0.9, 0.3)])
    theirs = np.concatenate([logit_of(p) for p in (0.46, 0.6, 0.9, 0.3)])
    found = pair(side("a", ours, "bfloat16"), side("b", theirs))
    assert found["largest_probability_difference"] == pytest.approx(0.04)
    assert found["mean_probability_difference"] == pytest.approx(0.01)  # 0.04 / 4
    assert found["top1_agreement"] == 0.75  # 0.50 is a tie, which goes to the first class


def test_beyond_the_tolerance_both_sides_are_named():
    with pytest.raises(BackendError, match=r"openvino \(float32\) and eager \(float32\) must agree.* it is 0.4"):
        check([side("openvino", logit_of(0.5)), side("eager", logit_of(0.9))])


@pytest.mark.parametrize("reduced", [0, 1])
def test_a_reduced_precision_on_either_side_bounds_the_mean_instead_of_the_largest(reduced):
    ours = np.concatenate([logit_of(p) for p in (0.5, 0.5, 0.5, 0.5)])
    theirs = np.concatenate([logit_of(p) for p in (0.7, 0.5, 0.5, 0.5)])  # largest 0.2, mean 0.05
    precisions = ["float32", "float32"]
    with pytest.raises(BackendError, match="largest difference"):
        check([side("a", ours), side("b", theirs)])
    precisions[reduced] = "bfloat16"
    found = pair(side("a", ours, precisions[0]), side("b", theirs, precisions[1]))
    assert found["gated"] == "mean"
    with pytest.raises(BackendError, match="mean difference"):
        check([side("a", ours[:2], precisions[0]), side("b", theirs[:2], precisions[1])])  # mean 0.1


def test_each_side_is_compared_with_the_next_not_only_with_the_fits():
    # each lies within the loose bound of the first, which computes in bfloat16, but not within the tight one
    fit = side("openvino", logit_of(0.5), "bfloat16")
    with pytest.raises(BackendError, match=r"onnxruntime \(float32\) and eager \(float32\)"):
        check([fit, side("onnxruntime", logit_of(0.48)), side("eager", logit_of(0.52))])


def test_logits_that_are_not_numbers_are_beyond_any_tolerance():
    with pytest.raises(BackendError, match="it is nan"):
        check([side("a", EVEN), side("b", EVEN * np.nan)])


def test_a_side_that_could_not_run_says_why_and_the_others_count():
    missing = side("onnxruntime", None, reason="is not installed")
    parity = check([side("a", EVEN), missing, side("eager", EVEN)])
    assert parity["status"] == "checked"
    assert [each["status"] for each in parity["sides"]] == ["checked", "not checked", "checked"]
    assert parity["reason"] == "onnxruntime: is not installed"
    assert parity["pairs"][0]["between"] == ["a (float32)", "eager (float32)"]
    assert check([side("a", EVEN), missing])["status"] == "not checked"


def test_without_examples_nothing_is_checked_and_the_manifest_says_so(tmp_path):
    parity = write_small(tmp_path / "bundle", sample=pictures(0)).manifest.parity
    assert (parity["status"], parity["n"], parity["pairs"]) == ("not checked", 0, [])
    assert "no examples were given" in parity["reason"]


def test_a_written_bundle_was_compared_with_both_other_sides(tmp_path):
    parity = write_small(tmp_path / "bundle", runtime=Choice(name="openvino"), sample=pictures(40)).manifest.parity
    assert parity["status"] == "checked"
    assert parity["n"] == 32
    assert [each["runtime"] for each in parity["sides"]] == ["openvino", "onnxruntime", "eager"]
    assert [(each["between"][1], each["n"]) for each in parity["pairs"]] == [
        ("onnxruntime (float32)", 32),
        ("eager (float32)", 8),
    ]
    for each in parity["pairs"]:
        assert each["top1_agreement"] == 1.0
        assert each["largest_probability_difference"] < each["tolerance"] / 10


def test_without_onnxruntime_eager_is_still_compared(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    parity = write_small(tmp_path / "bundle", runtime=Choice(name="openvino")).manifest.parity
    assert [each["status"] for each in parity["sides"]] == ["checked", "not checked", "checked"]
    assert "onnxruntime" in parity["reason"]


def test_features_of_another_network_are_noticed_and_nothing_is_written(tmp_path):
    other = np.random.default_rng(0).normal(size=(4, 256)).astype(np.float32) * 5
    graph = graph_of(small_backbone(), tmp_path / "graphs")
    with pytest.raises(BackendError, match="onnxruntime"):
        write_small(tmp_path / "bundle", features=other, graph=graph)
    assert [path.name for path in tmp_path.iterdir()] == ["graphs"]


def test_a_graph_with_swapped_colours_is_noticed(tmp_path):
    import onnx

    model = onnx.load(graph_of(small_backbone(), tmp_path / "graphs"))
    for node in model.graph.node:
        node.input[:] = ["swapped" if name == "pixels" else name for name in node.input]
    order = onnx.numpy_helper.from_array(np.array([2, 1, 0]), "order")
    model.graph.initializer.append(order)
    model.graph.node.insert(0, onnx.helper.make_node("Gather", ["pixels", "order"], ["swapped"], axis=3))
    onnx.save(model, tmp_path / "swapped.onnx")
    head = linear_head(256)
    with pytest.raises(BackendError, match=r"eager \(float32\) and onnxruntime \(float32\)"):
        write_small(tmp_path / "bundle", graph=tmp_path / "swapped.onnx", runtime=Choice("eager"), fitted=head)


def test_labels_are_compared_one_by_one_and_agree_when_all_of_an_example_do():
    # sigmoid(0) = 0.5, and 0.5001 needs a logit of log(0.5001 / 0.4999); softmax would see no difference at all
    move = np.log(0.5001 / 0.4999)
    ours, theirs = np.array([[0.0, 0.0], [9.0, -9.0]]), np.array([[move, move], [9.0, -9.0]])
    (found,) = check([side("a", ours), side("b", theirs)], "multilabel")["pairs"]
    assert found["largest_probability_difference"] == pytest.approx(1e-4, rel=1e-6)
    assert found["top1_agreement"] == 0.5  # 0.5 is not above one half, 0.5001 is


def test_numbers_are_compared_in_standard_deviations_of_the_predictions():
    ours = np.array([[100.0], [300.0]])  # standard deviation 100
    (found,) = check([side("a", ours), side("b", ours + [[0.05], [0.0]])], "real")["pairs"]
    assert found["largest_relative_difference"] == pytest.approx(0.05 / 100)
    assert "top1_agreement" not in found
    with pytest.raises(BackendError, match="in standard deviations"):
        check([side("a", ours), side("b", ours + 0.2)], "real")  # 0.002 of them
    assert check([side("a", ours, "bfloat16"), side("b", ours + 5.0)], "real")["pairs"][0]["gated"] == "mean"


def test_equal_predictions_have_their_size_for_a_unit():
    ours = np.full((3, 1), 50.0)
    (found,) = check([side("a", ours), side("b", ours * 1.0005)], "real")["pairs"]
    assert found["largest_relative_difference"] == pytest.approx(0.0005)
    zeros = np.zeros((2, 1))
    assert check([side("a", zeros), side("b", zeros)], "real")["pairs"][0]["largest_relative_difference"] == 0
