"""A fitted model moved to another domain: what is written, what is not read, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image, ImageEnhance

import headstart
from cli.helpers_cli import headstart_command
from headstart import bundle
from headstart.adaptation import choosing
from headstart.core.errors import ConfigError, DataError, GateError
from helpers import make_photos
from shared_run import CLASSES

__all__ = ["headstart_command"]


@pytest.fixture(scope="module")
def darker(tmp_path_factory):
    """The same colours through another camera, 12 pictures of each, in one folder."""
    made = make_photos(tmp_path_factory.mktemp("darker") / "by_class", dict.fromkeys(CLASSES, 12), seed=7)
    flat = made.parent / "flat"
    flat.mkdir()
    for path in sorted(made.rglob("*.png")):
        picture = ImageEnhance.Brightness(Image.open(path)).enhance(0.6)
        picture.save(path)
        picture.save(flat / f"{path.parent.name}_{path.name}")
    return made.parent


@pytest.fixture(scope="module")
def adapted(shared, darker, tmp_path_factory):
    out = tmp_path_factory.mktemp("adapted") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        return headstart.adapt(shared.run.path, darker / "flat", method="standardisation", out=out)


def test_the_adapted_run_predicts_as_it_was_written_in_every_form(adapted, darker, warm):
    table = pyarrow.parquet.read_table(adapted.path / "predictions" / "target.parquet").to_pydict()
    shipped = bundle.read(adapted.path)
    assert shipped.manifest.method["form"] == "linear" and len(table["id"]) == 36
    said = headstart.predict(adapted.path, darker / "flat")
    assert [row["prediction"] for row in said.rows] == table["prediction"]
    assert table["id"] == [path.name for path in sorted((darker / "flat").iterdir())]  # relative, as fit names them
    by_graph = shipped.predictor("onnxruntime")
    assert shipped.manifest.files["model.onnx"] != bundle.read(warm.run.path).manifest.files["model.onnx"]
    features = np.random.default_rng(0).normal(size=(3, shipped.fitted().arrays["weight"].shape[1]))
    assert by_graph.outputs_of(features).shape == (3, 3)


def test_the_graph_of_the_bundle_has_the_new_head_and_the_old_network(adapted, warm):
    import onnxruntime

    old, new = (
        onnxruntime.InferenceSession(str(bundle.read(run).folder / "model.onnx"))
        for run in (warm.run.path, adapted.path)
    )
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    features, former = old.run(["features", "logits"], {"pixels": pixels})
    again, logits = new.run(["features", "logits"], {"pixels": pixels})
    assert np.array_equal(features, again) and not np.allclose(former, logits)
    head = bundle.read(adapted.path).fitted()
    assert np.allclose(logits, features @ head.arrays["weight"].T + head.arrays["bias"], atol=1e-4)


def test_the_evidence_tells_what_was_tried_and_what_it_costs_at_home(adapted, warm):
    section = adapted.evidence["adaptation"]
    assert [each["name"] for each in section["methods"]] == ["source_only", "standardisation"]
    assert section["to"] == {"name": "flat", "n": 36, "unusable": 0}
    assert section["home"]["n"] == warm.run.evidence["n"]["test"] and "difference" in section["home"]
    assert adapted.evidence["test_reads"] == warm.run.evidence["test_reads"] + 1
    assert json.loads((adapted.path / "evidence.json").read_text()) == bundle.read(adapted.path).evidence()
    page = (adapted.path / "report.html").read_text()
    assert "The model was adapted" in page
    found = section["map"]
    assert found["classes"] == list(CLASSES) and len(found["after"]["target"]) == 36
    assert found["after"]["source"] != found["before"]["source"]  # moved, by what held-out rows did not teach
    assert found["before"]["told_apart"] is None and len(found["before"]["source"]) < 10  # too few to tell


def test_examples_whose_answers_change_are_shown_unless_that_is_not_wanted(adapted, darker, warm, tmp_path):
    changed = adapted.evidence["adaptation"]["changed"]
    assert changed["n"] == sum(each["n"] for each in changed["moves"]) > 0
    shown = json.loads((adapted.path / "examples.json").read_text())["changed"]
    assert list(shown) == [each["id"] for each in changed["examples"][:24]]
    assert all(each["thumbnail"].startswith("data:image/") for each in shown.values())
    assert "data:image/jpeg" in (adapted.path / "report.html").read_text()
    assert not any("examples" in path.name for path in (adapted.path / "bundle").iterdir())
    given = {"method": "standardisation", "out": tmp_path / "out", "examples": False}
    headstart.adapt(warm.run.path, darker / "flat", **given)
    assert not (tmp_path / "out" / "examples.json").exists()
    assert "data:image/jpeg" not in (tmp_path / "out" / "report.html").read_text()


def test_labels_for_evaluation_measure_every_way_and_choose_nothing(darker, warm, tmp_path):
    given = {"method": "standardisation", "out": tmp_path / "out"}
    found = headstart.adapt(warm.run.path, darker / "flat", evaluate=darker / "by_class", **given)
    section = found.evidence["adaptation"]
    labels = {each["name"]: each for each in section["labels"]["methods"]}
    assert list(labels) == ["run", "source_only", "standardisation", "ships", "target_labels"]
    assert section["labels"]["n"] == 36 and "36 of them among those" in section["labels"]["note"]
    assert labels["run"]["difference"] is None and labels["ships"]["difference"]["low"] is not None
    for name, run in (("ships", found.path), ("run", warm.run.path)):
        measured = headstart.evaluate(run, darker / "by_class").evidence["test"]["accuracy"]["value"]
        assert labels[name]["value"]["value"] == pytest.approx(measured)
    by_class = {each["class"]: each for each in section["labels"]["by_class"]["classes"]}
    told = headstart.evaluate(found.path, darker / "by_class").evidence["test"]["per_class"]
    assert {name: each["after"]["recall"] for name, each in by_class.items()} == {
        name: each["recall"] for name, each in told.items()
    }
    assert all(each["change"]["low"] <= each["change"]["value"] for each in by_class.values())
    labelled = headstart.adapt(warm.run.path, darker / "by_class", method="standardisation", out=tmp_path / "labelled")
    told = headstart.evaluate(labelled.path, darker / "by_class", out=tmp_path / "measured").path.parent
    ids = [
        pyarrow.parquet.read_table(place / "predictions" / f"{split}.parquet").to_pydict()["id"]
        for place, split in ((labelled.path, "target"), (told, "test"))
    ]
    assert sorted(ids[0]) == sorted(ids[1])
    without = headstart.adapt(warm.run.path, darker / "flat", method="standardisation").evidence["adaptation"]
    assert without["shares"] == section["shares"] and without["gain"] == section["gain"]
    assert "With labels of the new domain" in (found.path / "report.html").read_text()


def test_a_few_labels_check_the_estimates(darker, warm, tmp_path):
    rows = ["file,label"] + [f"flat/{name}_{n}.png,{name}" for name in CLASSES for n in range(6)]
    (darker / "few.csv").write_text("\n".join(rows) + "\n")
    found = headstart.adapt(warm.run.path, darker / "flat", method="coral", labels=darker / "few.csv")
    without = headstart.adapt(warm.run.path, darker / "flat", method="coral")
    gains = [each.evidence["adaptation"]["gain"] for each in (found, without)]
    assert gains[0] != gains[1] and gains[0]["low"] <= gains[0]["value"] <= gains[0]["high"]
    with pytest.raises(DataError, match="at least 10 labelled examples that are among those of --to"):
        headstart.adapt(warm.run.path, darker / "flat", method="coral", labels=warm.photos)


def test_targets_of_the_new_domain_change_nothing(adapted, darker, warm):
    beside = headstart.adapt(warm.run.path, darker / "by_class", method="standardisation")
    told = [adapted.evidence["adaptation"], beside.evidence["adaptation"]]
    assert told[0]["shares"] == told[1]["shares"]
    assert any("targets" in note for note in beside.evidence["warnings"])


def test_features_of_the_new_domain_are_kept(adapted, darker, warm, monkeypatch):
    from headstart.features import bundle_features

    monkeypatch.setattr(bundle_features, "computed_features", lambda *given: pytest.fail("computed again"))
    headstart.adapt(warm.run.path, darker / "flat", method="standardisation")


def test_the_adapted_run_is_monitored_and_explained(adapted, darker, warm):
    found = headstart.monitor(adapted.path, darker / "flat")
    assert found.document["verdict"] == "unchanged"
    picture = next((darker / "flat").glob("*.png"))
    assert headstart.explain(adapted.path, picture).to_dict()
    rows = headstart.predict(warm.run.path, darker / "flat", stream="shares").rows
    plain = headstart.predict(warm.run.path, darker / "flat").rows
    assert [row["prediction"] for row in rows] == [row["prediction"] for row in plain]  # 36 are too few to correct


def test_statistics_of_the_network_are_moved_and_travel(shared, warm, tmp_path):
    made = make_photos(tmp_path / "by_class", dict.fromkeys(CLASSES, 24), seed=11)
    for path in sorted(made.rglob("*.png")):
        ImageEnhance.Contrast(Image.open(path)).enhance(0.4).save(path)
    found = headstart.adapt(warm.run.path, made, method="network_statistics", evaluate=made, out=tmp_path / "out")
    measured = {each["name"]: each["value"]["value"] for each in found.evidence["adaptation"]["labels"]["methods"]}
    assert list(measured) == ["run", "ships", "target_labels"]
    old, new = (bundle.read(run) for run in (warm.run.path, found.path))
    assert new.manifest.networks != old.manifest.networks
    again = headstart.evaluate(found.path, made).evidence["test"]["accuracy"]["value"]
    assert again == pytest.approx(measured["ships"])
    table = pyarrow.parquet.read_table(found.path / "predictions" / "target.parquet").to_pydict()
    row = next(row for row, name in enumerate(table["id"]) if name.endswith("green/3.png"))
    alone = headstart.predict(found.path, made / "green" / "3.png").rows[0]
    assert alone["prediction"] == table["prediction"][row]  # no answer depends on the others any more


def test_statistics_of_the_network_are_tried_beside_the_adapters(shared, warm, tmp_path, monkeypatch):
    """With --method left out: judged like any other, measured where labels are there, and shipped where chosen."""
    made = make_photos(tmp_path / "by_class", dict.fromkeys(CLASSES, 24), seed=11)
    for path in sorted(made.rglob("*.png")):
        ImageEnhance.Contrast(Image.open(path)).enhance(0.4).save(path)
    seen = {}

    def choose(found, named, labels):
        seen.update({each.name: each for each in found})
        return choosing.Choice("network_statistics", "It promises most.", {})

    monkeypatch.setattr(choosing, "choose", choose)
    found = headstart.adapt(warm.run.path, made, evaluate=made, out=tmp_path / "out")
    assert {"coral", "network_statistics"} < set(seen)
    theirs = choosing.learned_chooser().of("network_statistics").coefficients
    for way in ("source_only", "network_statistics"):  # all that has a say about it was asked, of both
        assert theirs.keys() <= seen[way].values.keys()
    assert np.isfinite(seen["network_statistics"].values["propagated_labels"])
    section = found.evidence["adaptation"]
    assert section["method"] == "network_statistics" and section["why"] == "It promises most."
    titles = {each["name"]: each["title"] for each in section["methods"]}
    assert titles["network_statistics"] == "Statistics of the new domain in the network" and "coral" in titles
    measured = {each["name"]: each["value"]["value"] for each in section["labels"]["methods"]}
    assert {"coral", "ships"} < set(measured)
    named = headstart.adapt(warm.run.path, made, method="network_statistics", evaluate=made)
    rows = named.evidence["adaptation"]["labels"]["methods"]
    assert {each["name"]: each["value"]["value"] for each in rows}["ships"] == measured["ships"]
    assert bundle.read(found.path).manifest.networks != bundle.read(warm.run.path).manifest.networks


def test_statistics_of_the_network_stay_where_the_domains_are_one(warm, tmp_path):
    made = make_photos(tmp_path / "by_class", dict.fromkeys(CLASSES, 24), seed=12)
    with pytest.raises(GateError):
        headstart.adapt(warm.run.path, made, out=tmp_path / "out")
    evidence = json.loads((tmp_path / "out" / "evidence.json").read_text())
    assert "cannot be told apart" in evidence["adaptation"]["left_out"]["network_statistics"]


def test_statistics_need_examples_and_batch_normalisations(darker, warm):
    with pytest.raises(DataError, match="64 examples of the new domain or more, and 36 are there"):
        headstart.adapt(warm.run.path, darker / "flat", method="network_statistics")


def test_a_guard_that_holds_back_writes_evidence_and_no_bundle(darker, warm, tmp_path, monkeypatch):
    monkeypatch.setattr(choosing, "choose", lambda found, named, labels: choosing.Choice(None, "It would not help."))
    with pytest.raises(GateError, match=r"It would not help\. The model stays as it is"):
        headstart.adapt(warm.run.path, darker / "flat", out=tmp_path / "out")
    assert not (tmp_path / "out" / "bundle").exists()
    assert "better left as it is" in (tmp_path / "out" / "report.html").read_text()


def test_what_cannot_be_adapted_is_told(darker, warm, tmp_path):
    with pytest.raises(DataError, match="the run's own"):
        headstart.adapt(warm.run.path, warm.photos)
    with pytest.raises(ConfigError, match="standardisation"):
        headstart.adapt(warm.run.path, darker / "flat", method="standardization")
    with pytest.raises(ConfigError, match="name the run folder"):
        headstart.adapt(warm.run.bundle, darker / "flat")
    few = make_photos(tmp_path / "few", {"red": 3})
    with pytest.raises(DataError, match="at least 10 examples"):
        headstart.adapt(warm.run.path, few)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds none"):
        headstart.adapt(warm.run.path, tmp_path / "empty")


def test_the_command_says_it(darker, warm, headstart_command):
    done = headstart_command("adapt", warm.run.path, "--to", darker / "flat", "--method", "standardisation")
    assert done.code == 0 and done.out.startswith("Adapted to flat by ")
