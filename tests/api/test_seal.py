"""The test part decides nothing: its targets cannot be reached before the choice is written, and whatever it holds,
what is fitted and chosen has the same bits. Only the evidence differs."""

from __future__ import annotations

import gc
import random
import shutil
import sys
from functools import partial
from types import ModuleType

import numpy as np
import pandas
import pytest
from PIL import Image, ImageOps

import headstart
from api.helpers_seal import Sealing, decided, with_other_test, with_split
from api.helpers_training import SHORT, texts_of
from headstart.core import plugins
from headstart.core.errors import HeadstartError
from headstart.core.plugins import Plugin
from headstart.data.sealed import SealedTargets
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.training.base import Training
from headstart.methods.training.settings import TrainConfig
from helpers import make_model, make_photos
from made_sounds import make_recordings
from made_tables import customers, write_csv
from made_texts import question, questions

OTHER_COLUMNS = {
    "age": lambda old: 3 * old + 7,
    "plan": lambda old: np.where(old == "pro", "basic", "a plan of the test alone"),
    "spent": lambda old: 10 * old + 1,
    "since": lambda old: "2031-05-07",
}
RACE = {"method": "boosting", "tune": 2}
DECIDED = {"decision.recall": 0.9, "decision.positive": "gone", "answered_accuracy": 0.9}
MITIGATED = {"guard": False, "mitigation": "reweighting"}


def rows_of(kind):
    """Plain columns with a target of a kind."""
    frame = customers(120)
    age = np.nan_to_num(frame["age"].to_numpy(), nan=40.0)
    tags = [
        "|".join(name for name, has in (("old", a > 45), ("mail", m == "yes")) if has) or "none"
        for a, m in zip(age, frame["mail"], strict=True)
    ]
    target = {
        "classification": frame["churn"],
        "ordinal": np.minimum(age // 20, 3).astype(int),
        "multilabel": tags,
        "regression": (3 * age + np.random.default_rng(0).normal(0, 10, len(age))).round(2),
        "amount": (3 * age).round(2),
    }[kind]
    return with_split(frame.drop(columns="churn").assign(target=target))


def tables(folder, kind):
    """Two that differ in their test part."""
    frame = rows_of(kind)
    other = with_other_test(frame, "target", **OTHER_COLUMNS)
    if kind in ("regression", "amount"):  # on another scale, too
        test = other["split"] == "test"
        other.loc[test, "target"] = 9 * other.loc[test, "target"] + 2000
    return write_csv(folder / "one.csv", frame), write_csv(folder / "two.csv", other)


def text_tables(folder, kind):
    if kind == "classification":
        frame = pandas.DataFrame(questions(16), columns=["text", "label"])
    else:
        frame = texts_of(kind, 96)
        frame["label"] = frame["label"].map(lambda each: "|".join(each) if isinstance(each, list) else each)
    draw = random.Random(5)
    frame = with_split(frame)
    other = with_other_test(frame, "label", text=lambda old: [question("loan", draw, 14) + " zebra" for _ in old])
    return write_csv(folder / "one.csv", frame), write_csv(folder / "two.csv", other)


def pictures(folder):
    counts = {f"{part}/{name}": n for part, n in (("train", 12), ("test", 6)) for name in ("red", "green", "blue")}
    one = make_photos(folder / "one", counts)
    two = shutil.copytree(one, folder / "two")
    for number in range(3):
        red, blue = (two / "test" / name / f"{number}.png" for name in ("red", "blue"))
        content = red.read_bytes()
        red.write_bytes(blue.read_bytes())
        blue.write_bytes(content)
    for path in two.glob("test/*/[45].png"):
        ImageOps.invert(Image.open(path)).save(path)
    return one, two


def tones(folder):
    folders = []
    for name, seed in (("one", 1), ("two", 2)):
        make_recordings(folder / name / "train", per_kind=10)
        make_recordings(folder / name / "test", per_kind=4, seed=seed)
        folders.append(folder / name)
    one, two = sorted((folders[1] / "test").iterdir())[:2]
    one.rename(folder / "aside")
    two.rename(one)
    (folder / "aside").rename(two)
    return folders


def both(data, out, monkeypatch, **options):
    """A fit of each; neither may look at a sealed target."""
    sealing = Sealing(monkeypatch)
    settings = {"runtime.name": "eager", "cache": "off", **options.pop("settings", {})}
    runs = [
        headstart.fit(each, out=out / str(n), threads=1, settings=settings, **options) for n, each in enumerate(data)
    ]
    assert [parts.sealed.reads for parts in sealing.parts] == [1, 1]
    return runs


def assert_only_the_evidence_differs(runs):
    one, two = (decided(run) for run in runs)
    assert [name for name in one if one[name] != two[name]] == []
    assert runs[0].evidence["test"] != runs[1].evidence["test"]


slow = partial(pytest.param, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("classification", {"settings": DECIDED}, id="stated recall"),
        pytest.param("classification", RACE, id="race of trees"),
        pytest.param("regression", {"method": "linear_probe"}, id="numbers"),
        slow("classification", {"slices": "mail", "method": "linear_probe", "settings": MITIGATED}, id="mitigation"),
        slow("amount", {}, id="amounts"),
        slow("ordinal", {}, id="grades"),
        slow("multilabel", {}, id="labels"),
    ],
)
def test_a_table_is_learned_alike_whatever_its_test_part_holds(kind, options, tmp_path, monkeypatch):
    asked = {"target": "target", "task": kind, **options}
    assert_only_the_evidence_differs(both(tables(tmp_path, kind), tmp_path / "runs", monkeypatch, **asked))


TRAINED = {**SHORT, "guard": False, "method.freeze": "layers.0"}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("classification", {"method": "lp_ft", "settings": TRAINED}, id="training"),
        slow("regression", {"method": "lp_ft", "settings": TRAINED}, id="training for numbers"),
        slow("multilabel", {"method": "lp_ft", "settings": TRAINED}, id="training for labels"),
        slow("classification", {"method": "lp_ft", "settings": TRAINED, "tune": 2}, id="race of trainings"),
        slow("classification", {"settings": {"beside": ["root_probe"]}}, id="methods beside"),
    ],
)
def test_texts_are_learned_alike_whatever_the_test_part_holds(kind, options, text_model, tmp_path, monkeypatch):
    asked = {"model": str(text_model), "task": kind, **options}
    assert_only_the_evidence_differs(both(text_tables(tmp_path, kind), tmp_path / "runs", monkeypatch, **asked))


def test_pictures_are_learned_alike_whatever_the_test_part_holds(tmp_path, monkeypatch):
    asked = {"model": str(make_model(tmp_path / "model"))}
    assert_only_the_evidence_differs(both(pictures(tmp_path), tmp_path / "runs", monkeypatch, **asked))


@pytest.mark.slow
def test_recordings_are_learned_alike_whatever_the_test_part_holds(sound_model, tmp_path, monkeypatch):
    asked = {"model": str(sound_model)}
    assert_only_the_evidence_differs(both(tones(tmp_path), tmp_path / "runs", monkeypatch, **asked))


def seals():
    """Those in memory that nobody has opened; runs of earlier tests may be among them."""
    return [each for each in gc.get_objects() if type(each) is SealedTargets and not each.reads]


class SpyProbe(LinearProbe):
    """Looks for the seal in the memory of the process and tries to break it."""

    def fit(self, *arguments, **options):
        for sealed in seals():
            sealed.unseal(SpyProbe.choice)
        raise AssertionError("test targets were read before the choice")


class SpyTraining(Training):
    """The same, from within a training."""

    def step(self, model, batch, objective, phase):
        for sealed in seals():
            sealed.unseal(SpyProbe.choice)
        raise AssertionError("test targets were read before the choice")


@pytest.fixture
def spies(monkeypatch):
    """Both as methods of an outside package."""
    kinds = frozenset({"class", "ordinal", "multilabel", "real"})
    found = {
        "spy_probe": Plugin(
            build=SpyProbe, config=plugins.load("methods", "linear_probe").config, kind="solve", targets=kinds
        ),
        "spy_training": Plugin(build=SpyTraining, config=TrainConfig, kind="train", targets=kinds),
    }
    for name, plugin in found.items():
        module = ModuleType(name)
        module.PLUGIN = plugin
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(plugins, "_outside", lambda room: {name: name for name in found} if room == "methods" else {})
    monkeypatch.setattr(plugins, "_tree", lambda room, name: None)


@pytest.mark.parametrize("kind", ["classification", "ordinal", "multilabel", "regression"])
def test_a_method_that_breaks_the_seal_ends_the_fit(kind, spies, tmp_path):
    data, _ = tables(tmp_path, kind)
    SpyProbe.choice = tmp_path / "run" / "config.yaml"
    with pytest.raises(HeadstartError, match="choice must be on disk"):
        headstart.fit(
            data, target="target", task=kind, method="spy_probe", out=tmp_path / "run", settings={"cache": "off"}
        )
    assert not (tmp_path / "run" / "evidence.json").exists()


def test_a_training_that_breaks_the_seal_ends_the_fit(spies, text_model, tmp_path):
    data, _ = text_tables(tmp_path, "classification")
    SpyProbe.choice = tmp_path / "run" / "config.yaml"
    settings = {"cache": "off", **TRAINED}
    with pytest.raises(HeadstartError, match="choice must be on disk"):
        headstart.fit(data, model=str(text_model), method="spy_training", out=tmp_path / "run", settings=settings)
    assert not (tmp_path / "run" / "evidence.json").exists()


def test_code_that_looks_at_the_test_rows_of_the_data_is_noticed(tmp_path, monkeypatch):
    """The proof of the proof: :class:`Sealing` would notice a fit that reads targets past the seal."""
    from headstart.fitting import carry_out

    real = carry_out.answered

    def peeking(work, found, choice):
        sorted(map(str, found.reading.dataset.targets))
        return real(work, found, choice)

    monkeypatch.setattr(carry_out, "answered", peeking)
    with pytest.raises(AssertionError, match="sealed target was looked at"):
        both(
            tables(tmp_path, "classification")[:1],
            tmp_path / "runs",
            monkeypatch,
            target="target",
            method="linear_probe",
        )
