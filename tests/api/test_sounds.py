"""Recordings of any rate and kind through fit, predict and evaluate."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pyarrow.parquet
import pytest
import soundfile

import headstart
from bundle.helpers_bundle import BLOCKED
from made_sounds import HERTZ, make_recordings, recording
from shared_run import evidence_of, files_below, metrics_of, predictions_of
from tiny_models import GRAPH


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return make_recordings(tmp_path_factory.mktemp("sounds") / "tones")


@pytest.fixture(scope="module")
def fitted(recordings, sound_model, cache, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return fit(recordings, sound_model, tmp_path_factory.mktemp("run") / "run")


def fit(data, model, out, **options):
    asked = {"model": str(model), "method": "linear_probe", "settings": GRAPH, "threads": 1}
    return headstart.fit(data, out=out, **{**asked, **options})


def notes_of(run):
    return json.loads((run.path / "plan.json").read_text())["notes"]


def test_rates_and_channels_are_mixed_freely_and_said(fitted):
    assert any("44,100 Hz (12), 8,000 Hz (12); all are heard at 16,000 Hz" in note for note in notes_of(fitted))
    assert any("shorter than 0.5 s" in note for note in notes_of(fitted))
    assert fitted.evidence["data"]["modality"] == "sound"
    names = {other["name"] for other in fitted.evidence["comparisons"]}
    assert {"logmel_stats", "majority_class", "knn", "random_weights"} <= names
    assert "bundle/model.onnx" in files_below(fitted.path)
    decoded = {name: value for name, value in metrics_of(fitted.path).items() if name.endswith(("decoded", "backbone"))}
    assert set(decoded.values()) == {24.0}


def test_the_place_of_the_model_is_in_no_file_that_others_read(fitted, sound_model):
    for path in (fitted.path / "report.html", fitted.path / "evidence.json", *fitted.bundle.rglob("*")):
        assert path.is_dir() or os.fsencode(sound_model.parent) not in path.read_bytes(), path


def test_the_same_sound_at_another_rate_and_in_two_channels_is_heard_alike(fitted, tmp_path):
    for kind in HERTZ:
        wave = recording(kind, np.random.default_rng(1), 44100)
        soundfile.write(tmp_path / f"{kind}.flac", np.stack([wave, wave], axis=1), 44100)
        soundfile.write(tmp_path / f"{kind}.wav", wave, 44100)
        mono, stereo = headstart.predict(fitted.path, [tmp_path / f"{kind}.wav", tmp_path / f"{kind}.flac"]).rows
        assert mono["probability_low"] == pytest.approx(stereo["probability_low"], abs=1e-4)


def test_the_config_repeats_the_run_bit_for_bit_with_a_cold_cache(fitted, tmp_path):
    again = headstart.fit(config=fitted.path / "config.yaml", out=tmp_path / "again")
    assert metrics_of(again.path)["activations/forwarded/backbone"] == 24
    assert evidence_of(again.path) == evidence_of(fitted.path)
    assert predictions_of(again.path) == predictions_of(fitted.path)


def test_another_seed_decodes_and_forwards_nothing(fitted, recordings, sound_model, cache, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    other = fit(recordings, sound_model, tmp_path / "run", seed=3)
    found = {name: value for name, value in metrics_of(other.path).items() if "forwarded" in name or "decoded" in name}
    assert found and set(found.values()) == {0}, found


def test_evaluate_measures_a_table_of_paths_like_the_folder(fitted, recordings, tmp_path):
    rows = [f"{path},{path.parent.name}" for path in sorted(recordings.rglob("*.*"))]
    (tmp_path / "t.csv").write_text("file,label\n" + "\n".join(rows) + "\n")
    by_folder = headstart.evaluate(fitted.path, recordings).evidence["test"]
    by_table = headstart.evaluate(fitted.path, tmp_path / "t.csv").evidence["test"]
    assert by_table == by_folder


def test_a_speaker_is_never_on_both_sides(recordings, sound_model, tmp_path):
    files = sorted(recordings.rglob("*.*"))
    rows = [
        f"{path},{path.parent.name},speaker{number % 6},{'test' if number % 4 == 0 else 'train'}"
        for number, path in enumerate(files)
    ]
    (tmp_path / "t.csv").write_text("file,label,speaker,split\n" + "\n".join(rows) + "\n")
    with pytest.raises(headstart.HeadstartError, match="--resplit") as caught:
        fit(tmp_path / "t.csv", sound_model, tmp_path / "refused", groups="speaker")
    assert caught.value.exit_code == 3 and not (tmp_path / "refused").exists()
    run = fit(tmp_path / "t.csv", sound_model, tmp_path / "run", groups="speaker", resplit=True)
    test = set(pyarrow.parquet.read_table(run.path / "predictions/test.parquet").column("id").to_pylist())
    speakers = {file: f"speaker{number % 6}" for number, file in enumerate(map(str, files))}
    tested = {speaker for file, speaker in speakers.items() if any(file.endswith(name) for name in test)}
    learned = {speaker for file, speaker in speakers.items() if not any(file.endswith(name) for name in test)}
    assert tested and learned and not tested & learned


ALONE = """
import headstart
result = headstart.predict("bundle", "low", out="p.parquet")
assert (result.count, result.failed) == (12, 0), result
assert not {"torch", "transformers", "sklearn"} & set(sys.modules)
"""


def test_the_bundle_predicts_where_neither_torch_nor_transformers_can_be_imported(fitted, recordings, tmp_path):
    shutil.copytree(fitted.bundle, tmp_path / "bundle")
    shutil.copytree(recordings / "low", tmp_path / "low")
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "none")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    alone = pyarrow.parquet.read_table(tmp_path / "p.parquet").to_pylist()
    here = headstart.predict(fitted.path, recordings / "low").rows
    assert [row["probability_low"] for row in alone] == [row["probability_low"] for row in here]
