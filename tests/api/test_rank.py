"""Candidates are measured as a fit would measure them, on its training part alone, and again for nothing."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from headstart.api import ranking
from headstart.core.errors import ConfigError, DataError
from headstart.runtimes import choice
from helpers import make_photos
from made_sounds import make_recordings
from made_texts import questions
from tiny_models import EAGER

OFFERED = choice.available


@pytest.fixture(autouse=True)
def plain_torch(monkeypatch):
    """Runtimes in which nothing has to be exported or measured."""
    monkeypatch.setattr(choice, "available", _eager)


def _eager(device="auto", modality=None):
    return {key: found for key, found in OFFERED(device, modality).items() if key[0] == "eager"}


@pytest.fixture(scope="module")
def photos(shared):
    """Pictures of which some lie in a wrong folder, so that candidates err."""
    return shared.photos


@pytest.fixture(scope="module")
def model(shared):
    return str(shared.model)


@pytest.fixture(scope="module")
def names(model):
    """One of each form, and one of them twice."""
    return [
        model, f"{model}:32", f"{model}@layer2", f"{model}@3", f"random({model})", f"random({model}@layer2)",
        "pixel_histograms", model,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def ranked(photos, names, cache, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        patch.setattr(choice, "available", _eager)
        return headstart.rank(photos, models=names, out=tmp_path_factory.mktemp("rank") / "out")


@pytest.fixture
def kept(ranked, cache, monkeypatch):
    """The features of ``ranked`` in use."""
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))


def row_of(ranking, name):
    return next(row for row in ranking.document["candidates"] if row["name"] == name)


def test_every_form_is_ranked_once(ranked, model):
    assert sorted(ranked.names) == sorted(
        [model, f"{model}:32", f"{model}@layer2", f"random({model})", f"random({model}@layer2)", "pixel_histograms"]
    )  # layer2 is stage 3: one of the two names for it


def test_the_order_is_that_of_the_probe_and_everything_is_said(ranked):
    rows = ranked.document["candidates"]
    values = [row["score"]["value"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert [row["place"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sum(row["best_probability"] for row in rows) == pytest.approx(1, abs=0.01)
    for row in rows:
        assert 0 <= row["score"]["low"] <= row["score"]["value"] <= row["score"]["high"] <= 1
        assert 0 <= row["knn"] <= 1 and row["ms_per_input"] > 0 and row["feature_dim"] > 0
        assert set(row["votes"]) == set(rows[0]["votes"])
        assert row["is_tied"] == (row["behind"]["low"] <= 0)


def test_only_whole_pretrained_networks_have_a_price_and_a_static_place(ranked, model):
    priced = {row["name"] for row in ranked.document["candidates"] if row["fine_tune_seconds"] is not None}
    placed = {row["name"] for row in ranked.document["candidates"] if row["static_place"] is not None}
    assert priced == placed == {model, f"{model}:32"}
    assert row_of(ranked, model)["parameters"] > 0 and row_of(ranked, f"{model}:32")["image_size"] == [32, 32]
    assert row_of(ranked, f"{model}@layer2")["parameters"] is None


def test_the_file_is_the_document(ranked):
    assert json.loads((ranked.path / "ranking.json").read_text()) == ranked.to_dict()
    assert [path.name for path in ranked.path.iterdir()] == ["ranking.json"]
    assert ranked.document["schema"] == 1


def test_the_result_is_a_table_and_a_page(ranked):
    frame = ranked.to_pandas()
    assert list(frame["name"]) == list(ranked.names) and {"score", "score_low", "log_me"} <= set(frame.columns)
    assert "pixel_histograms" in ranked._repr_html_()
    with pytest.raises(AttributeError):
        ranked.document = {}


def test_ranking_again_computes_nothing_and_says_the_same(ranked, kept, photos, names):
    again = headstart.rank(photos, models=names)
    assert all(row["computed"] == 0 for row in again.document["candidates"])
    assert without_cost(again) == without_cost(ranked)
    assert row_of(again, names[0])["ms_per_input"] == row_of(ranked, names[0])["ms_per_input"]  # remembered
    assert again.path is None


def without_cost(ranking):
    """What does not depend on how long things took or on what was kept; baselines are timed each time."""
    free = ("computed", "ms_per_input", "ms_preparing")
    rows = [{key: value for key, value in row.items() if key not in free} for row in ranking.document["candidates"]]
    return {**ranking.document, "candidates": rows, "cost": None}


def test_a_fit_afterwards_finds_the_features_and_has_the_same_training_part(kept, photos, model, tmp_path, monkeypatch):
    seen = []
    inner = ranking.scored
    monkeypatch.setattr(ranking, "scored", lambda found, learning: seen.append(learning) or inner(found, learning))
    found = headstart.rank(photos, models=[model])
    [learning] = seen
    run = headstart.fit(photos, model=model, method="linear_probe", settings=EAGER, out=tmp_path / "run")
    assert run.plan["kept"]["examples"] == len(learning.train)
    test_ids = pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet")["id"].to_pylist()
    assert set(test_ids).isdisjoint(learning.train.ids)
    assert len(test_ids) + len(learning.train) == 60
    assert found.document["n_scored"] == len(learning.train) == run.evidence["n"]["train"]


def test_the_score_is_that_of_the_linear_probe_on_these_features(ranked, kept, photos, model, monkeypatch):
    """Computed here from the network itself and the folds."""
    from headstart.backbones.pretrained.find import load
    from headstart.methods.linear_probe import PLUGIN

    seen = []
    inner = ranking.scored
    monkeypatch.setattr(
        ranking, "scored", lambda found, learning: seen.append((found, learning)) or inner(found, learning)
    )
    headstart.rank(photos, models=[model, f"{model}@layer2"])
    (whole, learning), (stage, _) = seen
    assert stage.entrant.stage == "layer2"
    backbone = load(model)
    pixels = prepared(backbone, learning.train)
    assert np.allclose(whole.read(), run_to(backbone, pixels, len(backbone.stages)), atol=1e-5)
    assert np.allclose(stage.read(), run_to(backbone, pixels, 3).mean((2, 3)), atol=1e-5)
    probe = PLUGIN.build(PLUGIN.config()).fit(
        whole.read(), learning.targets, learning.folds, np.random.default_rng(0), learning.weights
    )
    accuracy = (probe.out_of_fold.argmax(1) == learning.targets.values).mean()
    assert row_of(ranked, model)["score"]["value"] == pytest.approx(accuracy, abs=0.021)  # one example of 48


def prepared(backbone, dataset):
    from headstart.data.modalities import modality

    preparer = modality("image").preparer(backbone.preprocessing, backbone.assets)
    inputs = dataset.parts[0].inputs
    return np.stack([preparer.prepare(inputs.read(row)) for row in range(len(dataset))])


def run_to(backbone, pixels, stop):
    import torch

    with torch.inference_mode():
        return backbone.run(backbone.enter(torch.from_numpy(pixels)), 0, stop).values.numpy()


def test_rows_of_a_given_test_split_are_not_looked_at(tmp_path, model):
    folder = make_photos(
        tmp_path / "photos", {f"{part}/{name}": 8 for part in ("train", "test") for name in ("red", "green")}
    )
    first = headstart.rank(folder, models=[model, "pixel_histograms"])
    assert first.document["data"]["n_train"] == first.document["n_scored"] == 16
    for picture in (folder / "test").rglob("*.png"):  # other pictures under other names, of one class alone
        picture.unlink()
    shutil.copytree(folder / "train" / "red", folder / "test" / "red", dirs_exist_ok=True)
    second = headstart.rank(folder, models=[model, "pixel_histograms"])
    assert without_cost(second) == without_cost(first)
    everything = headstart.rank(folder, models="pixel_histograms", resplit=True)
    assert everything.document["data"]["n_train"] < 24


def test_ten_examples_are_ranked_with_a_warning(tmp_path, model):
    folder = make_photos(tmp_path / "photos", {"red": 5, "green": 5})
    found = headstart.rank(folder, models=[model, "pixel_histograms"])
    assert found.document["n_scored"] == 8
    assert any("8 independent examples only" in warning for warning in found.document["warnings"])


def test_a_damaged_picture_is_left_out(tmp_path, model):
    folder = make_photos(tmp_path / "photos", {"red": 20, "green": 20})
    whole = (folder / "red" / "3.png").read_bytes()
    (folder / "red" / "3.png").write_bytes(whole[: len(whole) // 2])
    found = headstart.rank(folder, models=["pixel_histograms"])
    assert any("1 inputs could not be used" in warning for warning in found.document["warnings"])


def test_texts_with_classes_and_with_numbers(text_model):
    rows = questions(16)
    frame = pandas.DataFrame(rows, columns=["text", "label"])
    found = headstart.rank(frame, models=["tfidf", f"{text_model}", f"{text_model}@1"])
    assert found.names[0] == "tfidf"  # the network is random, and the words give the topics away
    assert row_of(found, "tfidf")["knn"] is None and row_of(found, "tfidf")["votes"] == {}
    assert found.document["lower_is_better"] is False
    assert found.command.startswith(f"headstart fit DATA --model {text_model}")
    numbers = frame.assign(label=[len(topic) * 3.5 + number * 0.01 for number, (_, topic) in enumerate(rows)])
    numbers["label"] += [20.0 * text.count("cash") for text, _ in rows]
    found = headstart.rank(numbers, models=["tfidf", str(text_model)])
    values = [row["score"]["value"] for row in found.document["candidates"]]
    assert found.document["primary"] == "rmse" and found.document["lower_is_better"]
    assert values == sorted(values)
    for row in found.document["candidates"]:
        assert 0 <= row["score"]["low"] <= row["score"]["value"] <= row["score"]["high"]
    assert found.document["candidates"][1]["behind"]["value"] == pytest.approx(values[1] - values[0])


def test_recordings(tmp_path, sound_model):
    found = headstart.rank(make_recordings(tmp_path / "tones"), models=["logmel_stats", str(sound_model)])
    assert set(found.names) == {"logmel_stats", str(sound_model)}
    assert row_of(found, "logmel_stats")["probe"] == "rbf_features"


def test_groups_stay_together_and_are_drawn_together(kept, photos, model):
    found = headstart.rank(photos, models=[model, "pixel_histograms"], groups="person")
    assert any("15 independent" in each or "independent examples only" in each for each in found.document["warnings"])
    assert found.command.endswith("--groups person")


def test_without_names_all_that_is_installed_and_the_yardsticks(tmp_path, monkeypatch, model):
    """The catalogue is cut down to the default network, so that the test stays small."""
    from headstart.backbones import catalogue

    cards = catalogue.cards()
    small = [card for card in cards if card.name in ("efficientnet_lite0", "timm/resnet18.a1_in1k", "all_minilm_l6_v2")]
    monkeypatch.setattr(catalogue, "cards", lambda: small)
    folder = make_photos(tmp_path / "photos", {"red": 6, "green": 6})
    found = headstart.rank(folder)
    assert set(found.names) == {"efficientnet_lite0", "random(efficientnet_lite0)", "pixel_histograms"}
    assert found.document["not_here"] == ["timm/resnet18.a1_in1k"]
    found = headstart.rank(folder, where="parameters < 4M or family = resnet")
    assert set(found.names) == {"efficientnet_lite0", "pixel_histograms"}
    assert row_of(found, "efficientnet_lite0")["computed"] == 0
    with pytest.raises(ConfigError, match=r"none of the models .* is on this machine: timm/resnet18"):
        headstart.rank(folder, where="family = resnet")
    with pytest.raises(ConfigError, match=r"no model for image .* There are 2: 3.4 to .* million parameters"):
        headstart.rank(folder, where="parameters < 1K")
    with pytest.raises(ConfigError, match="for other inputs: all_minilm_l6_v2"):
        headstart.rank(folder, where="modality = text")


def test_a_runtime_is_looked_for_once_for_a_network_at_all_its_sizes(tmp_path, photos, monkeypatch, model):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    searched, inner = [], choice.choose

    def counting(job, *rest, **more):
        searched.append(job)
        return inner(job, *rest, **more)

    monkeypatch.setattr(choice, "choose", counting)
    found = headstart.rank(photos, models=[f"{model}:48", model, f"{model}:32"])
    assert len(searched) == 1 and len({row["runtime"] for row in found.document["candidates"]}) == 1


def test_scores_are_the_same_however_many_are_made_at_once(ranked, kept, photos, names):
    alone = headstart.rank(photos, models=names, threads=1)
    for one, other in zip(alone.document["candidates"], ranked.document["candidates"], strict=True):
        assert (one["name"], one["knn"]) == (other["name"], other["knn"])
        for scores in ("score", "votes"):  # PyTorch's last bits follow its threads
            assert one[scores] == pytest.approx(other[scores], rel=1e-6)


def test_a_network_that_cannot_be_built_is_no_reason_to_rank_none(tmp_path, photos, kept, monkeypatch, model):
    from headstart.core.errors import BackendError
    from headstart.ranking import entrant_features

    inner = entrant_features.whole_networks

    def failing(group, *others):
        if group[0].card.image_size == (32, 32):
            raise BackendError("it does not run here.")
        return inner(group, *others)

    monkeypatch.setattr(entrant_features, "whole_networks", failing)
    found = headstart.rank(photos, models=[model, f"{model}:32"])
    assert found.names == (model,) and "was measured alone" in found.sentence
    assert found.document["failed"] == [{"name": f"{model}:32", "reason": "it does not run here"}]
    with pytest.raises(DataError, match="does not: it does not run here"):
        headstart.rank(photos, models=f"{model}:32")


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("pixel_histogram", "Did you mean 'pixel_histograms'"),
        ("efficientnet_lite", "Did you mean 'efficientnet_lite"),
        ("efficientnet_lite0@block.4", "Did you mean 'blocks.4'"),
        ("efficientnet_lite0@99", "must be 1 to 10; got 99"),
        ("efficientnet_lite0:3", "greater than or equal to 16"),
        ("efficientnet_lite0:wide", "no number of pixels"),
        ("all_minilm_l6_v2:160", "image_size is known of networks for pictures"),
        ("tfidf", "must be for what the data hold, image; tfidf is for text"),
        ("all_minilm_l6_v2", "all_minilm_l6_v2 is for text"),
        ("random(pixel_histograms)", "no weights, stages or size"),
        ("", "at least one candidate"),
    ],
)
def test_a_wrong_candidate_is_told_before_the_work(photos, models, said):
    with pytest.raises(ConfigError, match=said):
        headstart.rank(photos, models=models)


def test_names_and_a_filter_at_once_are_refused(photos):
    with pytest.raises(ConfigError, match="got both"):
        headstart.rank(photos, models="auto", where="installed")


def test_data_with_several_inputs_are_for_fit():
    rows = questions(6)
    pair = pandas.DataFrame(
        {"one": [t for t, _ in rows], "other": [t for t, _ in rows[::-1]], "label": [k for _, k in rows]}
    )
    with pytest.raises(ConfigError, match=r"here an example is .* Name one of them with --input"):
        headstart.rank(pair, input=["one", "other"])
    table = pandas.DataFrame({"a": np.arange(40) % 7, "b": np.arange(40) % 5, "label": ["x", "y"] * 20})
    with pytest.raises(ConfigError, match="plain columns, for which fit compares"):
        headstart.rank(table)


def test_labels_that_are_all_different_are_refused():
    frame = pandas.DataFrame(
        [(text, f"{number}x") for number, (text, _) in enumerate(questions(6))], columns=["text", "label"]
    )
    with pytest.raises(DataError, match="18 different ones"):
        headstart.rank(frame, models="tfidf")


def test_the_command_repeats_what_was_asked(tmp_path, kept, photos, model):
    found = headstart.rank(str(photos), models=f"{model}:32", seed=3, resplit=True)
    assert found.command == (f"headstart fit {photos} --model {model}:32 --resplit --seed 3")
    with pytest.raises(ConfigError, match="new or empty"):
        headstart.rank(photos, models=model, out=photos)
