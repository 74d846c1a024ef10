"""Texts of many scripts through fit, bundle and prediction, with a unigram tokenizer; texts of another domain."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from headstart import bundle
from headstart.api.two_domains import target_rows
from headstart.api.unread_texts import unknown_share, unread_notes
from headstart.core.errors import DataError
from headstart.core.progress import Silent
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


@pytest.mark.usefixtures("cache_of_module")
def test_an_export_reads_every_script_as_the_run_does(english, tmp_path):
    table = pandas.concat([frame(language, 1, seed=2) for language in sorted(WORDS)])
    table[["text"]].to_csv(tmp_path / "new.csv", index=False)
    headstart.export(english.path, out=tmp_path / "exported")
    command = [sys.executable, str(tmp_path / "exported" / "reader.py")]
    for number, text in enumerate(table.text):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
        command.append(str(tmp_path / f"{number}.txt"))
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    said = headstart.predict(english.path, tmp_path / "new.csv").rows
    assert [json.loads(line)["prediction"] for line in lines] == [row["prediction"] for row in said]
    assert np.allclose(
        [json.loads(line)["probability"] for line in lines], [row["probability"] for row in said], atol=1e-4
    )


@pytest.mark.usefixtures("cache_of_module")
def test_another_language_and_tokens_that_the_network_lacks_are_told(english, tmp_path):
    def notes_of(texts):
        pandas.DataFrame({"text": texts}).to_csv(tmp_path / "other.csv", index=False)
        shipped = bundle.read(english.path)
        predictor = shipped.predictor()
        ours, theirs = (
            target_rows(where, None, shipped, predictor, threads=1, progress=Silent())
            for where in (english.path.parent / "english.csv", tmp_path / "other.csv")
        )
        return unread_notes(predictor, ours.dataset, theirs.dataset)

    assert not notes_of([f"{text} {number}" for number, (text, _) in enumerate(sentences("en", 5, seed=3))])
    arabic = notes_of([text for text, _ in sentences("ar", 5)])
    assert len(arabic) == 1 and "Arabic letters, those that the run learned from Latin ones" in arabic[0]
    german = notes_of([f"Wie kann ich die Karte noch sperren, und warum ist sie nicht da? {n}" for n in range(12)])
    assert len(german) <= 2  # made English has too few words to be told, so only tokens may be lacking
    greek = notes_of([f"χάρτης {number} καλημέρα" for number in range(12)])
    assert any("has no token for" in note and "0 % of those that the run learned from" in note for note in greek)


@pytest.mark.usefixtures("cache_of_module")
def test_the_share_of_unknown_tokens_is_that_of_a_count_by_hand(english):
    preparer = bundle.read(english.path).predictor("onnxruntime").passes[0].preparer
    # the mark and "card" are one token; one unknown stretch after a mark of its own
    assert unknown_share(preparer, [b"card"]) == 0.0
    assert unknown_share(preparer, ["card ψ".encode()]) == pytest.approx(1 / 3)
    assert unknown_share(preparer, []) == 0.0 == unknown_share(preparer, [b""])


def test_pictures_have_no_tokens_to_hide(warm, tmp_path):
    other_photos = make_photos(tmp_path / "others", dict.fromkeys(CLASSES, 6), seed=3)
    for name in ("dapt", "simcse"):
        with pytest.raises(DataError, match="needs a network that reads texts"):
            headstart.adapt(warm.run.path, other_photos, method=name)
