"""Networks of texts and recordings made smaller, and models that have no network to turn down."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

import headstart
from headstart import bundle
from headstart.api import compressing_integers, compressing_memory, compressing_pruning
from headstart.compression import gate, knobs
from headstart.core.errors import DataError
from made_sounds import make_recordings
from made_texts import questions
from tiny_models import GRAPH, sound_model, text_model

__all__ = ["sound_model", "text_model"]


def allowed(monkeypatch):
    """Which of these tiny networks is faster is chance: speed is no reason to refuse. A few ways are enough."""
    monkeypatch.setattr(gate, "GAINED", 0.0)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(knobs, "SHARES", (0.57,))
    monkeypatch.setattr(knobs, "TOKENS", (8,))
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 1)
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)


def small(path, out):
    return headstart.compress(path, max_drop=99, runtime="onnxruntime", students=0, out=out, threads=1)


def test_a_network_of_texts_reads_fewer_tokens(text_model, tmp_path, monkeypatch):
    allowed(monkeypatch)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    rows = questions(16)
    table = pandas.DataFrame(rows, columns=["text", "label"] if isinstance(rows[0][0], str) else ["label", "text"])
    run = headstart.fit(
        table.rename(columns={}), target="label", model=str(text_model), method="linear_probe", settings=GRAPH,
        out=tmp_path / "run",
    )  # fmt: skip
    with pytest.raises(DataError, match="given in Python"):
        small(run.path, tmp_path / "no")
    place = tmp_path / "texts.csv"
    table.to_csv(place, index=False)
    run = headstart.fit(
        place, target="label", model=str(text_model), method="linear_probe", settings=GRAPH, out=tmp_path / "filed"
    )
    found = small(run.path, tmp_path / "small")
    names = [each["name"] for each in found.evidence["compression"]["points"]]
    assert any("tokens" in name for name in names) and any("up to" in name for name in names)
    said = headstart.predict(found.path, [table["text"][0]] * 2).rows
    assert said[0]["prediction"] == said[1]["prediction"] and said[0]["prediction"] in set(table["label"])


def test_a_network_of_recordings_hears_less(sound_model, tmp_path, monkeypatch):
    allowed(monkeypatch)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    made = make_recordings(tmp_path / "made", per_kind=12)
    run = headstart.fit(made, model=str(sound_model), method="linear_probe", settings=GRAPH, out=tmp_path / "run")
    found = small(run.path, tmp_path / "small")
    points = found.evidence["compression"]["points"]
    assert points[0]["name"] == "as it is" and len(points) > 2
    (record,) = bundle.read(found.path).manifest.networks.values()
    chosen = next(each for each in points if each["name"] == found.chosen)
    if chosen["knobs"]["size"] is not None:
        assert record.preprocessing.max_seconds == chosen["knobs"]["size"]
    assert np.isfinite(headstart.evaluate(found.path, made).evidence["test"]["accuracy"]["value"])


def test_columns_have_no_network_to_turn_down(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    table = pandas.DataFrame({"a": rng.normal(size=80), "b": rng.normal(size=80)})
    table["label"] = np.where(table.a + 0.2 * rng.normal(size=80) > 0, "yes", "no")
    table.to_csv(tmp_path / "rows.csv", index=False)
    run = headstart.fit(tmp_path / "rows.csv", target="label", method="linear_probe", out=tmp_path / "run")
    with pytest.raises(DataError, match="the features of this model come from"):
        headstart.compress(run.path)
