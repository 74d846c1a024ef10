"""Texts of many scripts through fit, bundle and prediction, with a unigram tokenizer; texts of another domain."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from headstart import bundle
from headstart.core.errors import DataError
from helpers import make_photos
from made_languages import WORDS, make_language_model, sentences
from shared_run import CLASSES


def frame(language: str, each: int, seed: int = 0) -> pandas.DataFrame:
    return pandas.DataFrame(sentences(language, each, seed), columns=["text", "label"])


@pytest.fixture(scope="module")
def english(tmp_path_factory, cache):
    """A run on English texts; others may be read by the same network."""
    folder = tmp_path_factory.mktemp("languages")
    frame("en", 20).to_csv(folder / "english.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return headstart.fit(
            folder / "english.csv", target="label", model=str(make_language_model(folder / "network")),
            method="linear_probe", out=folder / "run", settings={"runtime.name": "onnxruntime"},
        )  # fmt: skip


@pytest.mark.usefixtures("cache_of_module")
@pytest.mark.parametrize("language", sorted(WORDS))
def test_texts_of_every_script_are_answered_alike_by_the_library_and_by_the_bundle(english, language):
    table = frame(language, 3, seed=1)
    shipped = bundle.read(english.path)
    preparer = shipped.predictor("onnxruntime").passes[0].preparer
    for text in table.text:
        prepared = preparer.prepare(text.encode())
        tokens = prepared[prepared[:, 0] >= 0, 0]
        assert tokens[0] == 0 and tokens[-1] == 2 and 3 not in tokens  # no unknown ones
        for other in (unicodedata.normalize("NFD", text), f"{text}  ", text.replace(" ", "\u3000")):
            again = preparer.prepare(other.encode())
            kept = again[again[:, 0] >= 0, 0]
            mark = preparer.token_number("\u2581")
            assert [each for each in kept if each != mark] == [each for each in tokens if each != mark]
    answers = [headstart.predict(english.path, table[["text"]], runtime=name).rows for name in ("onnxruntime", "eager")]
    assert [row["prediction"] for row in answers[0]] == [row["prediction"] for row in answers[1]]
    assert np.allclose(
        [row["probability"] for row in answers[0]], [row["probability"] for row in answers[1]], atol=1e-4
    )


@pytest.mark.usefixtures("cache_of_module")
@pytest.mark.parametrize("method", ["dapt", "simcse"])
def test_a_network_learns_from_texts_without_labels_and_what_ships_predicts_as_it_was_written(
    english, method, tmp_path
):
    other = frame("de", 8)[["text"]]
    settings = {"method.epochs": 2, "method.precision": "float32", "method.lr": 3e-4, "method.batch_size": 8}
    found = headstart.adapt(english.path, other, method=method, settings=settings, out=tmp_path / "run")
    table = pyarrow.parquet.read_table(tmp_path / "run" / "predictions" / "target.parquet").to_pydict()
    said = headstart.predict(tmp_path / "run", other)
    assert [row["prediction"] for row in said.rows] == table["prediction"]
    training = found.evidence["training"][method]
    assert all(np.isfinite(each["train_loss"]) for each in training["history"])
    assert training["settings"]["views"] == (2 if method == "dapt" else 0)
    assert found.evidence["adaptation"]["home"]["n"] == english.evidence["n"]["test"]


def test_pictures_have_no_tokens_to_hide(warm, tmp_path):
    other_photos = make_photos(tmp_path / "others", dict.fromkeys(CLASSES, 6), seed=3)
    for name in ("dapt", "simcse"):
        with pytest.raises(DataError, match="needs a network that reads texts"):
            headstart.adapt(warm.run.path, other_photos, method=name)
