"""The benchmarks that look inside a fit must find what they look for: each runs once on few pictures."""

from __future__ import annotations

import json
import sys

import watched_fit


def test_a_watched_fit_notes_the_accuracy_of_every_candidate(warm, tmp_path, monkeypatch):
    from headstart.fitting import finish
    from headstart.solving import trials

    monkeypatch.setattr(trials, "against_start", trials.against_start)  # put back afterwards
    monkeypatch.setattr(finish, "_evidence", finish._evidence)
    asked = ["--model", str(warm.model), "--method", "linear_probe", "--set", "runtime.name=onnxruntime", "--quiet"]
    command = ["watched_fit.py", str(tmp_path / "w.json"), "fit", str(warm.photos), "--out", str(tmp_path / "run")]
    monkeypatch.setattr(sys, "argv", [*command, *asked])
    try:
        watched_fit.main()
    except SystemExit as end:
        assert not end.code
    found = json.loads((tmp_path / "w.json").read_text())
    evidence = json.loads((tmp_path / "run" / "evidence.json").read_text())
    names = {evidence["verdict"]["chosen"], *(other["name"] for other in evidence["comparisons"])}
    assert names <= set(found["accuracies"]) and all(0 <= value <= 1 for value in found["accuracies"].values())
