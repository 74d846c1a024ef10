"""What a training writes down while it runs."""

from __future__ import annotations

import json
import sys

import pytest

from headstart.core.errors import MissingExtraError
from headstart.core.progress import Silent
from headstart.core.run_folder import RunFolder
from headstart.training.log import TrainLog

RECORD = {
    **{"epoch": 1, "train_loss": 0.5, "val_loss": 0.25, "val_score": 0.75, "lr": 1e-3, "boundary": 2},
    **{"seconds": 1.5, "cpu_seconds": 2.5},
}


class Heard(Silent):
    def __init__(self):
        self.notes, self.steps = [], 0

    def note(self, text):
        self.notes.append(text)

    def advance(self, count=1):
        self.steps += count


def test_an_epoch_is_numbers_in_metrics_and_a_line(tmp_path):
    heard = Heard()
    log = TrainLog("lp_ft", RunFolder(tmp_path), heard)
    log.on_step(1, {"loss": 0.6, "total": 0.6}, 1e-3)
    log.on_epoch(RECORD)
    log.on_message("memory ran out")
    log.close()
    found = {
        record["name"]: record for record in map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    }
    assert found["training/lp_ft/val_loss"]["value"] == 0.25 and found["training/lp_ft/val_loss"]["step"] == 1
    assert heard.steps == 1
    assert heard.notes == ["lp_ft epoch 1: training loss 0.500, validation loss 0.250", "lp_ft: memory ran out"]


def test_a_loss_that_is_not_finite_is_left_out(tmp_path):
    TrainLog("lp_ft", RunFolder(tmp_path), Silent()).on_epoch({**RECORD, "val_loss": float("inf")})
    found = [json.loads(line)["name"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert "training/lp_ft/val_loss" not in found and "training/lp_ft/train_loss" in found


@pytest.mark.filterwarnings("default")  # of what tensorboard imports
def test_tensorboard_reads_what_was_written(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = TrainLog("lp_ft", RunFolder(tmp_path), Silent(), tensorboard=True)
    log.on_step(1, {"loss": 0.6}, 1e-3)
    log.on_epoch(RECORD)
    log.close()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [each.value for each in events.Scalars("lp_ft/val_loss")] == [0.25]
    assert events.Scalars("lp_ft/step/loss")[0].value == pytest.approx(0.6)


def test_without_the_package_its_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"headstart\[tensorboard\]"):
        TrainLog("lp_ft", RunFolder(tmp_path), Silent(), tensorboard=True)
