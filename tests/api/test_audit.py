"""``audit`` from data to findings and files, and the same checks as the first step of a fit."""

from __future__ import annotations

import csv
import json
import shutil

import pandas
import pytest
import yaml

import headstart
from headstart.core.errors import ConfigError, DataError, LeakError
from made_texts import questions
from shared_run import RUNTIME, files_below
from tiny_models import EAGER


def looked(warm, data=None, **options):
    settings = [f"{key}={value}" for key, value in RUNTIME.items()]
    return headstart.audit(data or warm.photos, model=str(warm.model), settings=settings, **options)


def by_id(findings):
    return {each["id"]: each for each in findings}


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def split_photos(warm, tmp_path):
    """The photos as a train and a test folder, and six training pictures again in the test."""
    for path in sorted(warm.photos.rglob("*.png")):
        part = "test" if path.stem.endswith("9") else "train"
        place = tmp_path / "data" / part / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    for number, path in enumerate(sorted((tmp_path / "data" / "train" / "red").glob("*.png"))[:6]):
        shutil.copyfile(path, tmp_path / "data" / "test" / "red" / f"again{number}.png")
    return tmp_path / "data"


def test_findings_and_files_of_a_folder(warm, tmp_path):
    result = looked(warm, out=tmp_path / "audit")
    assert result.exit_code == 0
    document = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert document == result.document
    assert document["n"] == {"examined": 60, "with_targets": 60, "test": 0}
    assert 0 < document["probe"]["value"] < 1 and document["probe"]["rows"] == 60
    assert {"audit.json", "suspects.csv", "audit.html", "examples.json"} <= files_below(tmp_path / "audit")
    suspects = sum(finding["count"] for finding in document["findings"])
    rows = rows_of(tmp_path / "audit" / "suspects.csv")
    assert len(rows) == suspects > 0
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert result.sentence.rstrip(".") in page
    assert list(result.to_pandas()["id"]) == [each["id"] for each in result.findings]
    assert result.to_dict()["path"] == str(tmp_path / "audit")


def test_pictures_in_a_wrong_folder_are_suspected(warm):
    found = by_id(looked(warm).findings)["label_errors"]
    wrong = [suspect["id"] for suspect in found["suspects"]]
    swapped = [name for name in wrong if "swapped" in name]
    assert len(swapped) >= 9  # of 12 in 60
    assert len(swapped) >= 0.75 * len(wrong)
    for suspect in found["suspects"]:
        assert suspect["given"] != suspect["suggested"]


def test_copies_across_a_split_are_severe_and_end_a_fit_until_they_are_accepted(warm, split_photos, tmp_path):
    result = looked(warm, split_photos)
    found = by_id(result.findings)["duplicates_across_splits"]
    assert (result.exit_code, found["severity"], found["count"]) == (3, "severe", 6)
    assert result.document["refused"] == ["duplicates_across_splits"]
    accepted = looked(warm, split_photos, accept="duplicates_across_splits")
    assert (accepted.exit_code, accepted.document["accepted"]) == (0, ["duplicates_across_splits"])
    with pytest.raises(LeakError, match="--accept duplicates_across_splits") as stop:
        fit(warm, split_photos, tmp_path / "run")
    assert stop.value.exit_code == 3 and not (tmp_path / "run").exists()
    run = fit(warm, split_photos, tmp_path / "run", accept=["duplicates_across_splits"])
    assert run.evidence["audit"]["accepted"] == ["duplicates_across_splits"]
    assert any("nearly the same" in warning for warning in run.evidence["warnings"])
    assert yaml.safe_load((run.path / "config.yaml").read_text())["accept"] == ["duplicates_across_splits"]


def test_a_new_split_needs_no_acceptance(warm, split_photos, tmp_path):
    run = fit(warm, split_photos, tmp_path / "run", resplit=True)
    assert "duplicates_across_splits" not in by_id(run.evidence["audit"]["findings"])


def fit(warm, data, out, **options):
    asked = {"model": str(warm.model), "settings": RUNTIME, "out": out}
    return headstart.fit(data, **{**asked, **options})


def test_a_fit_never_looks_at_test_targets(warm, split_photos, tmp_path):
    run = fit(warm, split_photos, tmp_path / "run", accept=["duplicates_across_splits"])
    document = json.loads((run.path / "audit.json").read_text())
    n_test = run.evidence["n"]["test"]
    assert document["n"]["with_targets"] == document["n"]["examined"] - n_test
    suspects = by_id(document["findings"]).get("label_errors", {"suspects": []})["suspects"]
    assert not [each for each in suspects if each["id"].startswith("test/")]
    text = json.dumps(run.evidence["audit"])
    assert ".png" not in text  # the bundle's copy names no example


def test_groups_on_both_sides_can_be_accepted(warm, tmp_path):
    frame = pandas.read_csv(warm.photos / "metadata.csv")
    frame["label"] = [name.split("/")[0] for name in frame.file]
    frame["split"] = ["test" if row % 4 == 0 else "train" for row in range(len(frame))]
    table = warm.photos.parent / "grouped.csv"
    frame.to_csv(table, index=False)
    shutil.copytree(warm.photos, tmp_path / "photos")
    frame["file"] = [f"photos/{name}" for name in frame.file]
    frame.to_csv(tmp_path / "grouped.csv", index=False)
    found = by_id(looked(warm, tmp_path / "grouped.csv", groups="person").findings)["groups_across_splits"]
    assert found["severity"] == "severe"
    with pytest.raises(LeakError, match="--accept groups_across_splits"):
        fit(warm, tmp_path / "grouped.csv", tmp_path / "run", groups="person")
    run = fit(warm, tmp_path / "grouped.csv", tmp_path / "run", groups="person", accept="groups_across_splits")
    assert run.evidence["audit"]["accepted"] == ["groups_across_splits"]


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """A table of texts: 36 with a topic, 12 without."""
    place = tmp_path_factory.mktemp("texts") / "texts.csv"
    rows = questions(16)
    with place.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows((text, topic if number < 36 else "") for number, (text, topic) in enumerate(rows))
    return place


def test_rows_without_a_target_are_suggested(texts, text_model, tmp_path):
    result = headstart.audit(
        texts, model=str(text_model), settings=list(map("=".join, EAGER.items())), suggest=5, out=tmp_path / "audit"
    )
    suggested = result.document["suggestions"]
    assert len(suggested) == 5 and result.document["n"]["with_targets"] == 36
    assert all(int(each["id"].rsplit("/", 1)[-1]) >= 36 for each in suggested)
    rows = rows_of(tmp_path / "audit" / "suggestions.csv")
    assert [row["id"] for row in rows] == [each["id"] for each in suggested]


def test_files_of_a_folder_are_suggested(warm, tmp_path):
    (tmp_path / "pool").mkdir()
    for path in sorted((warm.photos / "green").glob("*.png"))[:7]:
        shutil.copyfile(path, tmp_path / "pool" / path.name)
    result = looked(warm, suggest=3, unlabelled=str(tmp_path / "pool"))
    assert len(result.document["suggestions"]) == 3
    with pytest.raises(ConfigError, match="--suggest needs examples without a label"):
        looked(warm, suggest=3)


def test_bad_requests_are_told(warm, tmp_path):
    with pytest.raises(DataError):
        looked(warm, tmp_path / "nowhere")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(ConfigError, match="must be new or empty"):
        looked(warm, out=tmp_path / "full")
    for refused in (
        lambda: looked(warm, accept="label_error"),
        lambda: fit(warm, warm.photos, None, accept="label_error"),
    ):
        with pytest.raises(ConfigError, match="Did you mean 'label_errors'"):
            refused()


def test_without_examples_no_picture_is_written(warm, tmp_path):
    looked(warm, out=tmp_path / "audit", examples=False)
    assert "examples.json" not in files_below(tmp_path / "audit")
    assert "data:image/jpeg" not in (tmp_path / "audit" / "audit.html").read_text()
