"""What is read from a finished fit."""

from __future__ import annotations

import json

import pytest
from comparison.tools import counters, headstart_result


def lines(*scalars):
    return [json.dumps({"name": name, "value": value, "step": 0}) for name, value in scalars]


def test_counters_are_summed_over_the_run_and_over_backbones():
    found = counters(
        lines(
            ("activations/decoded", 5), ("activations/forwarded/lite0", 5), ("activations/forwarded/random", 2),
            ("activations/decoded", 1), ("seconds/decode", 9.5),
        )
    )  # fmt: skip
    assert found == {"decoded": 6.0, "forwarded": 7.0}


def test_a_finished_run_gives_accuracy_interval_and_work(tmp_path):
    accuracy = {"value": 0.75, "low": 0.5, "high": 0.9, "level": 0.95}
    evidence = {"test": {"accuracy": accuracy}, "n": {"test": 12}, "verdict": {"chosen": "linear_probe"}}
    (tmp_path / "evidence.json").write_text(json.dumps(evidence))
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines(("activations/decoded", 0))) + "\n")
    result = headstart_result(tmp_path)
    assert (result["accuracy"], result["interval"], result["n_test"]) == (0.75, [0.5, 0.9], 12)
    assert result["complete"] is False  # neither report nor bundle nor predictions


def test_a_run_without_evidence_is_no_result(tmp_path):
    with pytest.raises(OSError, match="evidence"):
        headstart_result(tmp_path)
