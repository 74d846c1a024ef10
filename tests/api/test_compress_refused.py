"""What compress says of a target that lacks something, from the command line, and of data that tell too little."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cli.helpers_cli import headstart_command
from headstart.api import compressing_floats, compressing_integers, compressing_memory, compressing_pruning
from headstart.compression import gate, quantizing, running
from headstart.compression.knobs import Knobs
from headstart.compression.smaller import smaller
from headstart.core.errors import BackendError

__all__ = ["headstart_command"]
SIDE = 32
LACKING = "onnxruntime cannot read the graph: Own is not a registered operator"


def one_size(work, *given):
    return [(Knobs(SIDE), smaller(work.backbone, Knobs(SIDE)))]


@pytest.fixture
def quick(shared, monkeypatch, headstart_command, tmp_path):
    """The command on small photographs; which tiny network is faster is chance."""
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "GAINED", 0.0)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(compressing_floats, "_sizes_and_depths", one_size)
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 2)
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)

    def call(*options, runtime="onnxruntime"):
        asked = ("compress", shared.run.path, "--threads", "1", "--students", "0", "--out", tmp_path / "out")
        found = headstart_command(*asked, "--runtime", runtime, *options)
        told = tmp_path / "out" / "evidence.json"
        return found, json.loads(told.read_text()) if told.exists() else None

    return call


def lacks(monkeypatch, which):
    """The target cannot run graphs of which ``which`` says so, by runtime and graph."""
    runner = running.Target.runner

    def refused(self, graph, batch_size, precision=None):
        if which(self.name, graph):
            raise BackendError(LACKING)
        return runner(self, graph, batch_size, precision)

    monkeypatch.setattr(running.Target, "runner", refused)


def test_a_way_that_the_runtime_cannot_run_is_left_out_with_the_reason(quick, monkeypatch):
    lacks(monkeypatch, lambda name, graph: graph.name.startswith("int8"))
    found, evidence = quick("--max-drop", "99")
    skipped = evidence["compression"]["skipped"]
    assert found.code == 0 and skipped and set(skipped.values()) == {LACKING}
    assert all(name.endswith("int8") for name in skipped)
    assert all(f"Not tried: {name}: {LACKING}" in found.out for name in skipped)
    assert all(each["precision"] == "float32" for each in evidence["compression"]["points"])


def test_where_the_network_as_it_is_cannot_run_a_runtime_that_can_is_named(quick, monkeypatch):
    lacks(monkeypatch, lambda name, graph: name == "onnxruntime")
    found, evidence = quick("--max-drop", "99")
    assert found.code != 0 and evidence is None
    assert "must run on --runtime onnxruntime, and cannot." in found.err and LACKING in found.err
    assert "It runs on openvino: name that with --runtime." in found.err
    lacks(monkeypatch, lambda name, graph: True)
    found, _ = quick("--max-drop", "99", runtime="auto")
    assert found.code != 0 and "The model stays as it is." in found.err and "Traceback" not in found.err


def test_what_the_processor_lacks_stands_beside_a_refusal(quick, monkeypatch):
    monkeypatch.setattr(running, "computes_int8", lambda: False)
    monkeypatch.setattr(running, "computes_bfloat16", lambda: False)
    found, evidence = quick("--speedup", "1000x", "--max-drop", "0")
    assert found.code == 4 and "no instructions for 8-bit integers" in found.err
    assert evidence["compression"]["target"]["precision"] == "float32"
    assert [note.split(":")[0] for note in evidence["warnings"]] == [
        "This processor has no instructions for bfloat16",
        "This processor has no instructions for 8-bit integers",
    ]


def test_ranges_that_come_of_one_class_alone_are_told(quick, monkeypatch, warm):
    monkeypatch.setattr(compressing_integers, "CALIBRATION", 1)
    found, evidence = quick("--max-drop", "99")
    [note] = [each for each in evidence["warnings"] if "set the ranges of 8-bit activations" in each]
    assert (
        found.code == 0 and note.startswith("All 1 inputs") and "of class '" in note and note in found.err + found.out
    )


def test_a_graph_that_cannot_be_quantized_leaves_the_ways_in_float(quick, monkeypatch):
    def broken(*given, **options):
        raise BackendError("activations must be finite; those of 'x' are not.")

    monkeypatch.setattr(quantizing, "quantized", broken)
    found, evidence = quick("--max-drop", "99")
    assert found.code == 0 and "must be finite" in next(iter(evidence["compression"]["skipped"].values()))
    assert np.isfinite(evidence["test"]["accuracy"]["value"])
