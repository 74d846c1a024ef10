"""Pruned networks: measured, shipped, exported, kept and picked again."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet
import pytest

import headstart
from headstart import bundle
from headstart.api import (
    compressing_integers,
    compressing_pruning,
    compressing_search,
    compressing_students,
    compression_evidence,
)
from headstart.bundle.torch_backbone import rebuild
from headstart.compression import gate
from headstart.compression.knobs import Knobs
from headstart.compression.pruning import sharing

pytest.importorskip("torch_pruning")


def a_pruned_one(points, base, *asked):
    found = next(each for each in points if each.knobs.pruned is not None and not each.knobs.is_int8)
    return gate.Verdict(found, "It is pruned.")


@pytest.fixture(scope="module")
def shipped(shared, tmp_path_factory):
    """Which of these tiny networks is fast is chance: one that is pruned ships, with eight channels two of which go."""
    out = tmp_path_factory.mktemp("pruned") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        patch.setattr(gate, "decided", a_pruned_one)
        patch.setattr(sharing, "MULTIPLE", 2)
        patch.setattr(compressing_pruning, "SHARES", (0.7,))
        patch.setattr(compressing_pruning, "front", lambda points, base: [base])
        patch.setattr(compressing_search, "KINDS", (compressing_pruning.pruned_ways, compressing_search.KINDS[-2]))
        patch.setattr(compression_evidence, "worth_keeping", lambda points, base: points)
        patch.setattr(compressing_integers, "front", lambda points, base: points)
        return headstart.compress(shared.run.path, max_drop=99, runtime="onnxruntime", out=out, threads=1, students=0)


def test_a_pruned_run_answers_as_its_evidence_says(shipped, warm):
    section = shipped.evidence["compression"]
    points = {each["name"]: each for each in section["points"]}
    assert shipped.chosen == "pruned to 0.7" and points[shipped.chosen]["knobs"]["pruned"] == 0.7
    assert points[f"{shipped.chosen}, int8"]["precision"] == "int8"
    assert points[shipped.chosen]["bytes"] < points["as it is"]["bytes"]
    table = pyarrow.parquet.read_table(warm.run.path / "predictions" / "test.parquet").to_pydict()
    said = headstart.predict(shipped.path, [warm.photos / name for name in table["id"]]).rows
    right = np.mean([row["prediction"] == target for row, target in zip(said, table["target"], strict=True)])
    assert right == pytest.approx(shipped.evidence["test"]["accuracy"]["value"])


def test_its_bundle_holds_the_narrow_network(shipped, warm):
    read = bundle.read(shipped.path)
    (network,) = read.manifest.networks.values()
    narrow = rebuild(read.folder, network)
    assert narrow.card.shapes and narrow.stages == rebuild_of(warm.run.path).stages
    assert narrow.card.parameters < rebuild_of(warm.run.path).card.parameters


def rebuild_of(run):
    read = bundle.read(run)
    (network,) = read.manifest.networks.values()
    return rebuild(read.folder, network)


def test_it_is_exported(shipped, warm, tmp_path):
    made = headstart.export(shipped.path, out=tmp_path / "exported")
    assert (made.path / "gate.json").is_file()


def test_it_is_picked_again(shipped, warm, tmp_path):
    again = headstart.compress(shipped.path, pick=shipped.chosen, out=tmp_path / "again")
    assert again.evidence["test"]["accuracy"] == shipped.evidence["test"]["accuracy"]
    one, two = (next(iter(bundle.read(run).manifest.networks.values())) for run in (shipped.path, again.path))
    assert one.backbone.weights_digest == two.backbone.weights_digest
    other = headstart.compress(shipped.path, pick=f"{shipped.chosen}, int8", out=tmp_path / "integers")
    assert next(iter(bundle.read(other.path).manifest.networks.values())).runtime.precision == "int8"


def test_a_pruned_network_is_taught_like_a_smaller_one(shared, warm, tmp_path):
    def a_student(points, base, *asked):
        return gate.Verdict(next(each for each in points if each.knobs.is_student), "It is a student.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "decided", a_student)
        patch.setattr(sharing, "MULTIPLE", 2)
        patch.setattr(compressing_pruning, "SHARES", (0.7,))
        patch.setattr(compressing_pruning, "front", lambda points, base: [base])
        patch.setattr(compressing_search, "KINDS", (compressing_pruning.pruned_ways, compressing_students.students))
        patch.setattr(compressing_students, "_worth_teaching", lambda work, *given: [Knobs(pruned=0.7)])
        made = headstart.compress(
            shared.run.path, max_drop=99, runtime="onnxruntime", out=tmp_path / "taught", threads=1, students=1
        )
    assert made.chosen == "pruned to 0.7, student"
    taught, name = rebuild_of(made.path), "pruned to 0.7"
    assert taught.card.shapes and made.evidence["compression"]["taught"][made.chosen]["epochs"] > 0
    assert {each["name"] for each in made.evidence["compression"]["points"]} == {"as it is", name, made.chosen}
