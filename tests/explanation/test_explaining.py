"""Bundles explained as a whole: which way is taken and why, and what is said where something cannot be."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bundle.helpers_bundle import BLOCKED, pictures, small_backbone, write_fitted, write_small
from bundle.helpers_text import write_words
from headstart.core.errors import ConfigError, DataError
from headstart.explanation.example import Example
from headstart.explanation.explaining import Asked, Explaining, method_for
from headstart.explanation.model import column_of
from headstart.explanation.units.text import words_of


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("small") / "bundle", backbone=small_backbone("vit"))  # 2 x 2 patches


@pytest.fixture(scope="module")
def histograms(tmp_path_factory):
    return write_fitted(tmp_path_factory.mktemp("histograms") / "bundle")


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return write_words(tmp_path_factory.mktemp("words") / "bundle")


def explaining(shipped, **asked):
    return Explaining(shipped, Asked(**asked))


def test_a_picture_is_explained_by_its_deeper_maps_with_checks_and_what_is_said_is_json(small):
    found = explaining(small).explain(Example((pictures(1)[0],), {0: b""}))
    said = json.loads(json.dumps(found.document, allow_nan=False))
    assert (said["method"], said["unit"], said["shape"]) == ("hires_cam", "cell", [14, 14])
    assert len(said["names"]) == 196 and np.shape(said["values"]) == (14, 14)
    assert said["explained"] == small.class_names[int(np.argmax(found.outputs[0]))]
    curves, random = said["checks"]["curves"], said["checks"]["random_weights"]
    assert curves["orders"] == 5 and curves["random_low"] <= curves["random"] <= curves["random_high"]
    assert -1 <= random["rank_correlation"] <= 1 and random["why_not"] is None


def test_the_same_seed_gives_the_same_explanation(small):
    first, second = (explaining(small, seed=3).explain(Example((pictures(1)[0],), {0: b""})).document for _ in range(2))
    assert first == second


def test_a_class_can_be_named_and_what_speaks_for_it_is_another(small):
    by_name = {
        name: explaining(small, class_name=name, checks="none").explain(Example((pictures(1)[0],), {0: b""})).document
        for name in ("cat", "dog")
    }
    assert by_name["cat"]["explained"] == "cat" and by_name["cat"]["checks"] is None
    assert by_name["cat"]["values"] != by_name["dog"]["values"]
    assert by_name["cat"]["score"] + by_name["dog"]["score"] < 1


def test_without_a_network_cells_are_taken_away_one_by_one(histograms):
    assert method_for(histograms, "auto")[0] == "occlusion"
    made = explaining(histograms)
    (over,) = made.predictor.passes
    height, width = over.preparer.preprocessing.image_size
    picture = np.resize(pictures(1)[0], (height, width, 3))
    said = made.explain(Example((picture,), {0: b""})).document
    assert "not from networks over one input alone" in said["why_method"]
    assert said["checks"]["random_weights"]["against"].startswith("the head")


def test_gradients_of_what_has_none_are_refused_with_the_reason(histograms, words):
    with pytest.raises(ConfigError, match=r"pixel_histograms, not from networks over one.*--method occlusion"):
        explaining(histograms, method="grad_cam")
    with pytest.raises(ConfigError, match="'image'; this model takes 'text'"):
        explaining(words, method="grad_cam")
    with pytest.raises(ConfigError, match="Did you mean 'grad_cam'"):
        explaining(histograms, method="gradcam")


def test_a_head_that_is_no_weight_matrix_is_refused_for_gradients(small):
    from dataclasses import replace

    manifest = small.manifest.model_copy(update={"method": {"method": "boosting", "form": "trees"}})
    with pytest.raises(ConfigError, match=r"its head \(boosting\) is not linear"):
        method_for(replace(small, manifest=manifest), "integrated_gradients")


def test_a_text_of_nothing_says_so(words):
    with pytest.raises(DataError, match="an empty text"):
        explaining(words).explain(Example((np.full((2, 2), -1, np.int32),), {0: b" \n"}))


def test_words_are_runs_of_letters_with_their_marks_and_other_signs_alone():
    def cut(text):
        return [text[start:end] for start, end in words_of(text)]

    assert cut("It's 20-25 °C, e\u0301t\u0301 !") == ["It's", "20-25", "°", "C", ",", "e\u0301t\u0301", "!"]
    assert cut("हिन्दी में") == ["हिन्दी", "में"]
    assert cut("我在家") == ["我", "在", "家"]
    assert cut("  -a- ") == ["-", "a", "-"]


def test_a_class_that_is_not_known_names_the_nearest():
    outputs = np.array([[0.0, 2.0]])
    assert column_of(None, outputs, ("cat", "dog"), "class") == 1
    assert column_of("cat", outputs, ("cat", "dog"), "class") == 0
    with pytest.raises(ConfigError, match="Did you mean 'dog'"):
        column_of("dgo", outputs, ("cat", "dog"), "class")
    with pytest.raises(ConfigError, match="has no classes"):
        column_of("cat", outputs, (), "real")


ALONE = """
import sys
from headstart import bundle
from headstart.core.errors import ConfigError
from headstart.explanation.explaining import method_for
shipped = bundle.read(sys.argv[1])
print(method_for(shipped, "auto"))
try:
    method_for(shipped, "grad_cam")
except ConfigError as error:
    print(error)
"""


def test_without_torch_units_are_taken_away_through_the_graph_and_gradients_ask_for_torch(small):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED + ALONE, str(small.folder)], capture_output=True, text=True, check=True
    )
    chosen, refused = done.stdout.splitlines()
    assert chosen.startswith("('occlusion', 'gradients cannot be taken: that needs torch")
    assert "pip install torch" in refused and "--method occlusion" in refused
