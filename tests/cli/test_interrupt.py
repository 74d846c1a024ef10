"""Ctrl-C: exit 130 and the line that goes on."""

from __future__ import annotations

import pytest

from headstart.cli import progress
from shared_run import RUNTIME


@pytest.fixture
def interrupted_at(monkeypatch):
    """Make the command line's own listener raise KeyboardInterrupt at a step."""

    def at(wanted):
        def step(self, name, total):
            if name == wanted:
                raise KeyboardInterrupt

        monkeypatch.setattr(progress.Lines, "step", step)

    return at


def test_an_interrupted_fit_says_how_to_go_on_and_goes_on(headstart_command, warm, interrupted_at, tmp_path):
    out = tmp_path / "my run"
    options = ("--model", warm.model, "--method", "linear_probe", "--set", "=".join(*RUNTIME.items()), "--out", out)
    interrupted_at("solve")
    said = headstart_command("fit", warm.photos, *options)
    assert said.code == 130
    assert said.err.splitlines()[-1] == f"Interrupted. Go on with: headstart fit --resume --out '{out}'"
    interrupted_at("no step")
    said = headstart_command("fit", "--resume", "--out", out)
    assert said.code == 0 and (out / "report.html").exists()


def test_an_interrupted_predict_leaves_no_file(headstart_command, shared, interrupted_at, tmp_path):
    interrupted_at("predict")
    said = headstart_command("predict", shared.run.path, shared.photos, "--out", tmp_path / "p.csv")
    assert (said.code, said.err) == (130, "Interrupted.\n")
    assert list(tmp_path.iterdir()) == []
