"""Texts, recordings and rows of a table explained through bundles, from what users give to what is written."""

from __future__ import annotations

import json

import numpy as np
import pytest

import headstart
from bundle.helpers_bundle import EVIDENCE, TASK, Choice, graph_of, linear_head
from bundle.helpers_text import word_network, write_words
from data.helpers_sound import encoded, sweep
from headstart import bundle
from headstart.bundle import WrittenNetwork
from headstart.core.errors import ConfigError
from headstart.core.schema import InputSchema, PartSchema
from headstart.data.modalities import modality
from made_tables import customers, write_csv
from shared_run import files_below


def test_texts_get_their_words_marked_on_a_page_each(tmp_path, monkeypatch):
    written = write_words(tmp_path / "bundle")
    monkeypatch.setattr("headstart.bundle.torch_backbone.rebuild", lambda folder, record: word_network())
    texts = ["one two three", "three <b> three"]
    result = headstart.explain(written.folder, texts, out=tmp_path / "out", checks=False)
    assert files_below(tmp_path / "out") == {"explanations.jsonl", "explain.html", "0000-0.html", "0001-1.html"}
    first, second = result.documents
    assert (first["method"], first["unit"], first["names"]) == ("integrated_gradients", "word", ["one", "two", "three"])
    assert first["sum_gap"] < 1e-4 and first["files"] == {"highlighted": "0000-0.html"}
    page = (tmp_path / "out" / "0001-1.html").read_text()
    assert "<mark" in page and "<b>" not in page.split("<main", 1)[1].split("</main", 1)[0].replace("<bdi>", "")
    assert second["names"] == ["three", "<", "b", ">", "three"]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """The speech embedding with random weights."""
    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.load import load_card

    folder = tmp_path_factory.mktemp("sounds")
    backbone = load_card(catalogue.default_card("sound"), random_seed=0)
    preparer = modality("sound").preparer(backbone.preprocessing, backbone.assets)
    part = PartSchema(modality="sound")
    prepared = [preparer.prepare(encoded(sweep(0.4, seed=0), 16000))]
    return bundle.write(
        folder / "b",
        sources=[WrittenNetwork(part, backbone, Choice(), graph_of(backbone, folder / "graphs"), prepared)],
        fitted=linear_head(backbone.feature_dim),
        task_dict=TASK,
        input_schema=InputSchema(parts=(part,)),
        evidence=EVIDENCE,
    )


@pytest.mark.parametrize("seconds", [0.4, 2.3])
def test_recordings_get_cells_of_time_and_frequency_and_a_drawing(sounds, tmp_path, seconds):
    path = tmp_path / "clip.wav"
    path.write_bytes(encoded(sweep(seconds, seed=1), 16000))
    result = headstart.explain(sounds.folder, path, out=tmp_path / "out", steps=8)
    [document] = result.documents
    assert (document["method"], document["shape"]) == ("integrated_gradients", [8, 16])
    assert document["names"][0].endswith(" s") and "8,000 Hz, 0.00 to" in document["names"][0]
    assert np.isfinite(document["values"]).all() and np.any(document["values"])
    assert files_below(tmp_path / "out") == {"explanations.jsonl", "explain.html", "0000-clip.png"}


def test_taking_cells_away_explains_a_recording_too(sounds, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(encoded(sweep(0.4, seed=1), 16000))
    [document] = headstart.explain(sounds.folder, path, method="occlusion", checks=False).documents
    assert document["sum_gap"] is None and np.any(document["values"])


@pytest.fixture(scope="module")
def churn(tmp_path_factory):
    """A run on plain columns."""
    folder = tmp_path_factory.mktemp("churn")
    data = write_csv(folder / "customers.csv", customers(160))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        return headstart.fit(data, target="churn", out=folder / "run"), data


def test_rows_get_shares_of_their_columns_that_add_up_and_their_neighbours(churn, tmp_path):
    run, data = churn
    result = headstart.explain(run.path, data, out=tmp_path / "out", checks=False)
    assert len(result.documents) == 160 and result.failed == 0
    for document in result.documents[:5]:
        assert document["method"] == "shapley" and set(document["names"]) == {"age", "plan", "since", "mail", "spent"}
        assert len(document["neighbours"]["nearest"]) == 3 and document["neighbours"]["otherwise"] is not None
    size = np.abs([document["values"] for document in result.documents]).mean(axis=0)
    by_name = dict(zip(result.documents[0]["names"], size, strict=True))
    assert max(by_name, key=by_name.get) in {"age", "plan"}, "churn follows from these two"
    assert files_below(tmp_path / "out") == {"explanations.jsonl", "explain.html"}
    assert len((tmp_path / "out" / "explanations.jsonl").read_text().splitlines()) == 160


def test_a_row_in_python_is_explained_with_its_checks(churn):
    row = {"age": 71, "plan": "pro", "since": "2005-03-03", "mail": "no", "spent": 90.0}
    run, _ = churn
    result = headstart.explain(run.path, row, class_name="gone")
    [document] = json.loads(json.dumps(result.to_dict(), allow_nan=False))["explanations"]
    assert document["explained"] == "gone" and document["checks"]["curves"]["orders"] == 5
    assert document["sum_gap"] == 0 and result.to_pandas()["most"][0]


def test_gradients_of_columns_are_refused(churn):
    run, data = churn
    with pytest.raises(ConfigError, match="--method occlusion"):
        headstart.explain(run.path, data, method="integrated_gradients")


def test_columns_that_drive_a_class_are_told_for_every_class_from_the_same_rows(churn, tmp_path):
    run, data = churn
    found = headstart.explain(run.path, data, by_class=True, per_class=40, out=tmp_path / "out")
    assert {each["examples"] for each in found.document["classes"]} == {40} and found.document["read"] == 40
    no, yes = found.document["classes"]
    sizes = [{unit["name"]: unit["size"]["value"] for unit in each["units"]} for each in (no, yes)]
    assert sizes[0] == pytest.approx(sizes[1]), "of two classes one's margin is the other's, turned round"
    assert set(sizes[0]) == {"age", "plan", "since", "mail", "spent"}
    page = (tmp_path / "out" / "by_class.html").read_text()
    assert "values speak for it" in page and "Column" in page
    assert set(found.to_pandas()["unit"]) == set(sizes[0])
