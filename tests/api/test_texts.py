"""Texts from every kind of source, through fit, predict and evaluate."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys

import pandas
import pyarrow.parquet
import pytest

import headstart
from bundle.helpers_bundle import BLOCKED
from made_texts import TOPICS, question, questions
from shared_run import evidence_of, files_below, metrics_of, predictions_of
from tiny_models import EAGER, GRAPH

ROWS = questions(16)
PROBABILITIES = [f"probability_{topic}" for topic in TOPICS]


@pytest.fixture(scope="module")
def fitted(text_model, cache, tmp_path_factory):
    """A run whose bundle holds the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return fit(frame(ROWS), text_model, tmp_path_factory.mktemp("run") / "run")


def fit(data, model, out, **options):
    asked = {"model": str(model), "method": "linear_probe", "settings": GRAPH, "threads": 1}
    return headstart.fit(data, out=out, **{**asked, **options})


def frame(rows):
    return pandas.DataFrame(rows, columns=["text", "label"])


def sources(folder):
    """The rows as users have them: name and source."""
    import datasets

    table = frame(ROWS)
    table.to_csv(folder / "t.csv", index=False)
    (folder / "semicolons.csv").write_bytes(b"\xef\xbb\xbf" + table.to_csv(sep=";", index=False).encode())
    table.to_csv(folder / "utf16.csv", index=False, encoding="utf-16")
    table.to_csv(folder / "t.tsv", index=False, sep="\t")
    (folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table.to_dict("records")))
    table.to_parquet(folder / "t.parquet")
    table.to_feather(folder / "t.feather")
    for number, (text, topic) in enumerate(ROWS):
        (folder / "texts" / topic).mkdir(parents=True, exist_ok=True)
        (folder / "texts" / topic / f"{number:02d}.txt").write_text(text)
    columns = {name: list(table[name]) for name in table}
    yield from ((name, folder / name) for name in ("t.csv", "semicolons.csv", "utf16.csv", "t.tsv", "t.jsonl"))
    yield from ((name, folder / name) for name in ("t.parquet", "t.feather", "texts"))
    yield "hub", datasets.Dataset.from_dict(columns)
    yield "pair", (columns["text"], columns["label"])


def test_every_source_holds_the_same_texts_and_measures_the_same(fitted, text_model, tmp_path):
    expected = fit(frame(ROWS), text_model, None, dry_run=True).document["data"]["fingerprint"]
    measured = measured_on(fitted, frame(ROWS))
    for name, source in sources(tmp_path):
        data = fit(source, text_model, None, dry_run=True).document["data"]
        assert (data["n"], data["modality"]) == (48, "text"), name
        assert set(data["classes"]) == set(TOPICS), name
        if name != "texts":  # files come in the order of their names
            assert data["fingerprint"] == expected, name
        assert measured_on(fitted, source) == pytest.approx(measured), name


def measured_on(run, source):
    found = headstart.evaluate(run.path, source).evidence["test"]
    return {name: measured["value"] for name, measured in found.items() if name != "per_class"}


def test_a_run_leaves_its_files_and_says_what_it_took(fitted):
    assert {"bundle/model.onnx", "bundle/assets/tiny-texts/tokenizer.json", "report.html"} <= files_below(fitted.path)
    plan = json.loads((fitted.path / "plan.json").read_text())
    assert any("'text'" in note and "prose" in note for note in plan["notes"])
    assert any("'label'" in note for note in plan["notes"])
    test = pyarrow.parquet.read_table(fitted.path / "predictions" / "test.parquet")
    assert test.column_names == ["id", "split", "target", "prediction", *PROBABILITIES, "set"]
    names = {other["name"] for other in fitted.evidence["comparisons"]}
    assert {"tfidf", "majority_class", "knn", "random_weights"} <= names, names
    assert fitted.evidence["data"]["modality"] == "text"
    assert metrics_of(fitted.path)["activations/forwarded/backbone"] == len(ROWS)


def test_the_place_of_the_model_is_in_no_file_that_others_read(fitted, text_model):
    """config.yaml and the plan need it; what is shown or shipped does not."""
    shown = [fitted.path / "report.html", fitted.path / "evidence.json", *fitted.bundle.rglob("*")]
    for path in shown:
        assert str(text_model.parent) not in str(path.relative_to(fitted.path))
        assert path.is_dir() or os.fsencode(text_model.parent) not in path.read_bytes(), path


def test_the_config_repeats_the_run_bit_for_bit_with_a_cold_cache(fitted, tmp_path):
    source = tmp_path / "t.csv"
    frame(ROWS).to_csv(source, index=False)
    config = (fitted.path / "config.yaml").read_text()
    (tmp_path / "c.yaml").write_text(config.replace("<DataFrame of 48>", str(source)))
    again = headstart.fit(config=tmp_path / "c.yaml", out=tmp_path / "again")
    assert metrics_of(again.path)["activations/forwarded/backbone"] == len(ROWS)
    there, here = evidence_of(fitted.path), evidence_of(again.path)
    assert {**there, "data": None} == {**here, "data": None}  # the table has a name
    assert [row[1:] for row in table_rows(again.path)] == [row[1:] for row in table_rows(fitted.path)]


def table_rows(run):
    return [list(row.values()) for row in pyarrow.parquet.read_table(run / "predictions/test.parquet").to_pylist()]


def test_another_seed_forwards_nothing(fitted, text_model, cache, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    other = fit(frame(ROWS), text_model, tmp_path / "run", seed=5)
    found = {name: value for name, value in metrics_of(other.path).items() if "forwarded" in name or "decoded" in name}
    assert found and set(found.values()) == {0}, found
    assert predictions_of(other.path) != predictions_of(fitted.path)


def test_predictions_do_not_depend_on_what_lies_beside_a_text(fitted):
    texts = [text * repeat for (text, _), repeat in zip(ROWS[:6], (1, 4, 1, 2, 1, 3), strict=True)]
    together = headstart.predict(fitted.path, texts).rows
    for text, row in zip(texts, together, strict=True):
        (alone,) = headstart.predict(fitted.path, [text]).rows
        assert alone["prediction"] == row["prediction"]
        assert [alone[name] for name in PROBABILITIES] == pytest.approx([row[name] for name in PROBABILITIES], abs=1e-5)


ODD = {
    "megabyte": "card " * 200_000,
    "one long word": "a" * 1_000_000,
    "control characters": "card\x07 \x1b[31mlost\x00\x7f",
    "right to left": "بطاقتي ضاعت card \u202eisrever",
    "emoji": "card 🧑🏽‍🚒👩‍👩‍👧‍👦🏳️‍🌈 lost",
    "scripts": "カード κάρτα карта card",
    "combining": "ca\u0301rd" + "\u0300" * 500,
    "lines": "card\r\nlost\n\nnow\u2028please",
    "lone surrogate": "card \ud83d lost",
}


def test_odd_texts_are_predicted_and_blank_ones_are_rows_with_an_error(fitted):
    texts = [*ODD.values(), "", " \t\n", "card lost"]
    result = headstart.predict(fitted.path, texts)
    assert result.count == len(texts)
    errors = dict(zip([*ODD, "empty", "blank", "plain"], (row["error"] for row in result.rows), strict=True))
    assert {name for name, error in errors.items() if error} == {"empty", "blank"}, errors
    good = [row for row in result.rows if not row["error"]]
    assert all(sum(row[name] for name in PROBABILITIES) == pytest.approx(1) for row in good)


ALONE = """
import headstart
result = headstart.predict("bundle", "t.csv", out="p.parquet")
assert (result.count, result.failed) == (5, 0), result
assert not {"torch", "transformers", "sklearn"} & set(sys.modules)
"""


def test_the_bundle_predicts_where_neither_torch_nor_transformers_can_be_imported(fitted, tmp_path):
    shutil.copytree(fitted.bundle, tmp_path / "bundle")
    texts = [text for text, _ in ROWS[:5]]
    pandas.DataFrame({"text": texts}).to_csv(tmp_path / "t.csv", index=False)
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "none")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    alone = pyarrow.parquet.read_table(tmp_path / "p.parquet").to_pylist()
    assert [row["prediction"] for row in alone] == [
        row["prediction"] for row in headstart.predict(fitted.path, texts).rows
    ]


def pairs(count, seed=0):
    """Answer, reference, and whether both are about one topic."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        first = rng.choice(list(TOPICS))
        second = first if number % 2 else rng.choice([topic for topic in TOPICS if topic != first])
        rows.append((question(first, rng), question(second, rng), "same" if first == second else "other"))
    return pandas.DataFrame(rows, columns=["answer", "reference", "label"])


@pytest.mark.parametrize("pair", ["separate", "joint"])
def test_pairs_are_fitted_predicted_and_measured(text_model, tmp_path, pair):
    run = fit(pairs(40), text_model, tmp_path / "run", input="answer,reference", settings={**EAGER, "model.pair": pair})
    plan = json.loads((run.path / "plan.json").read_text())
    assert any("pair" in note and "'answer'" in note for note in plan["notes"])
    new = pairs(6, seed=1)
    result = headstart.predict(run.path, new)
    assert (result.count, result.failed) == (6, 0)
    assert {row["prediction"] for row in result.rows} <= {"same", "other"}
    renamed = new.rename(columns={"answer": "a", "reference": "b"})
    again = headstart.predict(run.path, renamed, input="a,b")
    assert [row["probability_same"] for row in again.rows] == [row["probability_same"] for row in result.rows]
    swapped = headstart.predict(run.path, renamed, input="b,a")
    assert [row["probability_same"] for row in swapped.rows] != [row["probability_same"] for row in result.rows]
    measured = headstart.evaluate(run.path, new).evidence
    right = sum(row["prediction"] == label for row, label in zip(result.rows, new["label"], strict=True))
    assert measured["test"]["accuracy"]["value"] == pytest.approx(right / 6)
    with pytest.raises(headstart.HeadstartError, match="reference") as caught:
        headstart.predict(run.path, new[["answer"]])
    assert caught.value.exit_code == 2


def test_rows_of_one_id_become_one_example_with_a_set_of_labels(text_model, tmp_path):
    rng = random.Random(0)
    rows = []
    for number in range(24):
        topics = rng.sample(list(TOPICS), 1 + number % 2)
        text = " ".join(question(topic, rng) for topic in topics)
        rows += [(f"q{number}", text, topic) for topic in topics]
    table = pandas.DataFrame(rows, columns=["question", "text", "label"])
    run = fit(table, text_model, tmp_path / "run", id="question", settings=EAGER)
    assert run.evidence["task"] == "multilabel"
    assert run.evidence["n"]["train"] + run.evidence["n"]["test"] == 24
    test = pyarrow.parquet.read_table(run.path / "predictions/test.parquet").to_pylist()
    assert all(row["id"].startswith("q") for row in test)
    plan = json.loads((run.path / "plan.json").read_text())
    assert any("joined to 24 by 'question'" in note for note in plan["notes"])
