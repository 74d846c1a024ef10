"""A run whose network is trained for another domain: what is written, what is not read, what is refused."""

from __future__ import annotations

import json
import random

import numpy as np
import pandas
import pyarrow.parquet
import pytest
import torch
from PIL import Image, ImageEnhance

import headstart
from headstart import bundle
from headstart.core.errors import ConfigError, DataError
from helpers import make_photos
from made_texts import TOPICS, question
from shared_run import CLASSES


@pytest.fixture(scope="module")
def darker(tmp_path_factory):
    """The same colours through another camera; a table of them without labels, and one with labels that are wrong."""
    made = make_photos(tmp_path_factory.mktemp("darker") / "by_class", dict.fromkeys(CLASSES, 8), seed=7)
    plain, wrong = ["file"], ["file,label"]
    for number, path in enumerate(sorted(made.rglob("*.png"))):
        ImageEnhance.Brightness(Image.open(path)).enhance(0.6).save(path)
        name = path.relative_to(made.parent)
        plain.append(str(name))
        wrong.append(f"{name},{CLASSES[number % len(CLASSES)]}")
    (made.parent / "plain.csv").write_text("\n".join(plain))
    (made.parent / "wrong.csv").write_text("\n".join(wrong))
    return made.parent


SHORT = {"method.epochs": 2, "method.views": 1, "method.precision": "float32", "method.lr": 3e-4}


@pytest.fixture(scope="module")
def adapted(shared, darker, tmp_path_factory):
    out = tmp_path_factory.mktemp("adapted") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        return headstart.adapt(
            shared.run.path, darker / "plain.csv", method="mcc", evaluate=darker / "by_class", out=out, settings=SHORT
        )


def test_the_run_predicts_as_it_was_written_by_torch_and_by_its_graph(adapted, darker):
    table = pyarrow.parquet.read_table(adapted.path / "predictions" / "target.parquet").to_pydict()
    said = {row["id"]: row for row in headstart.predict(adapted.path, darker / "plain.csv").rows}
    assert [said[name]["prediction"] for name in table["id"]] == table["prediction"]
    shipped = bundle.read(adapted.path)
    spec = {"method": "linear_probe", "form": "linear", "trained": True, "adapted": "mcc"}
    assert shipped.manifest.method == spec
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    one, other = (shipped.predictor(name).passes[0].compute(pixels) for name in ("onnxruntime", "eager"))
    assert np.allclose(one, other, atol=1e-4)


def test_the_upper_stages_moved_and_the_lower_ones_did_not(adapted, warm):
    old, new = (bundle.read(run).manifest for run in (warm.run.path, adapted.path))
    assert old.files["model.onnx"] != new.files["model.onnx"]
    from headstart.bundle.torch_backbone import rebuild

    before, after = (
        rebuild(bundle.read(run).folder, next(iter(manifest.networks.values())))
        for run, manifest in ((warm.run.path, old), (adapted.path, new))
    )
    boundary = adapted.evidence["training"]["mcc"]["boundary"]
    assert 0 < boundary < len(before.stages)
    assert before.weights_digest(boundary) == after.weights_digest(boundary)
    assert before.weights_digest(len(before.stages)) != after.weights_digest(len(before.stages))


def test_the_evidence_tells_of_the_training_and_of_the_old_test(adapted, warm):
    section = adapted.evidence["adaptation"]
    assert [each["name"] for each in section["methods"]] == ["source_only", "mcc"]
    assert section["methods"][1]["title"] == "Minimum class confusion (MCC)"
    assert section["home"]["n"] == warm.run.evidence["n"]["test"]
    assert [each["name"] for each in section["labels"]["methods"]] == ["run", "ships", "target_labels"]
    training = adapted.evidence["training"]["mcc"]
    assert len(training["history"]) == training["settings"]["epochs"] and "auto" not in training["settings"].values()
    assert adapted.evidence["test_reads"] == warm.run.evidence["test_reads"] + 1
    assert json.loads((adapted.path / "evidence.json").read_text()) == bundle.read(adapted.path).evidence()
    assert "The model was adapted" in (adapted.path / "report.html").read_text()


def test_targets_of_the_new_domain_and_threads_of_torch_change_nothing(adapted, darker, warm):
    torch.set_num_threads(3 - min(torch.get_num_threads(), 2))  # as another job in this process may have left it
    found = headstart.adapt(warm.run.path, darker / "wrong.csv", method="mcc", settings=SHORT).evidence
    assert found["training"]["mcc"]["history"] == adapted.evidence["training"]["mcc"]["history"]
    assert found["adaptation"]["shares"] == adapted.evidence["adaptation"]["shares"]
    assert any("targets" in note for note in found["warnings"])


def test_what_cannot_be_trained_is_told(darker, warm, tmp_path):
    with pytest.raises(ConfigError, match="adapt needs the data"):
        headstart.adapt(warm.run.bundle, darker / "plain.csv", method="dann")
    with pytest.raises(ConfigError, match="dann"):
        headstart.adapt(warm.run.path, darker / "plain.csv", method="danm")
    with pytest.raises(ConfigError, match="epochs"):
        headstart.adapt(warm.run.path, darker / "plain.csv", method="dann", settings={"method.epoch": 3})
    with pytest.raises(ConfigError, match=r"beside standardisation"):
        headstart.adapt(warm.run.path, darker / "plain.csv", method="standardisation", settings=SHORT)
    with pytest.raises(DataError, match="at least 10 examples"):
        headstart.adapt(warm.run.path, make_photos(tmp_path / "few", {"red": 3}), method="dann")


@pytest.mark.parametrize("method", ["shot", "nrc", "aad"])
def test_without_the_data_of_the_run_the_target_alone_trains_the_network(method, darker, warm, tmp_path):
    """From a bundle: nothing is calibrated, nothing said of the old test, and the bundle answers as was written."""
    given = {"method": method, "evaluate": darker / "by_class", "settings": SHORT, "out": tmp_path / "run"}
    found = headstart.adapt(warm.run.bundle, darker / "plain.csv", **given)
    section = found.evidence["adaptation"]
    assert [each["name"] for each in section["labels"]["methods"]] == ["run", "ships", "target_labels"]
    assert "home" not in section and found.evidence["test_reads"] == warm.run.evidence["test_reads"]
    told = " ".join(found.evidence["warnings"])
    assert "nothing is calibrated" in told and "No example with a known class says whether" in told
    assert section["map"]["before"]["source"] == [] and section["map"]["after"]["target"]
    assert section["map"]["after"]["told_apart"] is None
    shipped = bundle.read(tmp_path / "run")
    assert shipped.postprocessing().record.calibrator == "none"
    table = pyarrow.parquet.read_table(tmp_path / "run" / "predictions" / "target.parquet").to_pydict()
    said = {row["id"]: row for row in headstart.predict(tmp_path / "run", darker / "plain.csv").rows}
    assert [said[name]["prediction"] for name in table["id"]] == table["prediction"]
    if method == "shot":  # which leaves the head as it was; a temperature would have scaled it
        old, new = (each.fitted().arrays["weight"] for each in (bundle.read(warm.run.path), shipped))
        assert np.allclose(old, new, rtol=1e-5)


@pytest.mark.parametrize("method", ["dann", "shot"])
def test_a_trained_network_of_texts_is_trained_further(trained_on_texts, method, tmp_path):
    """Rows of different lengths, a head that was trained with its network, texts without capitals."""
    rng = random.Random(5)
    other = pandas.DataFrame({"text": [question(topic, rng).lower() for topic in list(TOPICS) * 6]})
    settings = {"method.epochs": 2, "method.precision": "float32", "method.lr": 3e-4, "method.batch_size": 8}
    found = headstart.adapt(trained_on_texts.path, other, method=method, settings=settings, out=tmp_path / "run")
    table = pyarrow.parquet.read_table(tmp_path / "run" / "predictions" / "target.parquet").to_pydict()
    said = headstart.predict(tmp_path / "run", other)
    assert [row["prediction"] for row in said.rows] == table["prediction"]
    assert found.evidence["training"][method]["settings"]["views"] == 0  # texts have no augmented views
    assert not found.evidence["training"][method]["messages"]


@pytest.fixture(scope="module")
def trained_on_texts(questions, tmp_path_factory):
    return questions.fit(tmp_path_factory.mktemp("texts") / "run")
