"""Bundles of networks for texts: the tokenizer travels along, lengths differ, nothing heavy is needed to predict."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest

from bundle.helpers_bundle import BLOCKED, Choice, linear_head, rewrite_manifest
from bundle.helpers_text import TEXTS, TOKENIZER, features_by_hand, write_words
from headstart import bundle
from headstart.core.errors import BackendError, IntegrityError
from headstart.core.learning import Fitted


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return write_words(tmp_path_factory.mktemp("words") / "b").folder


def predicted(read, texts, runtime="auto"):
    predictor = read.predictor(runtime)
    (over,) = predictor.passes
    features = np.concatenate([over.compute(over.preparer.prepare(text)[None]) for text in texts])
    return features, predictor.outputs([features])


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_texts_of_any_length_are_what_the_words_say(words, runtime):
    features, outputs = predicted(bundle.read(words), TEXTS, runtime)
    np.testing.assert_allclose(features, [features_by_hand(text) for text in TEXTS], atol=1e-6)
    head = linear_head(2).arrays
    np.testing.assert_allclose(outputs, features @ head["weight"].T + head["bias"], atol=1e-5)


def test_the_tokenizer_is_one_of_the_files_and_is_checked(words, tmp_path):
    read = bundle.read(words)
    (record,) = read.manifest.networks.values()
    assert record.assets == {"tokenizer.json": "assets/words/tokenizer.json"}
    assert (words / "assets" / "words" / "tokenizer.json").read_bytes() == TOKENIZER
    assert (record.input_name, record.input_dtype) == ("tokens", "int32")
    copy = shutil.copytree(words, tmp_path / "copy")
    (copy / "assets" / "words" / "tokenizer.json").write_bytes(TOKENIZER.replace(b"one", b"eno"))
    with pytest.raises(IntegrityError, match=r"tokenizer.json has other bytes"):
        bundle.read(copy)


@pytest.mark.parametrize("place", ["../tokenizer.json", "assets/../../x", "assets/words/../../x", "/etc/passwd"])
def test_an_asset_outside_the_folder_is_refused(words, tmp_path, place):
    copy = shutil.copytree(words, tmp_path / "copy")

    def moved(document):
        document["networks"]["words"]["assets"]["tokenizer.json"] = place
        document["files"][place] = document["files"].pop("assets/words/tokenizer.json")

    rewrite_manifest(copy, moved)
    with pytest.raises(IntegrityError, match="no place for an asset"):
        bundle.read(copy)


def test_the_graph_goes_from_tokens_to_logits_for_any_number_of_texts_and_lengths(words):
    import onnxruntime

    graph = onnx.load(words / "model.onnx").graph
    assert [value.name for value in graph.input] == ["tokens"]
    assert [value.name for value in graph.output] == ["features", "logits"]
    session = onnxruntime.InferenceSession(words / "model.onnx", providers=["CPUExecutionProvider"])
    tokens = np.array([[[1, 0], [2, 0], [3, 0]], [[3, 0], [-1, -1], [-1, -1]]], np.int32)
    assert session.run(["features"], {"tokens": tokens})[0].tolist() == pytest.approx(np.array([[2, 14 / 3], [3, 9]]))


def test_runtimes_were_compared_on_texts_of_several_lengths(tmp_path):
    parity = write_words(tmp_path / "b", runtime=Choice(name="openvino")).manifest.parity
    assert [each["runtime"] for each in parity["sides"]] == ["openvino", "onnxruntime", "eager"]
    assert (parity["n"], parity["pairs"][0]["top1_agreement"]) == (len(TEXTS), 1.0)


def test_numbers_are_compared_in_standard_deviations_and_called_a_prediction(tmp_path):
    weight = np.array([[1.0, 0.0]], np.float32)
    head = Fitted(
        {"weight": weight, "bias": np.zeros(1, np.float32)},
        {"method": "linear_probe", "form": "linear"},
    )
    task = {"task": "regression"}
    written = write_words(tmp_path / "b", fitted=head, task_dict=task)
    assert written.class_names == ()
    assert [value.name for value in onnx.load(written.folder / "model.onnx").graph.output][1] == "prediction"
    assert "largest_relative_difference" in written.manifest.parity["pairs"][0]
    _, outputs = predicted(bundle.read(written.folder), TEXTS)
    np.testing.assert_allclose(outputs[:, 0], [features_by_hand(text)[0] for text in TEXTS], atol=1e-6)
    wrong = np.array([features_by_hand(text) for text in TEXTS], np.float32) * 1.01
    with pytest.raises(BackendError, match="in standard deviations"):
        write_words(tmp_path / "other", fitted=head, task_dict=task, features=wrong)


def test_no_text_that_was_compared_on_is_inside(tmp_path):
    rare = [b"unheard of words 12345", *TEXTS]
    folder = write_words(tmp_path / "b", texts=rare).folder
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert b"unheard" not in content and b"12345" not in content


ALONE = """
import json
from headstart import bundle

predictor = bundle.read("copy").predictor()
(over,) = predictor.passes
features = over.compute(over.preparer.prepare(b"one two three")[None])
heavy = {"torch", "timm", "onnx", "transformers", "sklearn"} & set(sys.modules)
print(json.dumps([features.tolist(), predictor.outputs([features]).shape, sorted(heavy)]))
"""


def test_texts_are_predicted_where_importing_torch_and_transformers_raises(words, tmp_path):
    shutil.copytree(words, tmp_path / "copy")
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "no-store")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    features, shape, heavy = json.loads(done.stdout)
    assert features[0] == pytest.approx(features_by_hand(b"one two three"))
    assert (shape, heavy) == ([1, 3], [])
