"""A fit that compares networks goes on with the one of smallest held-out loss, and with its kept features."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas
import pytest

import headstart
from headstart.core.errors import ConfigError, RunInterrupted
from headstart.core.records import read_records
from headstart.ranking import network_choice, network_contest
from helpers import make_model
from made_texts import questions
from shared_run import evidence_of, metrics_of, predictions_of
from tiny_models import EAGER


@pytest.fixture(scope="module")
def asked(shared, tmp_path_factory):
    """A network whole, cut and at half its size, and another one."""
    other = make_model(tmp_path_factory.mktemp("other") / "other", "test_efficientnet", 32)
    return [str(shared.model), f"{shared.model}@layer2", f"{shared.model}:32", str(other)]


@pytest.fixture(scope="module")
def seen():
    """Of every probe: the features and the training part, by the network's name."""
    return {}


@pytest.fixture(scope="module")
def run(shared, asked, seen, cache, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        inner = network_contest.probed

        def remembering(found, features, part):
            seen[found.entrant.name] = (features, part)
            return inner(found, features, part)

        patch.setattr(network_contest, "probed", remembering)
        out = tmp_path_factory.mktemp("compared") / "run"
        return headstart.fit(shared.photos, model=asked, method="linear_probe", settings=EAGER, out=out)


def rows_of(run):
    return {row["name"]: row for row in run.evidence["networks"]["compared"]}


def test_the_one_of_smallest_held_out_loss_goes_on(run, shared):
    found = run.evidence["networks"]
    rows = rows_of(run)
    assert set(rows) == {"model", "model@layer2", "model:32", "other"}
    assert found["metric"] == "log_loss" and found["folds"] == 5 and found["rows"] == run.evidence["n"]["train"]
    best = min(rows, key=lambda name: rows[name]["loss"])
    assert found["chosen"] == best == next(iter(rows))  # the table begins with it
    assert rows[best]["loss"] == run.evidence["guard"]["out_of_fold_loss"]["linear_probe"]
    assert "smallest log-loss" in rows[best]["why"] and best in found["sentence"]
    assert str(shared.model) not in json.dumps(run.evidence)  # the place of a user's own file stays out


def test_the_losses_are_those_of_a_probe_on_features_computed_here(run, seen):
    """By another way: the solver itself, the folds, and the logarithm of the probability of the right class."""
    from headstart.methods.linear_probe import PLUGIN

    for name, (features, part) in seen.items():
        probe = PLUGIN.build(PLUGIN.config()).fit(
            features, part.targets, part.folds, np.random.default_rng(0), part.weights
        )
        logits = probe.out_of_fold
        shifted = logits - logits.max(1, keepdims=True)
        logarithms = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        loss = -logarithms[np.arange(len(logits)), part.targets.values].mean()
        assert rows_of(run)[name]["loss"] == pytest.approx(loss, rel=1e-6)


@pytest.mark.usefixtures("run")
def test_the_features_of_a_cut_network_are_the_averages_of_its_last_stage(seen, shared):
    import torch

    from headstart.backbones.pretrained.find import load
    from headstart.data.modalities import modality

    features, part = seen["model@layer2"]
    backbone = load(str(shared.model))
    preparer = modality("image").preparer(backbone.preprocessing, backbone.assets)
    inputs = part.train.parts[0].inputs
    pixels = np.stack([preparer.prepare(inputs.read(row)) for row in range(len(part.train))])
    with torch.inference_mode():
        values = backbone.run(backbone.enter(torch.from_numpy(pixels)), 0, 3).values.numpy()
    assert np.allclose(features, values.mean((2, 3)), atol=1e-5)


def test_only_training_rows_are_looked_at_and_their_features_are_not_computed_again(run, seen):
    counts = run.evidence["n"]
    for _, part in seen.values():
        assert len(part.train) == counts["train"]
    assert all(row["computed"] == counts["train"] for row in rows_of(run).values())
    assert metrics_of(run.path)["activations/forwarded/backbone"] == counts["test"]
    assert run.plan["kept"]["examples"] == counts["train"]


def test_the_folds_are_those_of_the_fit(run, seen):
    """Rows and folds of both, from what the run says of itself."""
    import pyarrow.parquet

    test_ids = pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet")["id"].to_pylist()
    (_, part), *_ = seen.values()
    assert set(test_ids).isdisjoint(part.train.ids) and len(test_ids) + len(part.train) == 60


def test_the_choice_is_written_down_before_it_is_used(run):
    names = [record["name"] for record in read_records(run.path / "decisions.jsonl")]
    assert names.index("networks") < names.index("primary metric") < names.index("choice")
    plan = run.plan["networks"]
    assert plan["chosen"] == run.evidence["networks"]["chosen"] and len(plan["tried"]) == 4
    assert any("compared on 5 held-out folds" in said for said in plan["sentences"])
    assert sum("not taken" in said for said in plan["result"]) == 3
    assert [step["name"] for step in run.plan["steps"]][0] == "networks"


def test_the_config_names_the_chosen_one_alone_and_repeats_its_bits(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cold"))
    monkeypatch.setattr(network_choice, "Contest", None)  # nothing is searched
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert predictions_of(again.path) == predictions_of(run.path)
    mine, its = evidence_of(run.path), evidence_of(again.path)
    assert "networks" not in its
    assert {key: value for key, value in mine.items() if key != "networks"} == its


@pytest.mark.usefixtures("run")
def test_a_run_that_was_stopped_goes_on_with_the_network_it_had_chosen(shared, asked, cache, tmp_path, monkeypatch):
    from headstart.fitting import solved

    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    options = {"model": asked, "method": "linear_probe", "settings": EAGER, "out": tmp_path / "run"}
    with monkeypatch.context() as patch:
        patch.setattr(solved, "compute_features", _interrupt)
        with pytest.raises(RunInterrupted):
            headstart.fit(shared.photos, **options)
    monkeypatch.setattr(network_choice, "Contest", None)
    resumed = headstart.fit(shared.photos, **options, resume=True)
    decided = [one for one in read_records(tmp_path / "run" / "decisions.jsonl") if one["name"] == "networks"]
    assert len(decided) == 1
    assert resumed.evidence["networks"] == decided[0]["value"]["document"]
    assert resumed.evidence["networks"]["chosen"] == resumed.plan["networks"]["chosen"]


def _interrupt(*_, **__):
    raise KeyboardInterrupt


def test_numbers_are_compared_by_their_root_mean_squared_error(text_model, tmp_path):
    rows = questions(16)
    frame = pandas.DataFrame({"text": [text for text, _ in rows]})
    frame["label"] = [len(topic) * 3.5 + number * 0.01 for number, (_, topic) in enumerate(rows)]
    run = headstart.fit(
        frame, model=f"{text_model},{text_model}@1", method="linear_probe", settings=EAGER, out=tmp_path / "run"
    )
    found = run.evidence["networks"]
    assert found["metric"] == "rmse" and found["primary"] == "rmse"
    best = found["compared"][0]
    squared = run.evidence["guard"]["out_of_fold_loss"]["linear_probe"]
    assert best["loss"] == pytest.approx(squared**0.5) and best["loss"] <= found["compared"][1]["loss"]


def test_a_network_that_cannot_run_is_told_and_the_others_are_compared(shared, cache, asked, tmp_path, monkeypatch):
    from headstart.core.errors import BackendError
    from headstart.ranking import entrant_features

    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    inner = entrant_features.whole_networks

    def failing(group, *others):
        if group[0].card.image_size == (32, 32):
            raise BackendError("it does not run here.")
        return inner(group, *others)

    monkeypatch.setattr(entrant_features, "whole_networks", failing)
    run = headstart.fit(shared.photos, model=asked[:3], method="linear_probe", settings=EAGER, out=tmp_path / "run")
    rows = rows_of(run)
    assert rows["model:32"]["loss"] is None and "it does not run here" in rows["model:32"]["why"]
    assert "Not compared: model:32." in run.evidence["networks"]["sentence"]
    assert any("was not compared" in said for said in run.plan["networks"]["result"])


def test_two_folders_of_one_name_are_told_apart(shared, tmp_path):
    twin = tmp_path / "elsewhere" / "model"
    shutil.copytree(shared.model, twin)
    plan = headstart.fit(shared.photos, model=[str(shared.model), str(twin)], dry_run=True)
    assert plan.document["networks"]["compared"] == ["model", "model (2)"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("{model},efficientnet_lite", "Did you mean 'efficientnet_lite"),
        ("{model},{model}@layer9", "Did you mean 'layer"),
        ("{model},{model}@77", "must be 1 to 6; got 77"),
        ("{model},all_minilm_l6_v2", "all_minilm_l6_v2 is for text"),
        ("{model},{model}", "'model' is named twice|model is named twice"),
        ("{model}@3,{model}@layer2", "named twice"),
        ("{model},,{model}@3", "place 2 of .* is empty"),
        ("{model},", "place 2 of .* is empty"),
        ("{model},none", "'none' stands for no network"),
        ("{model},pixel_histograms", "every fit compares with it anyway"),
        ("random({model})", "has random weights"),
        ("{model}@", "the stage after @ is missing"),
        ("{model}@layer9", "Did you mean 'layer"),
    ],
)
def test_a_wrong_name_is_told_before_the_work_and_nothing_is_left(shared, tmp_path, names, said):
    with pytest.raises(ConfigError, match=said):
        headstart.fit(shared.photos, model=names.format(model=shared.model), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_is_said_twice_must_agree(shared):
    with pytest.raises(ConfigError, match=r"model\.stage must be said once"):
        headstart.fit(shared.photos, model=f"{shared.model}@3", settings={"model.stage": 2}, dry_run=True)
    with pytest.raises(ConfigError, match=r"model\.sha256 is that of one network"):
        headstart.fit(
            shared.photos, model=f"{shared.model},{shared.model}@3", settings={"model.sha256": "0"}, dry_run=True
        )


def test_several_inputs_have_one_network_each():
    rows = questions(6)
    pair = pandas.DataFrame(
        {"one": [t for t, _ in rows], "other": [t for t, _ in rows[::-1]], "label": [k for _, k in rows]}
    )
    with pytest.raises(ConfigError, match="compared on data of one picture, text or recording"):
        headstart.fit(pair, input=["one", "other"], model="auto,all_minilm_l6_v2@3", dry_run=True)


def test_an_audit_looks_through_one_network(shared):
    with pytest.raises(ConfigError, match="must name one network here"):
        headstart.audit(shared.photos, model=f"{shared.model},{shared.model}@3")
