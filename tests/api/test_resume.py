"""A run that was stopped anywhere is finished by --resume with the same result, bit for bit."""

from __future__ import annotations

import os
import signal

import pytest

import headstart
from api.helpers_stops import STEPS, CtrlC, killed
from headstart.core.errors import BusyError, RunInterrupted
from headstart.core.lock import lock
from shared_run import evidence_of, files_below, predictions_of


def assert_equal_runs(run, shared):
    assert evidence_of(run.path) == evidence_of(shared.run.path)
    assert predictions_of(run.path) == predictions_of(shared.run.path)
    assert files_below(run.path) == files_below(shared.run.path)


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_at_any_step_leaves_a_run_that_resumes_to_the_same_result(warm, tmp_path, step):
    with pytest.raises(RunInterrupted) as caught:
        warm.fit(tmp_path / "run", progress=CtrlC(step))
    assert caught.value.path == tmp_path / "run" and caught.value.exit_code == 130
    assert not (tmp_path / "run" / "report.html").exists()
    assert not (tmp_path / "run" / ".lock").exists()
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), warm)


def test_a_choice_that_an_interrupted_process_wrote_opens_no_seal(warm, tmp_path):
    with pytest.raises(RunInterrupted):
        warm.fit(tmp_path / "run", progress=CtrlC("evidence"))
    written = tmp_path / "run" / "config.yaml"
    assert written.exists()
    with pytest.raises(RunInterrupted):
        headstart.fit(out=tmp_path / "run", resume=True, progress=CtrlC("solve"))
    assert not written.exists()


def test_ctrl_c_before_anything_was_begun_leaves_nothing(warm, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        warm.fit(tmp_path / "run", progress=CtrlC("read"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "step", ["evidence", *(pytest.param(s, marks=pytest.mark.slow) for s in STEPS if s != "evidence")]
)
def test_a_killed_run_resumes_to_the_same_result(shared, monkeypatch, tmp_path, step):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    assert killed(shared, tmp_path / "run", step) == -signal.SIGKILL
    assert (tmp_path / "run" / "request.yaml").exists()
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), shared)


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 40, 60])
def test_a_run_killed_in_the_middle_of_the_features_resumes_to_the_same_result(shared, monkeypatch, tmp_path, after):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cold"))
    assert killed(shared, tmp_path / "run", "features", after, tmp_path / "cold") == -signal.SIGKILL
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), shared)


def test_without_a_folder_the_newest_unfinished_run_is_found(warm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunInterrupted) as caught:
        warm.fit(None, progress=CtrlC("solve"))
    run = warm.fit(None, resume=True)
    assert run.path == caught.value.path
    assert_equal_runs(run, warm)


def test_a_finished_run_resumed_is_returned_as_it_is(warm, tmp_path):
    before = {name: os.stat(warm.run.path / name).st_mtime_ns for name in files_below(warm.run.path)}
    again = headstart.fit(out=warm.run.path, resume=True)
    assert again.path == warm.run.path and again.evidence == warm.run.evidence
    assert before == {name: os.stat(warm.run.path / name).st_mtime_ns for name in files_below(warm.run.path)}


def test_a_second_process_on_the_same_folder_is_refused_and_disturbs_nothing(warm, tmp_path):
    with pytest.raises(RunInterrupted):
        warm.fit(tmp_path / "run", progress=CtrlC("solve"))
    before = files_below(tmp_path / "run")
    with lock(tmp_path / "run" / ".lock", "The run"), pytest.raises(BusyError) as caught:
        headstart.fit(out=tmp_path / "run", resume=True)
    assert caught.value.exit_code == 2
    assert files_below(tmp_path / "run") - {".lock"} == before
