"""Domains whose classes are not the same: what is left out, what is answered "unknown", what is refused."""

from __future__ import annotations

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from cli.helpers_cli import headstart_command
from headstart import bundle
from headstart.core.errors import ConfigError, DataError, GateError
from serving.conftest import client_of

__all__ = ["headstart_command"]
CLASSES = ("ash", "birch", "cedar", "date", "elm")
KNOWN = CLASSES[:4]
MEANS = 2.5 * np.random.default_rng(5).choice([-1.0, 1.0], (5, 12))  # every column tells several classes apart


def table(classes, each, seed, moved=0.0):
    """Clouds of points, one for each class; ``moved`` shifts and widens all."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(classes, each)
    points = MEANS[[CLASSES.index(name) for name in labels]] + rng.normal(size=(len(labels), 12))
    frame = pandas.DataFrame(points * (1 + moved / 5) + moved, columns=[f"x{n}" for n in range(12)])
    return frame.assign(label=labels)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A linear model of four classes."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        table(KNOWN, 40, 0).to_csv(folder / "learned.csv", index=False)
        return headstart.fit(folder / "learned.csv", target="label", method="linear_probe", out=folder / "run")


@pytest.fixture(scope="module")
def lands(tmp_path_factory):
    """Other domains as tables without labels, and the same with."""
    folder = tmp_path_factory.mktemp("lands")
    made = {
        "fewer": table(KNOWN[:3], 40, 1, 0.2),
        "more": table(CLASSES, 30, 2, 0.2),
        "same": table(KNOWN, 30, 3, 0.2),
    }
    for name, frame in made.items():
        frame.drop(columns="label").to_csv(folder / f"{name}.csv", index=False)
        frame.to_csv(folder / f"{name}_labelled.csv", index=False)
    return folder


def answers(run, table):
    return np.array([row["prediction"] for row in headstart.predict(run, table).rows])


def test_the_command_leaves_out_a_class_that_the_new_domain_lacks(run, lands, tmp_path, headstart_command):
    out = tmp_path / "out"
    done = headstart_command("adapt", run.path, "--to", lands / "fewer.csv", "--setting", "partial", "--out", out)
    assert done.code == 0, done.err
    assert "1 of 4 classes are found to be absent and are never the answer: date" in done.err
    section = bundle.read(out).evidence()["adaptation"]["setting"]
    assert section["name"] == "partial" and section["absent"] == ["date"] and section["given"] == []
    row = {each["class"]: each for each in section["classes"]}["date"]
    assert row["now"] <= 0.1 * row["learned"] and row["high"] <= 0.5 * row["learned"]
    told = headstart.predict(out, lands / "same.csv").rows  # even where the class is there
    assert all(each["prediction"] != "date" and each["probability_date"] < 1e-6 for each in told)
    assert set(KNOWN) == {name.removeprefix("probability_") for name in told[0] if name.startswith("probability_")}
    assert "Classes left out" in (out / "report.html").read_text()


def test_named_classes_are_obeyed_and_need_no_estimate(run, lands, tmp_path):
    given = {"setting": "partial", "classes": "birch, ash", "out": tmp_path / "out"}
    found = headstart.adapt(run.path, lands / "same.csv", **given)
    assert found.evidence["adaptation"]["setting"] == {
        "name": "partial", "given": ["birch", "ash"], "absent": ["cedar", "date"], "classes": []
    }  # fmt: skip
    assert set(answers(found.path, lands / "same.csv")) == {"ash", "birch"}


def test_every_way_answers_present_classes_alone(run, lands, tmp_path):
    for method in ("class_means", "prior_em", "importance_weighting", "confident_rows"):
        try:
            found = headstart.adapt(
                run.path, lands / "same.csv", setting="partial", classes=KNOWN[:3], method=method, out=tmp_path / method
            )
        except DataError as error:  # a table's columns are not what every way takes
            assert "cannot be used here" in str(error)
            continue
        assert set(answers(found.path, lands / "same.csv")) == set(KNOWN[:3]), method


def test_the_command_answers_unknown_where_a_class_was_never_learned(run, lands, tmp_path, headstart_command):
    out = tmp_path / "out"
    done = headstart_command("adapt", run.path, "--to", lands / "more.csv", "--setting", "open", "--out", out)
    assert done.code == 0, done.err
    truth = np.repeat(CLASSES, 30)
    said = answers(out, lands / "more.csv")
    assert (said[truth == "elm"] == "unknown").mean() > 0.8
    assert (said == truth)[truth != "elm"].mean() > 0.9
    table = pyarrow.parquet.read_table(out / "predictions" / "target.parquet").to_pydict()
    assert table["prediction"] == said.tolist()
    shipped = bundle.read(out)
    assert tuple(shipped.class_names) == KNOWN and shipped.manifest.postprocessing.unknown_below is not None
    section = shipped.evidence()["adaptation"]["setting"]
    assert section["seen"] and section["unknown"]["low"] < 0.2 < section["unknown"]["high"]
    assert "Answered unknown" in (out / "report.html").read_text()


def test_labelled_examples_of_unknown_classes_are_measured_by_the_h_score(run, lands, headstart_command):
    given = ("adapt", run.path, "--to", lands / "more.csv", "--evaluate", lands / "more_labelled.csv")
    done = headstart_command(*given, "--target", "label")
    assert done.code == 2 and "got elm besides" in done.err and "--setting open" in done.err
    found = headstart.adapt(
        run.path, lands / "more.csv", setting="open", evaluate=lands / "more_labelled.csv", target="label"
    )
    told = found.evidence["adaptation"]["labels"]["open_set"]
    assert told["run"]["n"] == [120, 30] and told["run"]["h_score"]["value"] == 0  # it never says unknown
    ships = told["ships"]
    known, unknown = ships["known"]["value"], ships["unknown"]["value"]
    assert ships["h_score"]["value"] == pytest.approx(2 * known * unknown / (known + unknown)) and unknown > 0.8
    assert ships["h_score"]["low"] < ships["h_score"]["value"] < ships["h_score"]["high"]


def test_where_nothing_is_unknown_or_absent_the_model_stays_as_it_is_and_says_so(run, lands, tmp_path):
    with pytest.raises(GateError, match="All classes of the model seem to be in the new domain"):
        headstart.adapt(run.path, lands / "same.csv", setting="partial")
    with pytest.raises(GateError, match="hardly one is called unknown"):
        headstart.adapt(run.path, lands / "same.csv", setting="open")
    named = {"method": "prior_em", "out": tmp_path / "out"}
    found = headstart.adapt(run.path, lands / "same.csv", setting="open", **named)
    assert (answers(found.path, lands / "same.csv") == "unknown").mean() <= 0.05


@pytest.mark.parametrize(("setting", "land"), [("partial", "fewer"), ("open", "more")])
def test_labels_are_never_read(run, lands, setting, land):
    told = [
        headstart.adapt(run.path, lands / f"{land}{form}.csv", setting=setting).evidence["adaptation"]
        for form in ("", "_labelled")
    ]
    assert told[0]["setting"] == told[1]["setting"] and told[0]["shares"] == told[1]["shares"]


def test_what_cannot_be_settled_is_told(run, lands):
    there = (run.path, lands / "same.csv")
    with pytest.raises(ConfigError, match="setting must be one of"):
        headstart.adapt(*there, setting="opened")
    with pytest.raises(ConfigError, match="Did you mean 'cedar'"):
        headstart.adapt(*there, setting="partial", classes="ash,ceder")
    with pytest.raises(ConfigError, match="at least two classes of the model; got ash"):
        headstart.adapt(*there, setting="partial", classes="ash")
    with pytest.raises(ConfigError, match="in --setting partial; got --setting open"):
        headstart.adapt(*there, setting="open", classes="ash,birch")
    with pytest.raises(ConfigError, match="shot changes the network"):
        headstart.adapt(*there, setting="open", method="shot")
    with pytest.raises(DataError, match="Name the classes of the new domain with --classes"):
        headstart.adapt(run.bundle, lands / "same.csv", setting="partial", method="confident_rows")


@pytest.fixture(scope="module")
def opened(run, lands, tmp_path_factory):
    """A run that answers unknown."""
    out = tmp_path_factory.mktemp("opened") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(run.path.parent / "cache"))
        return headstart.adapt(run.path, lands / "more.csv", setting="open", out=out).path


def test_evaluate_counts_examples_of_unknown_classes_where_the_model_says_unknown(run, opened, lands):
    found = headstart.evaluate(opened, lands / "more_labelled.csv").evidence
    truth, said = np.repeat(CLASSES, 30), answers(opened, lands / "more.csv")
    told, stranger = found["open_set"], truth == "elm"
    assert told["n"] == [120, 30] and found["n"]["test"] == 120
    assert told["known"]["value"] == pytest.approx((said == truth)[~stranger].mean())
    assert (
        told["unknown"]["value"] == pytest.approx((said == "unknown")[stranger].mean())
        and told["h_score"]["value"] > 0.8
    )
    with pytest.raises(DataError, match=r"got \['elm'\]"):  # the others never say unknown
        headstart.evaluate(run.path, lands / "more_labelled.csv")
    assert headstart.evaluate(opened, lands / "same_labelled.csv").evidence["open_set"]["h_score"] is None


def test_few_labels_of_unknown_classes_check_nothing_and_are_not_refused(run, lands):
    given = {"labels": lands / "more_labelled.csv", "target": "label"}
    found = headstart.adapt(run.path, lands / "more.csv", setting="open", **given)
    assert found.evidence["adaptation"]["few_labels"] == 120
    with pytest.raises(DataError, match="--labels must hold classes of the model; got elm"):
        headstart.adapt(run.path, lands / "more.csv", **given)


def test_an_exported_file_says_that_it_never_answers_unknown(run, opened, tmp_path):
    for name, path, says in (("open", opened, True), ("closed", run.path, False)):
        headstart.export(path, out=tmp_path / name)
        assert ("The run answers `unknown`" in (tmp_path / name / "README.md").read_text()) is says


def test_a_server_answers_unknown_and_the_evidence_counts_that_as_a_change(opened, lands):
    rows = pandas.read_csv(lands / "more.csv").to_dict("records")
    with client_of(opened) as client:
        served = [
            each["prediction"] for each in client.post("/predict", json={"inputs": rows[-30:]}).json()["predictions"]
        ]
    said = answers(opened, lands / "more.csv")
    assert served == said[-30:].tolist() and served.count("unknown") > 24
    section = bundle.read(opened).evidence()["adaptation"]
    share = {each["class"]: each for each in section["shares"]}["unknown"]
    assert share["learned"] == share["before"] == 0 and share["after"] == pytest.approx((said == "unknown").mean())
    assert (
        sum(each["n"] for each in section["changed"]["moves"] if each["after"] == "unknown")
        == (said == "unknown").sum()
    )
