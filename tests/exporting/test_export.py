"""Exports of a finished run: what is written, what it answers, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest

import headstart
from headstart import bundle
from headstart.core.errors import ConfigError, GateError, MissingExtraError
from headstart.core.schema import PartSchema
from headstart.exporting import head_nodes, writing
from headstart.runtimes import without_telemetry
from shared_run import files_below

ANY_BROWSER = {"answers.mjs", "index.html", "inputs.mjs", "page.css", "page.mjs", "reader.mjs"}
IN_BROWSER = ANY_BROWSER | {"picture.mjs"}
FILES = {"model.onnx", "model.json", "reader.py", "README.md", "gate.json"} | IN_BROWSER


@pytest.fixture(scope="module")
def exported(shared, tmp_path_factory):
    return headstart.export(shared.run.path, out=tmp_path_factory.mktemp("export") / "onnx")


def test_the_folder_holds_model_readers_and_figures(exported, shared):
    assert files_below(exported.path) == FILES
    gate = json.loads((exported.path / "gate.json").read_text())
    assert gate == exported.gate
    assert gate["alone"]["largest_difference"] <= 0.02 and gate["alone"]["changed_decisions"] == 0
    assert gate["batch"]["largest_difference"] <= 0.02
    assert gate["tests"]["n"] == shared.run.evidence["n"]["test"]
    assert gate["tests"]["accuracy"]["file"] == gate["tests"]["accuracy"]["run"]
    assert gate["tests"]["as_written"]["largest_difference"] <= 0.02
    assert gate["tests"]["accuracy"]["bundle"] == shared.run.evidence["test"]["accuracy"]["value"]
    assert f"{gate['milliseconds']['median']:.1f} ms" in (exported.path / "README.md").read_text()


def test_the_file_says_its_classes_opset_version_and_licence(exported, shared):
    model = onnx.load(str(exported.path / "model.onnx"))
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(said["class_names"]) == list(bundle.read(shared.run.path).class_names)
    assert said["opset"] == str(model.opset_import[0].version) == "17"
    assert said["headstart_version"] == headstart.__version__
    assert "licence" in said
    assert [value.name for value in model.graph.output] == ["probabilities", "logits"]


def test_the_reader_answers_without_headstart_as_predict_does(exported, shared, tmp_path):
    pictures = sorted(shared.photos.rglob("*.png"))[:3]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    command = [sys.executable, "-I", str(exported.path / "reader.py"), *map(str, [*pictures, broken])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    *rows, last = [json.loads(line) for line in done.stdout.splitlines()]
    expected = headstart.predict(shared.run.path, [str(path) for path in pictures]).rows
    for row, other in zip(rows, expected, strict=True):
        assert row["prediction"] == other["prediction"]
        for name, value in row["probabilities"].items():
            assert value == pytest.approx(other[f"probability_{name}"], abs=0.01)
    assert last["id"] == str(broken) and "error" in last


def test_a_file_alone_is_written_where_one_is_named(shared, tmp_path):
    written = headstart.export(shared.run.bundle, out=tmp_path / "new" / "clothes.onnx")
    assert files_below(tmp_path) == {"new/clothes.onnx"}
    assert onnx.load(str(written.path)).graph.input[0].name == "pixels"


def test_openvino_answers_as_the_run_does_from_the_first_picture_on(shared, tmp_path):
    written = headstart.export(shared.run.path, format="openvino", out=tmp_path / "export")
    assert files_below(written.path) == FILES - {"model.onnx", *IN_BROWSER} | {"model.xml", "model.bin"}
    assert written.gate["alone"]["largest_difference"] <= 0.02 and written.gate["alone"]["changed_decisions"] == 0


def test_a_wrong_calibration_is_noticed_and_nothing_is_left(shared, tmp_path, monkeypatch):
    usual = head_nodes._usual

    def too_sure(nodes, values, kind):
        return usual(nodes, nodes("Mul", values, nodes.constant(3)), kind)

    monkeypatch.setattr(head_nodes, "_usual", too_sure)
    with pytest.raises(GateError, match="largest difference is 0") as refused:
        headstart.export(shared.run.path, out=tmp_path / "export")
    assert refused.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_exported_is_refused_before_anything_is_computed(shared, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="'onnx'.*got 'onx'. Did you mean 'onnx'"):
        headstart.export(shared.run.path, format="onx")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(ConfigError, match="holds other files"):
        headstart.export(shared.run.path, out=tmp_path / "taken")
    (tmp_path / "model.onnx").touch()
    with pytest.raises(ConfigError, match="is there already"):
        headstart.export(shared.run.path, out=tmp_path / "model.onnx")

    def missing():
        raise MissingExtraError("onnxruntime", "onnx", "The runtime 'onnxruntime'")

    monkeypatch.setattr(without_telemetry, "import_onnxruntime", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'headstart\[onnx\]'"):
        headstart.export(shared.run.path, out=tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_a_model_without_a_network_is_refused_with_the_reason(tmp_path):
    from bundle.helpers_bundle import write_fitted

    shipped = write_fitted(tmp_path / "bundle")
    with pytest.raises(ConfigError, match="pixel_histograms"):
        writing.write(shipped, "onnx", tmp_path / "export")


def test_a_picture_that_a_reader_cannot_read_fails_the_gate(shared, tmp_path, monkeypatch):
    from headstart.exporting import handover

    usual = handover.reader_source
    monkeypatch.setattr(handover, "reader_source", lambda *asked: usual(*asked).replace('"PNG", ', ""))
    with pytest.raises(GateError):
        headstart.export(shared.run.path, out=tmp_path / "export")


def test_texts_are_exported_with_their_tokenizer(tmp_path):
    from bundle.helpers_text import write_words

    shipped = write_words(tmp_path / "bundle")
    written = writing.write(shipped, "onnx", tmp_path / "export")
    assert files_below(written.path) == FILES - IN_BROWSER | {"tokenizer.json"}
    assert written.gate["alone"]["largest_difference"] < 1e-5
    assert np.isfinite(written.gate["milliseconds"]["median"])


def test_recordings_are_resampled_and_padded_by_the_reader(tmp_path):
    from data.helpers_sound import encoded, sweep
    from exporting.helpers_models import write_network
    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.load import load_card

    backbone = load_card(catalogue.default_card("sound"), random_seed=0)
    contents = [encoded(sweep(0.4, seed=0), 16000)]
    shipped = write_network(tmp_path / "bundle", [PartSchema(modality="sound")], backbone, contents)
    written = writing.write(shipped, "onnx", tmp_path / "export")
    assert files_below(written.path) == FILES - IN_BROWSER | ANY_BROWSER | {"sound.mjs"}
    assert written.gate["alone"]["largest_difference"] < 1e-4
