"""What people say of answers."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from dataclasses import asdict

import pytest

from headstart.core.errors import ConfigError
from headstart.data.feedback import Feedback, FeedbackStore
from headstart.serving.recent import Recent
from headstart.serving.refusals import Refusal
from headstart.serving.routes.feedback import require_label
from serving.conftest import client_of

GIVEN = Feedback("r", "0", "model", "v", "red", "wrong", "blue")


def test_what_was_added_is_there_for_the_next_reader(tmp_path):
    place = str(tmp_path / "f.sqlite")
    store = FeedbackStore(place)
    store.add(GIVEN)
    store.close()
    (row,) = FeedbackStore(place).rows()
    assert {name: row[name] for name in asdict(GIVEN)} == asdict(GIVEN) and row["time"]
    with sqlite3.connect(place) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    place = tmp_path / "f.sqlite"
    code = (
        "import os, signal; from headstart.data.feedback import Feedback, FeedbackStore;"
        f"store = FeedbackStore({str(place)!r});"
        "[store.add(Feedback(str(n), '0', 'm', 'v', None, 'right', None)) for n in range(20)];"
        "print('acknowledged', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said.returncode == -9 and said.stdout.strip() == "acknowledged"
    assert [row["request_id"] for row in FeedbackStore(str(place)).rows()] == [str(n) for n in range(20)]


@pytest.mark.parametrize("place", ["/no/such/folder/f.sqlite", "postgresql://me:secret@nowhere/x", "what://x"])
def test_a_database_that_cannot_be_opened_is_said_without_its_password(place):
    with pytest.raises(ConfigError) as caught:
        FeedbackStore(place)
    assert "--feedback" in str(caught.value) and "secret" not in str(caught.value)


def test_the_latest_answers_are_remembered_and_older_ones_forgotten():
    recent = Recent(most=2)
    for number in range(3):
        recent.add(str(number), "m", "v", [{"id": "0", "prediction": number}], [None])
    assert recent.get("0", "0") is None
    assert recent.get("2", "0").prediction == "2"


def test_feedback_is_joined_to_what_was_said_and_to_the_input_that_is_kept(shared, tmp_path):
    picture = (shared.photos / "red" / "9.png").read_bytes()
    place, inputs = tmp_path / "f.sqlite", tmp_path / "inputs"
    with client_of(shared.run.path, feedback=str(place), keep_inputs=inputs) as client:
        answer = client.post("/predict", content=picture, headers={"Content-Type": "image/png", "X-Request-Id": "7"})
        said = answer.json()["predictions"][0]["prediction"]
        assert client.post("/feedback", json={"request_id": "7", "label": "blue"}).json() == {"kept": True}
        for remark, status in [
            ({"request_id": "8", "verdict": "right"}, 404),
            ({"request_id": "7"}, 422),
            ({"request_id": "7", "label": "no such class"}, 422),
            ({"request_id": "7", "verdict": "maybe"}, 422),
            ({"verdict": "right"}, 422),
            ([], 422),
        ]:
            assert client.post("/feedback", json=remark).status_code == status, remark
    (row,) = FeedbackStore(str(place)).rows()
    assert (row["prediction"], row["label"], row["verdict"]) == (said, "blue", None)
    assert (inputs / row["content"]).read_bytes() == picture and row["content"].endswith(".png")
    assert inputs.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    ("label", "kind", "names"),
    [
        ("a", "class", ("a", "b")),
        ("b|a", "multilabel", ("a", "b")),
        ("", "multilabel", ("a", "b")),
        ("a|b", "multilabel", ("a|b", "c")),
        ("-3.5e2", "real", ()),
    ],
)
def test_a_label_that_can_be_learned_from_is_taken(label, kind, names):
    require_label(label, kind, names)


@pytest.mark.parametrize(
    ("label", "kind", "names", "said"),
    [
        ("a|b", "class", ("a", "b"), "one of the model's classes"),
        ("", "class", ("a", "b"), "one of the model's classes"),
        ("a|c", "multilabel", ("a", "b"), "joined by |"),
        ("much", "real", (), "a number"),
    ],
)
def test_a_label_that_no_update_could_learn_from_is_refused(label, kind, names, said):
    with pytest.raises(Refusal, match=re.escape(said)) as caught:
        require_label(label, kind, names)
    assert caught.value.status == 422


def test_without_a_place_no_feedback_is_kept_and_no_input_either(client):
    assert client.get("/model").json()["feedback"] is False
    response = client.post("/feedback", json={"request_id": "7", "verdict": "right"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_feedback")
