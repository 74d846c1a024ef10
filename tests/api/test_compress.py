"""A run made smaller: what is measured, what is written, what is refused."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

import headstart
from cli.helpers_cli import headstart_command
from headstart import bundle
from headstart.api import compressing_integers, compressing_memory, compressing_pruning, compressing_search
from headstart.compression import gate
from headstart.core.errors import ConfigError, DataError, GateError

__all__ = ["headstart_command"]


def small(run, **options):
    return headstart.compress(run, runtime="onnxruntime", students=0, threads=1, **options)


@pytest.fixture(scope="module")
def compressed(shared, tmp_path_factory):
    """Everything is allowed to be lost, so that the fastest way ships."""
    out = tmp_path_factory.mktemp("compressed") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        patch.setattr(gate, "GAINED", 0.0)  # which of these tiny networks is faster is chance
        patch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
        patch.setattr(compressing_integers, "MOST_INT8", 3)
        return small(shared.run.path, max_drop=99, out=out)


def test_a_compressed_run_answers_as_its_evidence_says(compressed, warm):
    section = compressed.evidence["compression"]
    assert section["chosen"] == compressed.chosen and compressed.chosen != "as it is"
    names = [each["name"] for each in section["points"]]
    assert names[0] == "as it is" and compressed.chosen in names and len(set(names)) == len(names)
    assert section["target"]["runtime"] == "onnxruntime"
    again = headstart.evaluate(compressed.path, warm.photos).evidence["test"]
    assert again.keys() >= {"accuracy", "log_loss"}
    table = pyarrow.parquet.read_table(warm.run.path / "predictions" / "test.parquet").to_pydict()
    said = headstart.predict(compressed.path, [warm.photos / name for name in table["id"]]).rows
    right = np.mean([row["prediction"] == target for row, target in zip(said, table["target"], strict=True)])
    assert right == pytest.approx(compressed.evidence["test"]["accuracy"]["value"])
    assert compressed.evidence["test_reads"] == warm.run.evidence["test_reads"] + 1


def test_points_hold_figures_of_held_out_examples_and_times(compressed, warm):
    held = pyarrow.parquet.read_table(warm.run.path / "predictions" / "held_out.parquet").to_pydict()
    points = compressed.evidence["compression"]["points"]
    base = points[0]
    right = np.mean(np.array(held["prediction"]) == np.array(held["target"]))
    assert base["score"] == pytest.approx(right) and base["speedup"] == base["smaller"] == 1
    for each in points[1:]:
        assert each["score"] - base["score"] == pytest.approx(each["difference"]["value"])
        assert each["points"] == pytest.approx(100 * each["difference"]["value"])
        assert each["milliseconds"]["alone"] > 0 and each["bytes"] > 0
    assert any(each["front"] for each in points)
    assert compressed.evidence["compression"]["target"]["memory"] > 0
    assert base["memory"] > 0 and all((each["memory"] is None) != each["front"] for each in points[1:])


def test_the_bundle_holds_the_smaller_network(compressed, warm):
    old, new = (bundle.read(run).manifest for run in (warm.run.path, compressed.path))
    (theirs,), (ours,) = old.networks.values(), new.networks.values()
    chosen = next(p for p in compressed.evidence["compression"]["points"] if p["name"] == compressed.chosen)
    if chosen["knobs"]["size"] is not None:
        assert ours.preprocessing.image_size == (int(chosen["knobs"]["size"]),) * 2
    else:
        assert ours.preprocessing.image_size == theirs.preprocessing.image_size
    assert (ours.backbone.card.get("cut") or None) == chosen["knobs"]["stage"]
    assert ours.runtime.precision == chosen["precision"]


def test_where_nothing_is_good_enough_evidence_says_so_and_no_bundle_is_there(warm, tmp_path, headstart_command):
    asked = ("compress", warm.run.path, "--speedup", "1000x", "--max-drop", "0", "--out", tmp_path / "out")
    found = headstart_command(*asked, "--runtime", "onnxruntime", "--threads", "1", "--students", "0")
    assert found.code == 4 and "Nothing is 1000 times as fast within 0 points" in found.err
    evidence = json.loads((tmp_path / "out" / "evidence.json").read_text())
    assert "or ask for less with --speedup" in found.err
    nearest = evidence["compression"].get("held_out")
    assert (nearest is None) == ("Nothing that was tried is faster at all" in found.err)
    assert evidence["compression"]["chosen"] is None and evidence["test_reads"] == warm.run.evidence["test_reads"]
    assert not (tmp_path / "out" / "bundle").exists()
    assert "The model stays as it is" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("most", [2000, 30])
def test_a_refusal_says_whom_the_point_that_came_nearest_would_cost(shared, warm, tmp_path, monkeypatch, most):
    def nothing(points, *asked):
        return gate.Verdict(None, "Nothing.", points[0])

    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "decided", nothing)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)
    monkeypatch.setattr(compressing_search, "MOST_ROWS", most)
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 0)
    with pytest.raises(GateError, match="The model stays as it is"):
        small(warm.run.path, max_drop=0, out=tmp_path / "out")
    section = json.loads((tmp_path / "out" / "evidence.json").read_text())["compression"]
    held, point = section["held_out"], section["points"][1]
    assert held["name"] == point["name"] and held["n"] == point["n"] == section["n"]
    assert held["difference"]["value"] == pytest.approx(
        point["difference"]["value"], abs=0.05
    )  # answers are calibrated
    assert sum(each["n"] for each in held["groups"]["columns"]["place"].values()) <= held["n"]
    assert held["calibration"]["before"]["log_loss"]["low"] is not None
    page = (tmp_path / "out" / "report.html").read_text()
    assert "What the point that came nearest would cost" in page and "The test was not read." in page


def test_of_many_rows_some_are_searched_and_what_ships_is_judged_on_all(shared, warm, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "GAINED", 0.0)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)
    monkeypatch.setattr(compressing_search, "MOST_ROWS", 30)
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 1)
    found = small(shared.run.path, max_drop=99, out=tmp_path / "run")
    section = found.evidence["compression"]
    n, most = section["n"], warm.run.evidence["n"]["train"] + warm.run.evidence["n"].get("validation", 0)
    by_name = {each["name"]: each for each in section["points"]}
    assert n < most and {each["n"] for each in section["points"]} == {n, most}
    assert by_name[found.chosen]["n"] == most and by_name["as it is"]["n"] == n


def test_what_cannot_be_compressed_is_told(compressed, warm, tmp_path):
    with pytest.raises(ConfigError, match="--by must be one of .*'throughput'"):
        headstart.compress(warm.run.path, by="throughputs")
    with pytest.raises(DataError, match="compressed already"):
        headstart.compress(compressed.path)
    with pytest.raises(DataError, match="needs the examples that the run learned from"):
        headstart.compress(warm.run.bundle)
    with pytest.raises(ConfigError, match="above 1, as 2x"):
        headstart.compress(warm.run.path, speedup="0.5x")
    with pytest.raises(ConfigError, match="--smaller must be a number above 1"):
        headstart.compress(warm.run.path, smaller="much")
    with pytest.raises(ConfigError, match="points from 0 to 100"):
        headstart.compress(warm.run.path, max_drop=-1)
    with pytest.raises(ConfigError, match="onnxruntime"):
        headstart.compress(warm.run.path, runtime="onxruntime")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(ConfigError):
        headstart.compress(warm.run.path, out=tmp_path / "full")


@pytest.fixture(scope="module")
def in_integers(shared, tmp_path_factory):
    """Only what is in 8-bit integers may ship."""
    out = tmp_path_factory.mktemp("integers") / "run"

    def only_int8(points, base, *asked):
        return gate.Verdict(next(each for each in points if each.knobs.is_int8), "It is in integers.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        patch.setattr(gate, "decided", only_int8)
        patch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
        patch.setattr(compressing_memory, "memory_of", lambda *given: None)  # it takes a second each
        patch.setattr(compressing_integers, "MOST_INT8", 2)
        return small(shared.run.path, max_drop=99, out=out)


def test_a_network_in_integers_is_shipped_a_quarter_as_large_and_answers_alike(in_integers, warm):
    point = next(p for p in in_integers.evidence["compression"]["points"] if p["name"] == in_integers.chosen)
    assert point["precision"] == "int8" and point["smaller"] > 2
    record = next(iter(bundle.read(in_integers.path).manifest.networks.values()))
    assert record.runtime.precision == "int8" and record.runtime.name == "onnxruntime"
    again = headstart.evaluate(in_integers.path, warm.photos).evidence
    assert again["test"]["accuracy"]["value"] > 0.5
    table = pyarrow.parquet.read_table(warm.run.path / "predictions" / "test.parquet").to_pydict()
    said = headstart.predict(in_integers.path, [warm.photos / name for name in table["id"]]).rows
    right = np.mean([row["prediction"] == target for row, target in zip(said, table["target"], strict=True)])
    assert right == pytest.approx(in_integers.evidence["test"]["accuracy"]["value"])


def test_an_exported_network_in_integers_is_judged_by_its_own_runtime_on_the_runs_raw_files(in_integers, tmp_path):
    found = headstart.export(in_integers.path, out=tmp_path / "exported")
    assert found.gate["held_against"] == "the run's bundle in 8-bit integers"
    tests = found.gate["tests"]
    assert tests["n"] == in_integers.evidence["n"]["test"] and tests["as_written"]["precision"] == "onnxruntime, int8"
    assert tests["accuracy"]["file"] >= tests["accuracy"]["run"] - found.gate["limits"]["lost_on_tests"]
    assert found.gate["alone"]["mean_difference"] <= found.gate["limits"]["mean_difference"]


def test_a_compressed_run_says_what_it_said_of_its_examples(compressed, warm, tmp_path):
    table = pyarrow.parquet.read_table(compressed.path / "predictions" / "test.parquet").to_pydict()
    right = np.mean([said == target for said, target in zip(table["prediction"], table["target"], strict=True)])
    assert right == pytest.approx(compressed.evidence["test"]["accuracy"]["value"])
    held = pyarrow.parquet.read_table(compressed.path / "predictions" / "held_out.parquet").to_pydict()
    assert len(held["id"]) == compressed.evidence["compression"]["n"] and not set(held["id"]) & set(table["id"])
    with pytest.raises(ConfigError, match="was compressed. Update the run that it was made from"):
        headstart.fit(update=compressed.path, add=warm.photos, out=tmp_path / "updated")


def test_a_network_in_integers_is_not_trained_further(in_integers, warm, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number, path in enumerate(sorted(warm.photos.rglob("*.png"))[:12]):
        Image.open(path).convert("L").convert("RGB").save(elsewhere / f"{number}.png")
    with pytest.raises(DataError, match="in floats; this one was compressed to 8-bit integers"):
        headstart.adapt(in_integers.path, elsewhere, method="shot")


def test_another_point_is_picked_twice_from_one_search(compressed, warm, tmp_path, headstart_command):
    section = compressed.evidence["compression"]
    (name, kept), *_ = section["graphs"].items()  # the front may be the chosen point alone
    number = [each["name"] for each in section["points"]].index(name)
    assert (compressed.path / kept["file"]).stat().st_size == kept["bytes"]
    first = headstart.compress(compressed.path, pick=name, out=tmp_path / "first")
    assert headstart_command("compress", compressed.path, "--pick", number, "--out", tmp_path / "second").code == 0
    second = json.loads((tmp_path / "second" / "evidence.json").read_text())
    for found in (first.evidence, second):
        told = found["compression"]
        assert told["chosen"] == name and told["points"] == section["points"]
        assert told["picked"]["score"] == pytest.approx(section["points"][number]["score"])
    if name == compressed.chosen:
        assert first.evidence["test"]["accuracy"] == compressed.evidence["test"]["accuracy"]
    assert first.evidence["test"] == second["test"]
    assert second["test_reads"] == first.evidence["test_reads"] + 1
    assert first.evidence["test_reads"] > compressed.evidence["test_reads"]
    assert headstart.predict(tmp_path / "first", [next(warm.photos.rglob("*.png"))]).rows


def test_a_pick_that_cannot_be_made_is_told(compressed, warm, tmp_path):
    names = list(compressed.evidence["compression"]["graphs"])
    with pytest.raises(ConfigError, match="nothing is not there.*" + re.escape(names[0])):
        headstart.compress(compressed.path, pick="nothing", out=tmp_path / "out")
    with pytest.raises(ConfigError, match="got --speedup, --max-drop too. Leave that out"):
        headstart.compress(compressed.path, pick=names[0], speedup=2, max_drop=3, out=tmp_path / "out")
    with pytest.raises(ConfigError, match="as it is is the model as it is"):
        headstart.compress(compressed.path, pick="as it is", out=tmp_path / "out")
    with pytest.raises(ConfigError, match="has no points/search.json"):
        headstart.compress(warm.run.path, pick=names[0], out=tmp_path / "out")
    with pytest.raises(ConfigError, match="needs --out"):
        headstart.compress(compressed.path, pick=names[0])
    moved = compressed.path.parent / "moved"
    shutil.copytree(compressed.path, moved, ignore=shutil.ignore_patterns("*.onnx"))
    with pytest.raises(ConfigError, match="it is gone. Put it back"):
        headstart.compress(moved, pick=names[0], out=tmp_path / "out")


def test_costs_of_groups_classes_and_answers_stand_in_the_evidence_and_on_the_page(compressed, warm):
    section = compressed.evidence["compression"]
    said, groups = section["answers"], section["groups"]
    accuracy = compressed.evidence["test"]["accuracy"]["value"]
    assert 1 - said["wrong_after"] / said["n"] == pytest.approx(accuracy)
    assert said["wrong_after"] - said["wrong_before"] == said["lost"] - said["gained"]
    assert sum(each["n"] for each in section["classes"]["classes"]) == said["n"]
    assert sum(each["n"] for each in groups["columns"]["place"].values()) <= said["n"]
    change = sum(each["n"] * each["difference"]["value"] for each in groups["columns"]["place"].values())
    if sum(each["n"] for each in groups["columns"]["place"].values()) == said["n"]:
        assert change == pytest.approx(said["gained"] - said["lost"])
    assert section["calibration"]["before"]["ece"] == warm.run.evidence["test"]["ece"]
    page = (compressed.path / "report.html").read_text()
    (compressed.path / "report.html").unlink()
    assert headstart.report(compressed.path).read_text() == page
    with pytest.raises(ConfigError, match="holds no run"):
        headstart.report(compressed.path / "bundle")
