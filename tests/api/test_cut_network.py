"""A network that is cut after a stage: its averages are the features, it can be trained, and only it is shipped."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

import headstart
from api.helpers_training import SHORT, rows_of_test, same_rows
from shared_run import evidence_of, metrics_of, predictions_of
from tiny_models import EAGER


@pytest.fixture
def kept(cache, monkeypatch):
    """The features of ``run`` in use."""
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))


@pytest.fixture(scope="module")
def run(shared, cache, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        out = tmp_path_factory.mktemp("cut") / "run"
        return headstart.fit(
            shared.photos, model=f"{shared.model}@layer2", method="linear_probe", settings=EAGER, out=out
        )


def test_the_bundle_holds_what_is_run_and_nothing_of_the_rest(run, shared):
    from safetensors import safe_open

    manifest = json.loads((run.bundle / "manifest.json").read_text())
    (network,) = manifest["networks"].values()
    assert network["backbone"]["name"] == "model@layer2" and network["backbone"]["stage"] == "layer2"
    assert network["backbone"]["card"]["stages"] == ["stem", "layer1", "layer2", "average"]
    with safe_open(run.bundle / "weights.safetensors", framework="numpy") as stream:
        names = list(stream.keys())
    assert any("layer2" in name for name in names) and not any("layer3" in name for name in names)
    for file in ("weights.safetensors", "model.onnx"):
        assert (run.bundle / file).stat().st_size < (shared.run.bundle / file).stat().st_size
    assert run.evidence["backbone"]["name"] == "model@layer2"
    assert run.plan["backbone"]["stage"] == "layer2"


@pytest.mark.parametrize("runtime", ["eager", "onnxruntime"])
def test_it_predicts_from_the_bundle_what_the_run_predicted(run, shared, runtime):
    expected = rows_of_test(run)
    inputs = [shared.photos / row["id"] for row in expected]
    found = [dict(row) for row in headstart.predict(run.bundle, inputs, runtime=runtime).rows]
    assert same_rows([{**row, "id": one["id"]} for row, one in zip(found, expected, strict=True)], expected)


def test_a_ranking_finds_the_features_of_a_fit_and_a_fit_those_of_a_ranking(run, kept, shared, tmp_path, monkeypatch):
    from headstart.runtimes import choice

    inner = choice.available
    monkeypatch.setattr(
        choice, "available", lambda *names: {key: each for key, each in inner(*names).items() if key[0] == "eager"}
    )
    ranking = headstart.rank(shared.photos, models=f"{shared.model}@layer2,{shared.model}@layer3")
    computed = {row["name"].rpartition("@")[2]: row["computed"] for row in ranking.document["candidates"]}
    assert computed["layer2"] == 0 and computed["layer3"] == run.evidence["n"]["train"]
    options = {"model": f"{shared.model}@4", "method": "linear_probe", "settings": EAGER, "out": tmp_path / "run"}
    later = headstart.fit(shared.photos, **options)
    assert metrics_of(later.path)["activations/forwarded/backbone"] == later.evidence["n"]["test"]
    assert later.evidence["backbone"]["name"] == "model@layer3"


def test_the_config_names_the_stage_and_repeats_the_bits(run, shared, tmp_path):
    config = yaml.safe_load((run.path / "config.yaml").read_text())
    assert config["model"]["name"] == str(shared.model) and config["model"]["stage"] == "layer2"
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert predictions_of(again.path) == predictions_of(run.path)
    assert evidence_of(again.path) == evidence_of(run.path)


def test_the_last_stage_is_the_network_itself(kept, shared):
    plan = headstart.fit(shared.photos, model=f"{shared.model}@pool", dry_run=True)
    assert plan.document["backbone"]["name"] == "model"


def test_a_cut_network_is_trained_and_ships_trained(kept, shared, tmp_path):
    settings = {**SHORT, "guard": False, "method.freeze": "layer1"}
    run = headstart.fit(
        shared.photos,
        model=f"{shared.model}@layer2",
        method="lp_ft",
        settings=settings,
        threads=1,
        out=tmp_path / "run",
    )
    stages = run.evidence["training"]["lp_ft"]["stages"]
    assert [(each["stage"], each["trained"]) for each in stages][:3] == [
        ("stem", False), ("layer1", False), ("layer2", True),
    ]  # fmt: skip
    expected = rows_of_test(run)
    found = headstart.predict(run.bundle, [shared.photos / row["id"] for row in expected], runtime="eager").rows
    probabilities = [[row[key] for key in row if key.startswith("probability_")] for row in found]
    assert np.allclose(np.sum(probabilities, axis=1), 1, atol=1e-5)
    assert [row["prediction"] for row in found] == [row["prediction"] for row in expected]


@pytest.mark.parametrize("kind", ["text", "sound"])
def test_texts_and_recordings(kind, text_model, sound_model, tmp_path):
    from pandas import DataFrame

    from made_sounds import make_recordings
    from made_texts import questions

    data = (
        DataFrame(questions(12), columns=["text", "label"]) if kind == "text" else make_recordings(tmp_path / "tones")
    )
    model = text_model if kind == "text" else sound_model
    run = headstart.fit(data, model=f"{model}@1", method="linear_probe", settings=EAGER, out=tmp_path / "run")
    assert "@" in run.evidence["backbone"]["name"] and (run.bundle / "model.onnx").exists()
