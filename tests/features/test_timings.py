"""How long an input takes: measured on few, remembered per space."""

from __future__ import annotations

import logging
import time

import numpy as np
import pytest

from headstart.engine.activations.address import Space
from headstart.features.timings import Timed, Timing, compute_seconds, remember, remembered

HERE, THERE = Space({"name": "here"}), Space({"name": "there"})


def test_a_timing_is_remembered_for_its_space_alone(tmp_path):
    timing = Timing(prepare=0.001, compute=0.002)
    remember(tmp_path, HERE, timing)
    assert remembered(tmp_path, HERE) == timing and timing.seconds == 0.003
    assert remembered(tmp_path, THERE) is None


@pytest.mark.parametrize("content", ["{", "[1]", '{"prepare": -1, "compute": 0}', '{"prepare": 1}'])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path, content):
    remember(tmp_path, HERE, Timing(prepare=1, compute=1))
    [path] = (tmp_path / "timings").iterdir()
    path.write_text(content)
    assert remembered(tmp_path, HERE) is None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path, caplog):
    (tmp_path / "timings").write_text("a file")
    with caplog.at_level(logging.INFO, logger="headstart"):
        remember(tmp_path, HERE, Timing(prepare=1, compute=1))
    assert "cannot be remembered" in caplog.text


def test_full_batches_of_each_shape_are_weighed_by_their_inputs():
    sizes, seen = [], []

    def compute(values):
        sizes.append(values.shape)
        assert not any(values is batch for batch in seen)  # whoever knows a batch would go on from it
        seen.append(values)
        time.sleep(0.032 if values.shape[1] == 2 else 0.064)  # 1 and 2 ms of each of 32 inputs
        return values

    seconds = compute_seconds(compute, [np.zeros((3, 2)), np.zeros((1, 5))])
    assert sizes == [(32, 2), (32, 2), (32, 5), (32, 5)]
    assert seconds == pytest.approx((3 * 0.001 + 1 * 0.002) / 4, rel=0.5)


def test_of_a_timed_function_the_median_batch_counts():
    timed = Timed(lambda values: time.sleep(0.1 * timed.rows % 0.3) or values + 1)
    assert (timed(np.zeros((2, 2))) == 1).all()  # no pause, then 200 ms for one row, then none again
    timed(np.zeros((1, 2)))
    timed(np.zeros((1, 2)))
    assert timed.rows == 4 and timed.seconds_per_input < 0.05
