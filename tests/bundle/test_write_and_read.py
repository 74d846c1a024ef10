from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from safetensors import safe_open

from bundle.helpers_bundle import (
    CLASS_NAMES,
    EVIDENCE,
    FILES,
    IMAGE,
    PREPROCESSING,
    TASK,
    graph_of,
    linear_head,
    small_backbone,
    write_small,
)
from headstart import bundle
from headstart.core.errors import ConfigError, SpaceError
from headstart.core.schema import InputSchema, PartSchema


def all_bytes(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_bundle_is_exactly_four_files(written):
    assert {path.name for path in written.iterdir()} == FILES


def test_what_was_written_is_what_is_read(written):
    read = bundle.read(written)
    head, backbone = linear_head(256), small_backbone()
    assert read.class_names == CLASS_NAMES
    assert read.schema == InputSchema(parts=(IMAGE,))
    (network,) = read.manifest.networks.values()
    assert (network.preprocessing, network.input_name, network.input_dtype) == (PREPROCESSING, "pixels", "uint8")
    assert read.task().to_dict() == TASK
    weights = hashlib.sha256((read.folder / "weights.safetensors").read_bytes()).hexdigest()
    assert read.evidence() == {**EVIDENCE, "hashes": {"weights": weights}}
    assert read.fitted().spec == head.spec
    assert {name: array.tolist() for name, array in read.fitted().arrays.items()} == {
        name: array.tolist() for name, array in head.arrays.items()
    }
    record = network.backbone
    assert (record.name, record.stage, record.feature_dim) == (
        "small-efficientnet",
        "pool",
        256,
    )
    assert record.card == backbone.card.to_dict()
    assert record.weights_digest == backbone.weights_digest(len(backbone.stages))
    assert read.manifest.candidate == {"backbone": "small-efficientnet", "method": "linear_probe"}


def test_the_weights_hold_every_tensor_and_buffer_of_the_network(written):
    head, state = linear_head(256).arrays, small_backbone().network.state_dict()
    expected = {f"network.small-efficientnet.{name}": tensor.numpy() for name, tensor in state.items()}
    expected |= {f"head.{name}": array for name, array in head.items()}
    assert any("running_var" in name for name in expected)
    with safe_open(written / "weights.safetensors", "numpy") as stream:
        assert set(stream.keys()) == set(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(stream.get_tensor(name), array)


def test_the_same_model_gives_the_same_bytes(written, tmp_path):
    write_small(tmp_path / "again")
    assert all_bytes(tmp_path / "again") == all_bytes(written)


def test_a_run_folder_its_bundle_and_a_copy_are_all_found(written, tmp_path):
    shutil.copytree(written, tmp_path / "run" / "bundle")
    for place in (tmp_path / "run", str(tmp_path / "run" / "bundle"), written):
        assert bundle.read(place).class_names == CLASS_NAMES


def test_a_place_without_a_bundle_is_the_users_mistake(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        bundle.read(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="holds neither"):
        bundle.read(tmp_path)


def test_the_graph_states_the_labels_and_the_preprocessing_for_other_programs(written):
    metadata = {entry.key: entry.value for entry in onnx.load(written / "model.onnx").metadata_props}
    assert json.loads(metadata["class_names"]) == list(CLASS_NAMES)
    assert metadata["class_names_sha256"] == bundle.read(written).manifest.class_names.sha256
    assert json.loads(metadata["preprocessing"])["image_size"] == [32, 32]


def test_an_older_bundle_is_replaced_and_other_files_are_not(written, copied, tmp_path):
    write_small(copied, evidence={"schema": 1, "changed": True})
    assert bundle.read(copied).evidence()["changed"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "graphs"]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(ConfigError, match="holds other files"):
        write_small(tmp_path / "notes")
    assert (tmp_path / "notes" / "mine.txt").read_text() == "keep"


def test_a_full_disk_is_noticed_before_anything_is_written(monkeypatch, tmp_path):
    graph = graph_of(small_backbone(), tmp_path / "graphs")
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1000))
    with pytest.raises(SpaceError, match="writing the bundle"):
        write_small(tmp_path / "bundle", graph=graph)
    assert [path.name for path in tmp_path.iterdir()] == ["graphs"]


def test_an_error_in_the_middle_leaves_nothing(monkeypatch, tmp_path):
    graph = graph_of(small_backbone(), tmp_path / "graphs")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("headstart.bundle.writing.measure_parity", full)
    with pytest.raises(OSError, match="No space left"):
        write_small(tmp_path / "bundle", graph=graph)
    assert [path.name for path in tmp_path.iterdir()] == ["graphs"]


def test_a_source_of_a_part_that_the_input_does_not_have_is_refused(tmp_path):
    schema = InputSchema(parts=(PartSchema(modality="image", columns=("photo",)),))
    with pytest.raises(ConfigError, match=r"one of \['photo'\]; got 'image'"):
        write_small(tmp_path / "b", input_schema=schema)
