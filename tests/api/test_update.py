"""A run taken further with new labelled data: what stays, what is told, and when nothing is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas
import pyarrow.parquet
import pytest
from starlette.testclient import TestClient

import headstart
from cli.helpers_cli import headstart_command
from headstart.core.errors import ConfigError, DataError, GateError
from headstart.data.sealed import SealedTargets
from headstart.fitting import updated as fitting_updated
from headstart.updating.gate import Judged
from helpers import make_photos
from made_tables import customers, write_csv
from made_texts import questions as made_questions
from serving.conftest import client_of
from shared_run import evidence_of, files_below, metrics_of, predictions_of

__all__ = ["headstart_command"]
QUICK = {"cache": "off"}
PROBE = {"method": "linear_probe", "threads": 1, "settings": QUICK}  # boosting waits for its threads on a busy machine
ROWS = customers(500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Base data, additions, and a run of the former."""
    made = tmp_path_factory.mktemp("update")
    write_csv(made / "base.csv", ROWS[:120])
    write_csv(made / "add.csv", ROWS[120:420])
    write_csv(made / "more.csv", ROWS[420:])
    headstart.fit(made / "base.csv", target="churn", slices="mail", out=made / "run", **PROBE)
    return made


@pytest.fixture(scope="module")
def updated(folder):
    before = {name: (folder / "run" / name).read_bytes() for name in files_below(folder / "run")}
    found = headstart.fit(update=folder / "run", add=folder / "add.csv", out=folder / "updated")
    assert {name: (folder / "run" / name).read_bytes() for name in files_below(folder / "run")} == before
    return found


@pytest.fixture
def passing(monkeypatch):
    """A gate that lets everything pass: what a tiny model comes to is no matter here."""
    monkeypatch.setattr(fitting_updated, "judged", lambda *given: Judged(True, "made to pass", {}))


def ids_in(run: Path, name: str = "test") -> list[str]:
    return pyarrow.parquet.read_table(run / "predictions" / f"{name}.parquet")["id"].to_pylist()


def decided(run: Path, name: str):
    lines = [json.loads(line) for line in (run / "decisions.jsonl").read_text().splitlines()]
    return next(line["value"] for line in lines if line["name"] == name)


def test_the_old_split_stays_and_the_new_examples_have_their_own(folder, updated):
    old, new = ids_in(folder / "run"), ids_in(updated.path)
    assert [name for name in new if not name.startswith("added-1/")] == old
    added = updated.evidence["update"]["added"]
    assert added | {"copies": {}, "followed": 0} == {
        "n": 300, "train": 240, "val": 0, "test": 60, "copies": {}, "followed": 0, "new_classes": [],
    }  # fmt: skip
    assert len(new) == len(old) + 60 and updated.evidence["n"]["train"] == 120 - len(old) + 240
    assert not set(new) & set(ids_in(updated.path, "held_out"))


def test_both_models_are_compared_on_the_old_and_on_the_new_test(folder, updated):
    update = updated.evidence["update"]
    assert update["test_reads"] == {"old": 2, "new": 1} and updated.evidence["test_reads"] == 2
    assert (
        update["old_test"]["accuracy"]["old"]
        == headstart.Run(folder / "run", read(folder / "run")).evidence["test"]["accuracy"]
    )
    for part, n in (("old_test", 24), ("new_test", 60)):
        found = update[part]
        assert found["n"] == n == sum(each["n"] for each in found["classes"].values())
        gap = found["accuracy"]["new"]["value"] - found["accuracy"]["old"]["value"]
        assert found["difference"]["value"] == pytest.approx(gap)
    assert update["new_test"]["groups"]["mail"].keys() == {"no", "yes"}
    total = sum(update[part]["accuracy"]["new"]["value"] * update[part]["n"] for part in ("old_test", "new_test"))
    assert updated.evidence["test"]["accuracy"]["value"] == pytest.approx(total / 84)
    assert update["sentence"].startswith("Updated from run with 300 new examples: ")


def read(run):
    return json.loads((run / "evidence.json").read_text())


def test_it_says_where_it_comes_from_down_to_the_bundle(folder, updated):
    shipped = json.loads((updated.bundle / "evidence.json").read_text())["update"]
    assert shipped["from"]["hashes"] == read(folder / "run")["hashes"] and shipped["from"]["name"] == "run"
    assert not [name for name in ids_in(updated.path) if name.startswith("added") and name in json.dumps(shipped)]
    report = updated.report.read_text()
    assert "Is it better than run?" in report and "Old test examples" in report


def test_old_examples_stay_in_their_folds(folder, updated):
    tables = [
        pyarrow.parquet.read_table(run / "predictions" / "held_out.parquet").to_pydict()
        for run in (folder / "run", updated.path)
    ]
    old, new = (dict(zip(table["id"], table["fold"], strict=True)) for table in tables)
    assert len(old) == 96 and {name: new[name] for name in old} == old
    assert np.bincount(list(new.values())).tolist() == pytest.approx([len(new) / 5] * 5, abs=1)


def test_the_gate_saw_training_examples_alone_and_its_words_are_written_before_the_test(updated):
    gate = updated.evidence["update"]["gate"]
    assert gate["old"]["n"] == 96 and gate["new"]["n"] == 240 and gate["all"]["n"] == 336
    assert decided(updated.path, "update") == gate and gate["is_better"]


def test_an_updated_run_holds_and_repeats(updated, tmp_path):
    assert headstart.evaluate(updated.path, verify=True).holds
    again = headstart.fit(config=updated.path / "config.yaml", out=tmp_path / "again")
    assert predictions_of(again.path) == predictions_of(updated.path)
    assert evidence_of(again.path) == evidence_of(updated.path)


def test_an_update_can_be_updated_though_the_first_run_is_gone(folder, updated, passing, tmp_path):
    shutil.copytree(updated.path, tmp_path / "second")
    plan = headstart.fit(update=tmp_path / "second", add=folder / "more.csv", dry_run=True)
    assert "goes on from second: 420 examples were known, 80 are new" in plan.document["notes"]
    assert not (tmp_path / "runs").exists()
    third = headstart.fit(update=tmp_path / "second", add=folder / "more.csv", out=tmp_path / "third")
    assert third.evidence["test_reads"] == 3 and third.evidence["update"]["test_reads"] == {"old": 3, "new": 1}
    assert set(ids_in(updated.path)) < set(ids_in(third.path)) and headstart.evaluate(third.path, verify=True).holds


@pytest.fixture
def never_unsealed(monkeypatch):
    def unseal(self, choice_file):
        raise AssertionError("the test was read")

    monkeypatch.setattr(SealedTargets, "unseal", unseal)


def test_what_is_not_better_is_not_written_and_the_test_not_read(folder, tmp_path, never_unsealed, headstart_command):
    wrong = ROWS[120:300].assign(churn=ROWS["churn"][120:300].map({"gone": "stayed", "stayed": "gone"}))
    add = write_csv(tmp_path / "wrong.csv", wrong)
    with pytest.raises(GateError, match="run is as it was") as caught:
        headstart.fit(update=folder / "run", add=add, out=tmp_path / "out")
    assert caught.value.exit_code == 4 and not (tmp_path / "out").exists()
    said = headstart_command("fit", "--update", folder / "run", "--add", add, "--out", tmp_path / "o", "--json")
    assert said.code == 4 and said.out == "" and "clearly worse on the old ones" in said.err


def test_a_class_that_the_old_model_does_not_know_is_told(folder, tmp_path):
    paused = ROWS[120:300].assign(spent=lambda frame: frame["spent"] + 1000, churn="paused")
    add = write_csv(tmp_path / "paused.csv", paused)
    update = headstart.fit(update=folder / "run", add=add, out=tmp_path / "out").evidence["update"]
    assert update["added"]["new_classes"] == ["paused"] and "'paused'" in update["sentence"]
    assert update["new_test"]["classes"]["paused"] | {"difference": 0, "p": 0} == {
        "n": 36, "old": 0.0, "new": 1.0, "gained": 36, "lost": 0, "difference": 0, "p": 0,
    }  # fmt: skip
    assert set(update["old_test"]["classes"]) == {"gone", "stayed"}


def without_label(frame):
    return frame.drop(columns="churn")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.rename(columns={"churn": "left"}), "target must be one of"),
        (without_label, "target must be one of"),
        (lambda rows: rows.drop(columns="age"), "lacks 'age'"),
        (lambda rows: rows.drop(columns="mail"), "mail"),
        (lambda rows: rows.assign(churn=None), "blank"),
        (lambda rows: rows[:0], "the added data"),
        (lambda rows: rows.assign(churn=np.arange(len(rows)) + 0.5), "targets of the run's task"),
        (lambda rows: ROWS[:40], "40 are in the run already"),
    ],
    ids=["target", "no target", "column", "slice", "blank", "empty", "task", "known"],
)
def test_what_cannot_be_added_is_named(change, said, folder, tmp_path):
    add = write_csv(tmp_path / "add.csv", change(ROWS[120:180]))
    with pytest.raises((DataError, ConfigError)) as caught:
        headstart.fit(update=folder / "run", add=add, out=tmp_path / "out")
    assert said in str(caught.value) and not (tmp_path / "out").exists()


def test_pictures_cannot_be_added_to_rows(folder, tmp_path):
    with pytest.raises((DataError, ConfigError), match="the added data"):
        headstart.fit(update=folder / "run", add=make_photos(tmp_path / "p", {"red": 2, "blue": 2}), out=tmp_path / "o")


def test_data_that_are_not_what_they_were_are_named(folder, tmp_path):
    moved = write_csv(tmp_path / "base.csv", ROWS[:120])
    plan = headstart.fit(moved, update=folder / "run", add=folder / "add.csv", dry_run=True)
    assert plan.document["data"]["n"] == 420
    changed = ROWS[:120].assign(mail=ROWS["mail"][:120].where(ROWS.index[:120] != 5, "perhaps"))
    for frame, said in ((changed, "some have other inputs, targets"), (ROWS[:119], "of which 119 are there")):
        with pytest.raises(DataError, match=said):
            headstart.fit(write_csv(moved, frame), update=folder / "run", add=folder / "add.csv", dry_run=True)
    with pytest.raises(DataError, match="there is no"):
        headstart.fit(tmp_path / "gone.csv", update=folder / "run", add=folder / "add.csv", dry_run=True)


def test_a_run_of_an_older_version_is_told_how_to_be_made_again(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "old")
    (tmp_path / "old" / "predictions" / "held_out.parquet").unlink()
    with pytest.raises(ConfigError, match="fit --config"):
        headstart.fit(update=tmp_path / "old", add=folder / "add.csv", out=tmp_path / "out")
    with pytest.raises(ConfigError, match="--update RUN"):
        headstart.fit(folder / "base.csv", add=folder / "add.csv")


def test_objects_of_python_can_be_added_to_objects_that_are_given_again(tmp_path):
    run = headstart.fit(ROWS[:120], target="churn", out=tmp_path / "run", **PROBE)
    with pytest.raises(ConfigError, match="given in Python"):
        headstart.fit(update=run.path, add=ROWS[120:420])
    plan = headstart.fit(ROWS[:120], update=run.path, add=ROWS[120:420], dry_run=True)
    assert plan.document["data"]["n"] == 420


def remarks(client: TestClient, pictures: list[Path]) -> None:
    """What people say of the answers: that one is right, or what would be."""
    for number, path in enumerate(pictures):
        asked = {"Content-Type": "image/png", "X-Request-Id": str(number)}
        row = client.post("/predict", content=path.read_bytes(), headers=asked).json()["predictions"][0]
        said = {"label": path.parent.name} if row["prediction"] != path.parent.name else {"verdict": "right"}
        assert client.post("/feedback", json={"request_id": str(number), "example": "0", **said}).status_code == 200


def test_the_loop_is_closed_by_the_feedback_of_a_server(warm, tmp_path):
    fresh = make_photos(tmp_path / "fresh", dict.fromkeys(("blue", "green", "red"), 20), seed=1)
    pictures = sorted(fresh.rglob("*.png"))
    tested = [name for name in ids_in(warm.run.path)][:3]
    place = tmp_path / "f.sqlite"
    with client_of(warm.run.path, feedback=str(place), keep_inputs=tmp_path / "inputs") as client:
        remarks(client, [*pictures, *(warm.photos / name for name in tested)])
    run = headstart.fit(update=warm.run.path, add=str(place), out=tmp_path / "out")
    added = run.evidence["update"]["added"]
    assert added["copies"] == {"it is a test example of the run": 3} and added["n"] == 63
    assert added["train"] + added["test"] == 60 and 60 / 5 <= added["test"]
    assert metrics_of(run.path)["activations/decoded"] == 60  # what was known is read, not computed
    left_out = {each["id"] for each in decided(run.path, "copies left out")}
    assert len(left_out) == 3 and not left_out & set(ids_in(run.path))
    assert headstart.evaluate(run.path, verify=True).holds


def test_numbers_are_updated_too(tmp_path):
    rng = np.random.default_rng(0)
    rooms = rng.normal(0, 1, (300, 6))
    frame = pandas.DataFrame(rooms, columns=list("abcdef")).assign(price=rooms.sum(axis=1) + rng.normal(0, 0.5, 300))
    run = headstart.fit(frame[:40], target="price", out=tmp_path / "run", **PROBE)
    update = headstart.fit(frame[:40], update=run.path, add=frame[40:], out=tmp_path / "out").evidence["update"]
    assert "classes" not in update["old_test"] and update["new_test"]["n"] == 52
    assert update["new_test"]["rmse"]["new"]["value"] < update["new_test"]["rmse"]["old"]["value"]


def test_a_trained_network_is_trained_again_and_judged_on_the_same_validation_examples(questions, passing, tmp_path):
    run = questions.fit(tmp_path / "run")
    fresh = write_csv(tmp_path / "fresh.csv", pandas.DataFrame(made_questions(20, seed=9), columns=["text", "label"]))
    updated = headstart.fit(update=run.path, add=fresh, out=tmp_path / "out")
    held_out = set(ids_in(updated.path, "held_out"))
    assert set(ids_in(run.path, "held_out")) == {name for name in held_out if not name.startswith("added-1/")}
    added = updated.evidence["update"]["added"]
    assert added["val"] == sum(name.startswith("added-1/") for name in held_out) == round(0.2 * (60 - added["test"]))
    assert updated.evidence["training"]["lp_ft"]["n_val"] == len(held_out)
    assert headstart.evaluate(updated.path, verify=True).holds
