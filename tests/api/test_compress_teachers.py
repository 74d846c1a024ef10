"""Students that learn from the networks of other runs on the same examples."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import headstart
from headstart import bundle
from headstart.api import compressing_memory, compressing_students, compressing_teachers
from headstart.api.two_domains import source_rows
from headstart.compression import gate, teaching
from headstart.compression.knobs import Knobs
from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.core.progress import Silent
from headstart.core.run_folder import RunFolder
from headstart.evidence import run_answers
from helpers import make_model, make_photos

SIDE = 32


@pytest.fixture(scope="module")
def other(shared, tmp_path_factory):
    """A run on the same photos by another network."""
    folder = tmp_path_factory.mktemp("teacher")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        return shared.fit(folder / "teacher", model=str(make_model(folder / "model", "test_efficientnet", 64)))


def one_to_teach(work, *given):
    work.looked[Knobs(SIDE)] = 2.5
    return [Knobs(SIDE)]


def test_students_learn_from_all_teachers_together_and_are_held_against_the_run_itself(
    shared, other, tmp_path, monkeypatch
):
    def a_student(points, base, *asked):
        return gate.Verdict(next(each for each in points if each.knobs.is_student), "It is a student.")

    widths, inner = [], teaching.teacher_of

    def teacher_of(lesson, stage):
        made = inner(lesson, stage)
        widths.append(len(made.mean))
        return made

    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "decided", a_student)
    monkeypatch.setattr(teaching, "teacher_of", teacher_of)
    monkeypatch.setattr(compressing_students, "_worth_teaching", one_to_teach)
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)
    found = headstart.compress(
        shared.run.path, max_drop=0, runtime="onnxruntime", threads=1, teacher=[other.path, shared.run.path],
        students=1, out=tmp_path / "out",
    )  # fmt: skip
    section = found.evidence["compression"]
    assert section["teachers"] == [other.path.name, shared.run.path.name]
    dims = [
        next(iter(bundle.read(run).manifest.networks.values())).backbone.card["feature_dim"]
        for run in (other.path, shared.run.path)
    ]
    assert widths == [sum(dims)] and found.chosen.startswith(f"{SIDE} px, student")
    assert section["points"][0]["score"] == pytest.approx(held_out_accuracy(shared.run))


def held_out_accuracy(run):
    held = run_answers.read_held_out(run.path)
    return float(np.mean(held.said == held.truth))


def test_what_cannot_teach_is_told(shared, other, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    fewer = make_photos(tmp_path / "fewer", {"blue": 12, "green": 12, "red": 12}, seed=5)
    elsewhere = headstart.fit(fewer, model=str(shared.model), method="linear_probe", out=tmp_path / "elsewhere")
    with pytest.raises(DataError, match="on the same examples; .* are in one of both alone"):
        headstart.compress(shared.run.path, teacher=elsewhere.path)
    two = make_photos(tmp_path / "two", {"blue": 12, "green": 12}, seed=5)
    binary = headstart.fit(two, model=str(shared.model), method="linear_probe", out=tmp_path / "binary")
    with pytest.raises(DataError, match=r"same task and classes, classification of blue, green, red; .* blue, green\."):
        headstart.compress(shared.run.path, teacher=binary.path)
    with pytest.raises(ConfigError, match="1 or more with --teacher, which only students learn from; got 0"):
        headstart.compress(shared.run.path, teacher=other.path, students=0)


def test_a_trained_network_teaches_only_where_it_saw_none_that_judge(shared, other, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    shipped = bundle.read(shared.run.path)
    source = source_rows(RunFolder(shared.run.path), shipped, shipped.predictor(), threads=1, progress=Silent())
    trained = SimpleNamespace(manifest=SimpleNamespace(method={"trained": True}))
    folds = np.where(np.arange(len(source.dataset)) % 2, 0, NEVER_HELD_OUT)
    bench = SimpleNamespace(student_folds=folds)
    compressing_teachers._require_unseen(other.path, trained, source, bench)  # all of its rows were held out
    numbers = run_answers.read_column(RunFolder(other.path).held_out, run_answers.FOLD)
    monkeypatch.setattr(run_answers, "read_column", lambda *given: np.full(len(numbers), NEVER_HELD_OUT))
    with pytest.raises(DataError, match=f"may have seen {int((folds == 0).sum())} of them"):
        compressing_teachers._require_unseen(other.path, trained, source, bench)
    frozen = SimpleNamespace(manifest=SimpleNamespace(method={}))
    compressing_teachers._require_unseen(other.path, frozen, source, bench)
