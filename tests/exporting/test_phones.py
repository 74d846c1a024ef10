"""Files for phones, run by their own runtimes: the gate is the test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bundle.helpers_bundle import pictures, write_small
from data.helpers_sound import encoded, sweep
from exporting.helpers_models import write_columns, write_network, write_several, write_terms
from headstart import bundle
from headstart.backbones import catalogue
from headstart.backbones.pretrained.load import load_card
from headstart.core.schema import PartSchema
from headstart.exporting import writing
from headstart.exporting.exportable import exportable
from headstart.exporting.torch_program import fixed_module
from shared_run import files_below

FORMATS = {"executorch": ("executorch", "model.pte"), "litert": ("litert_torch", "model.tflite")}
pytestmark = pytest.mark.slow
MODELS = {
    "pictures": lambda folder: write_small(folder / "bundle"),
    "recordings": lambda folder: write_network(
        folder / "bundle",
        [PartSchema(modality="sound")],
        load_card(catalogue.default_card("sound"), random_seed=0),
        [encoded(sweep(0.4, seed=0), 16000)],
    ),
    "words": lambda folder: write_terms(folder / "bundle", PartSchema(modality="text")),
    "rows": lambda folder: write_columns(
        folder / "bundle", ["columns", "raw_columns"], "blend", trees={"rounds": 4, "leaves": (4,)}
    ),
    "several": lambda folder: write_several(folder / "bundle", folder / "graphs"),
}
WITH = {"executorch": {"run.cpp"}, "litert": set()}
BESIDE = {"words": {"vocabulary.json"}, "several": {"vocabulary.json"}}


def require(module):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", MODELS)
def test_a_file_answers_as_the_run_does(tmp_path, name, kind):
    module, file = FORMATS[name]
    require(module)
    written = writing.write(MODELS[kind](tmp_path), name, tmp_path / "export")
    usual = {file, "model.json", "reader.py", "README.md", "gate.json"} | WITH[name]
    assert files_below(written.path) == usual | BESIDE.get(kind, set())
    for which in ("alone", "batch"):
        assert written.gate[which]["largest_difference"] < 1e-3 and written.gate[which]["changed_decisions"] == 0
    said = (written.path / "README.md").read_text()
    assert "## On a phone" in said and "The same model as ONNX:" in said


@pytest.mark.skipif(shutil.which("g++") is None, reason="a C++ compiler makes the program")
def test_the_program_in_cpp_says_the_same_without_pytorch(tmp_path):
    require("executorch")
    written = writing.write(write_small(tmp_path / "bundle"), "executorch", tmp_path / "export").path
    lines = (written / "run.cpp").read_text().splitlines()
    commands = "\n".join(line.removeprefix("//").strip() for line in lines[2:6])
    path = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", commands], cwd=written, env=path, check=True, capture_output=True)
    pixels = pictures(1)
    pixels.tofile(tmp_path / "pixels")
    done = subprocess.run(
        [written / "run", written / "model.pte", "forward", tmp_path / "pixels"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    linked = subprocess.run(["ldd", written / "run"], capture_output=True, text=True, check=True).stdout
    assert "libexecutorch" in linked and "libtorch" not in linked
    model = exportable(bundle.read(tmp_path / "bundle"))
    expected = fixed_module(model)[0](torch.from_numpy(pixels))[0]
    np.testing.assert_allclose([float(line) for line in done.stdout.split()], expected[0].detach(), atol=1e-5)
