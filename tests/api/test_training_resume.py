"""A training that was stopped anywhere goes on with --resume to the same result, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import headstart
from api.helpers_training import Steps, StoppedAt
from headstart.core.errors import RunInterrupted
from headstart.core.progress import Silent
from headstart.engine.training.loop import Trainer
from shared_run import evidence_of, predictions_of

pytestmark = pytest.mark.usefixtures("cache_of_module")

OFTEN = {"checkpoint_minutes": 0}  # after every step
STEPS = (0, 1, 4, 5, 9)  # 31 rows in batches of 8: four steps an epoch, with three epochs
THREE = {"method.epochs": 3}


@pytest.fixture(scope="module")
def undisturbed(questions, cache, tmp_path_factory):
    """The run that the others must equal; nothing of it is a checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return questions.fit(tmp_path_factory.mktemp("run") / "run", settings=THREE)


def assert_equal_runs(run, other):
    assert evidence_of(run.path) == evidence_of(other.path)
    assert predictions_of(run.path) == predictions_of(other.path)


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_in_a_training_goes_on_at_the_step_it_was_at(questions, undisturbed, tmp_path, step):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        StoppedAt(patch, step, KeyboardInterrupt)
        questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
    assert len(list((tmp_path / "run" / "checkpoints" / "lp_ft").glob("*"))) == min(step, 2)
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        run = headstart.fit(out=tmp_path / "run", resume=True)
    assert steps.made[0] == step
    assert_equal_runs(run, undisturbed)


def test_a_process_that_exits_in_a_training_goes_on(questions, undisturbed, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        StoppedAt(patch, 6, SystemExit)
        questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), undisturbed)


def test_ctrl_c_between_the_last_step_of_an_epoch_and_its_validation(questions, undisturbed, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        patch.setattr(Trainer, "_end_epoch", raises(KeyboardInterrupt))
        questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), undisturbed)


@pytest.mark.parametrize("step", ["evidence", "bundle", "report"])
def test_a_training_that_was_done_is_not_done_again(questions, undisturbed, tmp_path, step):
    with pytest.raises(RunInterrupted):
        questions.fit(tmp_path / "run", settings=THREE, progress=Stop(step))
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        run = headstart.fit(out=tmp_path / "run", resume=True)
    assert steps.made == []
    assert_equal_runs(run, undisturbed)
    assert not (run.path / "checkpoints").exists()


class Stop(Silent):
    """Raises KeyboardInterrupt when a step begins."""

    def __init__(self, at):
        self.at = at

    def step(self, name, total):
        if name == self.at:
            raise KeyboardInterrupt


def raises(error):
    """A function that does, whatever it is given."""

    def stop(*arguments):
        raise error

    return stop


def test_without_a_checkpoint_yet_it_begins_again(questions, undisturbed, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        StoppedAt(patch, 6, KeyboardInterrupt)
        questions.fit(tmp_path / "run", settings=THREE, checkpoint_minutes=60)
    assert not (tmp_path / "run" / "checkpoints").exists()
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), undisturbed)


def test_a_training_may_be_stopped_twice(questions, undisturbed, tmp_path):
    for step in (3, 7):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
            StoppedAt(patch, step, KeyboardInterrupt)
            if step == 3:
                questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
            else:
                headstart.fit(out=tmp_path / "run", resume=True)
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), undisturbed)


def test_a_damaged_checkpoint_is_passed_over(questions, undisturbed, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        StoppedAt(patch, 6, KeyboardInterrupt)
        questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
    *_, newest = sorted((tmp_path / "run" / "checkpoints" / "lp_ft").iterdir())
    newest.write_bytes(newest.read_bytes()[:200])
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), undisturbed)


@pytest.mark.parametrize(
    "method, own",
    [
        ("fine_tune", {}),
        pytest.param("gradual_unfreeze", {"method.epochs": 3}, marks=pytest.mark.slow),
        pytest.param("lora", {"method.ema": 0.5}, marks=pytest.mark.slow),
        ("greedy_soup", {"method.epochs": 4, "method.cycles": 2}),
    ],
)
def test_other_methods_go_on_to_the_same_result(questions, tmp_path, method, own):
    whole = questions.fit(tmp_path / "whole", method=method, settings=own)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        StoppedAt(patch, 6, KeyboardInterrupt)
        questions.fit(tmp_path / "run", method=method, settings=own, **OFTEN)
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        run = headstart.fit(out=tmp_path / "run", resume=True)
    assert steps.made[0] == 6
    assert_equal_runs(run, whole)


def test_numbers_of_an_epoch_stand_once_in_the_metrics(questions, tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RunInterrupted):
        StoppedAt(patch, 6, KeyboardInterrupt)
        questions.fit(tmp_path / "run", settings=THREE, **OFTEN)
    headstart.fit(out=tmp_path / "run", resume=True)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert sum("training/lp_ft/val_loss" in line for line in lines) == 3


@pytest.mark.slow
@pytest.mark.parametrize("checkpoints", [1, 12, 56])
def test_a_process_killed_in_a_training_goes_on_to_the_same_result(questions, cache, tmp_path, checkpoints):
    long = {"method.epochs": 15, "method.patience": 40, "method.batch_size": 4}  # eight steps an epoch
    whole = questions.fit(tmp_path / "whole", settings=long)
    assert killed(questions, cache, tmp_path / "run", long, checkpoints) == -signal.SIGKILL
    assert not (tmp_path / "run" / "evidence.json").exists()
    assert any((tmp_path / "run" / "checkpoints" / "lp_ft").iterdir())
    assert_equal_runs(headstart.fit(out=tmp_path / "run", resume=True), whole)


def killed(questions, cache, out, own, checkpoints):
    """Fit in a process of its own, killed once so many steps have a checkpoint; returns its exit status."""
    settings = {**questions.settings(own), "checkpoint_minutes": 0}
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={str(value).lower()}")]
    command = [sys.executable, "-m", "headstart", "fit", questions.data, "--model", questions.model]
    command += ["--method", "lp_ft", "--threads", "1", "--out", out, *options]
    process = subprocess.Popen(list(map(str, command)), env={**os.environ, "HEADSTART_CACHE": str(cache)})
    try:
        give_up = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < give_up:
            steps = [int(path.stem) for path in (out / "checkpoints" / "lp_ft").glob("*.checkpoint")]
            if steps and max(steps) >= checkpoints:
                break
            time.sleep(0.002)
    finally:
        process.kill()
    return process.wait()
