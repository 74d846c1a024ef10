"""Tables of plain columns, of prose and of pictures beside columns, through fit, predict and evaluate."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from api.helpers_stops import CtrlC
from bundle.helpers_bundle import BLOCKED
from headstart.core.errors import RunInterrupted
from made_tables import customers, write_csv
from made_texts import TOPICS, question
from shared_run import evidence_of, files_below, metrics_of, predictions_of
from tiny_models import EAGER

FILES_WITHOUT_NETWORK = {"manifest.json", "weights.safetensors", "evidence.json"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("table") / "customers.csv", customers())


@pytest.fixture(scope="module")
def fitted(table, tmp_path_factory):
    """A run without any network."""
    return fit(table, tmp_path_factory.mktemp("run") / "run")


def fit(data, out, **options):
    return headstart.fit(data, out=out, **{"target": "churn", "threads": 1, **options})


def notes_of(run):
    return json.loads((run.path / "plan.json").read_text())["notes"]


def numbers(result):
    return [row["probability_gone"] for row in result.rows]


def test_a_table_needs_no_network_and_both_candidates_stand_in_the_evidence(fitted):
    assert {path.name for path in fitted.bundle.rglob("*")} == FILES_WITHOUT_NETWORK
    candidates = fitted.evidence["guard"]["out_of_fold_loss"]
    assert set(candidates) == {"linear_probe", "boosting", "blend", "majority_class"}
    assert fitted.evidence["guard"]["chosen"] == min(candidates, key=candidates.get)
    assert fitted.evidence["verdict"]["transfer_helps"] == "not_applicable"
    assert fitted.evidence["data"]["modality"] == "table"
    assert not [name for name in metrics_of(fitted.path) if "forwarded" in name]
    assert any("5 other columns" in note and "1 yes or no ('mail')" in note for note in notes_of(fitted))


def test_the_config_repeats_the_run_bit_for_bit(fitted, tmp_path):
    again = headstart.fit(config=fitted.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(fitted.path)
    assert predictions_of(again.path) == predictions_of(fitted.path)
    assert files_below(again.path) == files_below(fitted.path)
    weights = "weights.safetensors"
    assert (again.bundle / weights).read_bytes() == (fitted.bundle / weights).read_bytes()


@pytest.fixture(scope="module")
def blended(table, tmp_path_factory):
    """Asked for by name, with few trees."""
    settings = {"method.trees": {"rounds": 20, "least_rows": 5}}
    return fit(table, tmp_path_factory.mktemp("blended") / "run", method="blend", settings=settings)


def test_a_linear_model_and_trees_ship_as_one_bundle_that_predicts_their_mean(blended, tmp_path):
    evidence, manifest = blended.evidence, json.loads((blended.bundle / "manifest.json").read_text())
    assert evidence["verdict"]["chosen"] == "blend"
    assert [each["name"] for each in manifest["sources"]] == ["columns", "raw_columns"]
    rows = pyarrow.parquet.read_table(blended.path / "predictions" / "test.parquet").to_pylist()  # mixed of two outputs
    numbered = {int(row["id"]): row["probability_gone"] for row in rows}
    whole = numbers(headstart.predict(blended.path, customers().drop(columns="churn")))
    assert len(numbered) == 24 and [whole[row] for row in numbered] == list(numbered.values())
    again = headstart.fit(config=blended.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(blended.path)
    assert predictions_of(again.path) == predictions_of(blended.path)


@pytest.mark.parametrize("step", ["solve", "evidence"])
def test_an_interrupted_run_resumes_to_the_same_result(fitted, table, tmp_path, step):
    with pytest.raises(RunInterrupted):
        fit(table, tmp_path / "run", progress=CtrlC(step))
    resumed = headstart.fit(out=tmp_path / "run", resume=True)
    assert evidence_of(resumed.path) == evidence_of(fitted.path)
    assert predictions_of(resumed.path) == predictions_of(fitted.path)


def test_a_frame_a_parquet_file_and_json_lines_give_what_the_csv_file_gives(fitted, table, tmp_path):
    frame = pandas.read_csv(table)
    frame.to_parquet(tmp_path / "customers.parquet")
    frame.to_json(tmp_path / "customers.jsonl", orient="records", lines=True)
    expected = numbers(headstart.predict(fitted.path, table))
    for source in (frame, tmp_path / "customers.parquet", tmp_path / "customers.jsonl"):
        assert numbers(headstart.predict(fitted.path, source)) == expected
        plan = fit(source, None, dry_run=True)
        assert [column["name"] for column in plan.document["data"]["input"]["columns"]] == list(frame)[:-1]


def test_unseen_categories_and_gaps_are_predicted_and_slips_are_told(fitted):
    new = customers().drop(columns="churn").head(4).astype(object)
    new.loc[0, "plan"] = "never sold before"
    new.loc[1] = None
    new.loc[2, "age"] = "old"
    new.loc[3, "since"] = "some day"
    result = headstart.predict(fitted.path, new)
    assert (result.count, result.failed) == (4, 0)
    assert [("'old'" in note, "'some day'" in note) for note in result.notes] == [(True, False), (False, True)]
    missing = new.copy()
    missing.loc[0, "plan"] = missing.loc[2, "age"] = missing.loc[3, "since"] = None
    assert numbers(result)[1:] == numbers(headstart.predict(fitted.path, missing))[1:]


def test_one_row_is_enough_to_predict_and_to_measure(fitted):
    one = customers().head(1)
    (row,) = headstart.predict(fitted.path, one).rows
    assert row["probability"] == max(row["probability_gone"], row["probability_stayed"])
    measured = headstart.evaluate(fitted.path, one, target="churn").evidence
    assert measured["n"]["test"] == 1
    assert measured["test"]["accuracy"]["value"] == float(row["prediction"] == one["churn"][0])
    assert measured["test"]["roc_auc"]["value"] is None and measured["warnings"]


def test_columns_that_tell_the_target_are_left_out_and_named(tmp_path):
    frame = customers(200)
    frame["again"] = frame["churn"]
    frame["code"] = np.where(frame["churn"] == "gone", 7, 9)
    frame["why"] = np.where(frame["churn"] == "gone", np.resize(["moved", "price"], 200), None)
    frame["row"] = range(200)
    frame["same"] = 1
    plan = fit(frame, None, dry_run=True).document
    (left_out,) = [note for note in plan["notes"] if note.startswith("LEFT OUT")]
    assert all(f"'{name}'" in left_out for name in ("again", "code", "why"))
    assert any("'row'" in note and "left out" in note for note in plan["notes"])
    assert any("'same'" in note and "left out" in note for note in plan["notes"])
    assert [column["name"] for column in plan["data"]["input"]["columns"]] == list(customers())[:-1]
    kept = fit(frame, None, dry_run=True, input="age,code").document
    assert any("'code' tells much about the target" in note for note in kept["notes"])
    assert [column["name"] for column in kept["data"]["input"]["columns"]] == ["age", "code"]


@pytest.fixture(scope="module")
def joined(text_model, tmp_path_factory):
    """Prose beside plain columns; and the table it was fitted on."""
    rng = random.Random(0)
    frame = customers(60)
    frame["text"] = [
        question("cash" if churn == "gone" else rng.choice(["loan", "card"]), rng) for churn in frame.churn
    ]
    frame["city"] = [rng.choice(["Bern", "Oslo"]) for _ in range(60)]
    options = {"input": "text,age,city", "model": str(text_model), "method": "linear_probe", "settings": EAGER}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
        return fit(frame, tmp_path_factory.mktemp("joined") / "run", **options), frame


def test_prose_and_plain_columns_are_joined(joined):
    run, frame = joined
    assert {path.name for path in run.bundle.rglob("*")} > {"model.onnx", "tokenizer.json"}
    names = {other["name"] for other in run.evidence["comparisons"]}
    assert {"columns", "boosting", "blend", "blend_columns", "majority_class"} <= names
    result = headstart.predict(run.path, frame)
    right = np.mean([row["prediction"] == churn for row, churn in zip(result.rows, frame["churn"], strict=True)])
    assert right > 0.7
    measured = headstart.evaluate(run.path, frame, target="churn").evidence["test"]
    assert measured["accuracy"]["value"] == pytest.approx(right)


def test_each_joined_column_counts_and_may_be_missing(joined):
    run, frame = joined
    head = frame.head(6)
    expected = numbers(headstart.predict(run.path, head))
    assert numbers(headstart.predict(run.path, head.assign(text=list(head["text"])[::-1]))) != expected
    assert numbers(headstart.predict(run.path, head.assign(age=99.0))) != expected
    gaps = headstart.predict(run.path, head.assign(text="", age=None, city="Paris"))
    assert (gaps.count, gaps.failed) == (6, 0)
    with pytest.raises(headstart.HeadstartError, match="lacks 'city'"):
        headstart.predict(run.path, head.drop(columns="city"))


def test_pictures_and_plain_columns_are_joined(shared, tmp_path):
    paths = sorted((shared.photos / "red").glob("?.png"))[:6] + sorted((shared.photos / "blue").glob("?.png"))[:6]
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"photo": [str(path) for path in paths], "age": rng.normal(40, 9, 12).round(1)})
    frame["label"] = ["red"] * 6 + ["blue"] * 6
    table = write_csv(tmp_path / "t.csv", frame)
    run = headstart.fit(
        table, out=tmp_path / "run", input="photo,age", model=str(shared.model), method="linear_probe",
        settings=EAGER, threads=1,
    )  # fmt: skip
    assert run.evidence["data"]["modality"] == "table"
    result = headstart.predict(run.path, table)
    assert (result.count, result.failed) == (12, 0)
    lost = headstart.predict(run.path, frame.assign(photo=[*frame["photo"][:11], "nowhere.png"]))
    assert [row["error"] is None for row in lost.rows] == [True] * 11 + [False]
    with pytest.raises(headstart.HeadstartError, match="must come as a table"):
        headstart.predict(run.path, paths[0])


ALONE = """
import headstart
for place, source in (("plain", "plain.csv"), ("joined", "joined.csv"), ("mixed", "mixed.csv")):
    result = headstart.predict(place, source, out=place + ".parquet")
    assert (result.count, result.failed) == (4, 0), result
assert not {"torch", "transformers", "sklearn"} & set(sys.modules)
"""


def test_bundles_of_tables_predict_where_nothing_heavy_can_be_imported(fitted, joined, blended, tmp_path):
    for name, run, frame in (("plain", fitted, customers()), ("joined", *joined), ("mixed", blended, customers())):
        shutil.copytree(run.bundle, tmp_path / name)
        write_csv(tmp_path / f"{name}.csv", frame.head(4))
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "none")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    alone = pyarrow.parquet.read_table(tmp_path / "plain.parquet").to_pylist()
    assert [row["probability_gone"] for row in alone] == numbers(headstart.predict(fitted.path, customers().head(4)))


def test_a_text_column_with_a_few_topics_is_prose_and_the_rest_stays_out_with_a_reason(text_model):
    rng = random.Random(1)
    frame = customers(30)
    frame["text"] = [question(rng.choice(list(TOPICS)), rng) for _ in range(30)]
    plan = fit(frame, None, dry_run=True, model=str(text_model), settings=EAGER).document
    assert plan["data"]["modality"] == "text"
    assert any("'text'" in note for note in plan["notes"])
    assert any("'age'" in note and "--input" in note for note in plan["notes"]), plan["notes"]
