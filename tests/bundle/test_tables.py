"""Bundles without a network: plain columns, and texts as the words they hold."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from bundle.helpers_bundle import BLOCKED, EVIDENCE, TASK, linear_head
from bundle.helpers_tables import COLUMNS, fitted, table
from headstart import bundle
from headstart.bundle import WrittenFitted
from headstart.core.learning import Fitted
from headstart.core.schema import InputSchema, PartSchema

QUESTION = PartSchema(modality="text", columns=("question",))
TEXTS = [b"pay the bill", b"pay now", b"where is the bill", b"where are you"]
WORD_ARRAYS = {"words", "words_rarity", "characters", "characters_rarity"}


def majority(width):
    """A head that takes features of this width, NaN and sparse ones too."""
    arrays = {"weight": np.zeros((3, width), np.float32), "bias": np.zeros(3, np.float32)}
    return Fitted(arrays, {"method": "majority_class", "form": "linear"})


def write(folder, sources, width, **changes):
    common = {"task_dict": TASK, "evidence": EVIDENCE, "fitted": majority(width)}
    return bundle.write(folder / "b", sources=sources, **{**common, **changes})


@pytest.mark.parametrize("name", ["columns", "raw_columns"])
def test_columns_predict_as_during_the_fit(tmp_path, name):
    features, arrays = fitted(name, table())
    source = WrittenFitted(name, arrays, table())
    written = write(
        tmp_path, [source], features.shape[1], input_schema=InputSchema(columns=COLUMNS), features=features,
        fitted=linear_head(features.shape[1]) if name == "columns" else majority(features.shape[1]),
    )  # fmt: skip
    assert {path.name for path in written.folder.iterdir()} == {
        *("manifest.json", "weights.safetensors", "evidence.json")
    }
    predictor = bundle.read(written.folder).predictor()
    assert (predictor.passes, predictor.contents, predictor.runtime) == ((), (), "numpy")
    np.testing.assert_array_equal(predictor.features([], table=table()), features)
    assert predictor.outputs([], table=table()).shape == (12, 3)


def test_words_and_columns_are_joined_sparsely(tmp_path):
    words, arrays = fitted("tfidf", TEXTS)
    plain, learned = fitted("columns", table(4))
    sources = [WrittenFitted("tfidf", arrays, TEXTS, part=QUESTION), WrittenFitted("columns", learned, table(4))]
    width = words.shape[1] + plain.shape[1]
    schema = InputSchema(parts=(QUESTION,), columns=COLUMNS)
    written = write(tmp_path, sources, width, input_schema=schema)
    predictor = bundle.read(written.folder).predictor()
    assert predictor.contents == (0,)
    features = predictor.features([], {0: TEXTS}, table(4))
    assert sparse.issparse(features)
    np.testing.assert_allclose(features.toarray(), np.concatenate([words.toarray(), plain], axis=1), atol=1e-6)
    assert set(bundle.reading.Manifest.read(written.folder).fitted) == {"tfidf", "columns"}


def test_a_term_of_one_text_alone_is_not_inside(tmp_path):
    secret = [*TEXTS, b"my password is xyzzy"]
    words, arrays = fitted("tfidf", secret)
    assert set(arrays) == WORD_ARRAYS
    source = WrittenFitted("tfidf", arrays, secret, part=QUESTION)
    written = write(tmp_path, [source], words.shape[1], input_schema=InputSchema(parts=(QUESTION,)))
    content = b"".join(path.read_bytes() for path in sorted(written.folder.rglob("*")) if path.is_file())
    assert b"bill" in content  # two texts have it
    assert b"xyzzy" not in content and b"password" not in content


ALONE = """
import json
import numpy as np
from headstart import bundle
from headstart.core.table import Column, Table

predictor = bundle.read("copy").predictor()
table = Table({"age": Column("number", np.array([30.0])), "sex": Column("category", np.array(["x"], dtype=object))})
outputs = predictor.outputs([], {0: [b"pay the bill"]}, table)
heavy = {"torch", "timm", "onnx", "transformers", "sklearn", "onnxruntime", "openvino", "tokenizers", "PIL"}
print(json.dumps([outputs.shape, sorted(heavy & set(sys.modules))]))
"""


def test_nothing_heavy_is_needed_to_predict_from_words_and_columns(tmp_path):
    words, arrays = fitted("tfidf", TEXTS)
    plain, learned = fitted("columns", table(4))
    sources = [WrittenFitted("tfidf", arrays, TEXTS, part=QUESTION), WrittenFitted("columns", learned, table(4))]
    schema = InputSchema(parts=(QUESTION,), columns=COLUMNS)
    width = words.shape[1] + plain.shape[1]
    shutil.copytree(write(tmp_path, sources, width, input_schema=schema).folder, tmp_path / "copy")
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "no-store")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[1, 3], []]
