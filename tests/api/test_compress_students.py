"""Students: taught by some of the rows, judged by the others, shipped, kept, and picked again."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet
import pytest

import headstart
from headstart import bundle
from headstart.api import compressing_integers, compressing_students, compression_evidence
from headstart.bundle.torch_backbone import rebuild
from headstart.compression import gate
from headstart.compression.asked import Asked
from headstart.compression.knobs import Knobs
from headstart.compression.smaller import smaller
from headstart.core.errors import ConfigError, DataError, IntegrityError
from helpers import photo

SIDE, UNTAUGHT = 32, -2.5


def a_student(points, base, *asked):
    found = next(each for each in points if each.knobs.is_student and not each.knobs.is_int8)
    return gate.Verdict(found, "It is a student.")


def one_to_teach(work, *given):
    work.looked[Knobs(SIDE)] = -UNTAUGHT
    return [Knobs(SIDE)]


@pytest.fixture(scope="module")
def further(tmp_path_factory, shared):
    """Ten pictures without labels, and all that the run has."""
    folder, rng = tmp_path_factory.mktemp("further"), np.random.default_rng(9)
    for number in range(10):
        photo((120, 120, 40 * (number % 3)), rng).save(folder / f"new{number}.png")
    for place in sorted(shared.photos.rglob("*.png")):
        (folder / f"{place.parent.name}-{place.name}").write_bytes(place.read_bytes())
    return folder


@pytest.fixture(scope="module")
def taught(shared, further, tmp_path_factory):
    """Which of these tiny networks is worth teaching and is fast is chance: one is named, kept, and ships."""
    out = tmp_path_factory.mktemp("taught") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        patch.setattr(gate, "decided", a_student)
        patch.setattr(compressing_students, "_worth_teaching", one_to_teach)
        for module, name in ((compressing_integers, "front"), (compression_evidence, "worth_keeping")):
            patch.setattr(module, name, lambda points, base: [each for each in points if each.knobs.is_student])
        return headstart.compress(
            shared.run.path, max_drop=0, runtime="onnxruntime", out=out, threads=1, unlabelled=further
        )


def point_of(run, name):
    return next(each for each in run.evidence["compression"]["points"] if each["name"] == name)


def test_a_student_is_judged_on_rows_that_did_not_teach_it(taught):
    section, base = taught.evidence["compression"], taught.evidence["compression"]["points"][0]
    point, told = point_of(taught, taught.chosen), section["taught"][taught.chosen]
    assert taught.chosen == f"{SIDE} px, student" and point["knobs"]["student"]
    assert point["n"] + told["labelled"] == base["n"] == section["n"]
    assert point["n"] < told["labelled"] < 0.85 * base["n"]
    assert told["untaught"] == UNTAUGHT and told["epochs"] == len(told["losses"]) and np.isfinite(told["losses"]).all()
    in_integers = point_of(taught, f"{SIDE} px, student, int8")
    assert in_integers["n"] == point["n"] and in_integers["precision"] == "int8"


def test_unlabelled_examples_teach_unless_they_are_the_runs_own(taught, warm):
    section = taught.evidence["compression"]
    told, own = section["taught"][taught.chosen], len(list(warm.photos.rglob("*.png")))
    assert section["unlabelled"] == {"n": 10, "left_out": own}
    assert told["n"] == told["labelled"] + 10
    assert any(f"{own} of the unlabelled examples are the run's own" in note for note in taught.evidence["warnings"])


def test_the_bundle_of_a_student_holds_what_it_learned_and_answers_as_its_evidence_says(taught, warm):
    theirs, ours = (bundle.read(run) for run in (warm.run.path, taught.path))
    (old,), (new,) = theirs.manifest.networks.values(), ours.manifest.networks.values()
    untaught = smaller(rebuild(theirs.folder, old), Knobs(SIDE)).network.state_dict()
    learned = rebuild(ours.folder, new).network.state_dict()
    changed = [name for name, value in learned.items() if not np.array_equal(value, untaught[name])]
    assert 0 < len(changed) < len(learned)
    table = pyarrow.parquet.read_table(warm.run.path / "predictions" / "test.parquet").to_pydict()
    said = headstart.predict(taught.path, [warm.photos / name for name in table["id"]]).rows
    right = np.mean([row["prediction"] == target for row, target in zip(said, table["target"], strict=True)])
    assert right == pytest.approx(taught.evidence["test"]["accuracy"]["value"])


def test_a_student_is_picked_again(taught, shared, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    place = taught.path / "points"
    name, graphs = taught.chosen, taught.evidence["compression"]["graphs"]
    kept, in_integers = graphs[name], graphs[f"{name}, int8"]
    assert kept["weights"] == in_integers["weights"] and (place / kept["weights"]["file"]).is_file()
    again = headstart.compress(taught.path, pick=name, out=tmp_path / "again")
    assert again.chosen == name
    assert again.evidence["compression"]["picked"]["score"] == pytest.approx(point_of(taught, name)["score"])
    one, two = (next(iter(bundle.read(run).manifest.networks.values())) for run in (taught.path, again.path))
    assert again.evidence["test"]["accuracy"] == taught.evidence["test"]["accuracy"]
    assert one.backbone.weights_digest == two.backbone.weights_digest
    other = headstart.compress(taught.path, pick=f"{name}, int8", out=tmp_path / "integers")
    assert bundle.read(other.path).manifest.networks[one.backbone.name].runtime.precision == "int8"
    weights = place / kept["weights"]["file"]
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IntegrityError, match="was changed"):
        headstart.compress(taught.path, pick=name, out=tmp_path / "changed")
    weights.unlink()
    with pytest.raises(ConfigError, match="they are gone"):
        headstart.compress(taught.path, pick=name, out=tmp_path / "gone")
    weights.write_bytes(content)


def test_unlabelled_examples_of_another_kind_are_refused(warm, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("words")
    with pytest.raises(DataError, match="--unlabelled must hold inputs as the run has them, of kind 'image'"):
        headstart.compress(warm.run.path, unlabelled=tmp_path / "texts")
    with pytest.raises(DataError, match="--unlabelled"):
        headstart.compress(warm.run.path, unlabelled=tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="1 or more with --unlabelled"):
        headstart.compress(warm.run.path, unlabelled=tmp_path / "texts", students=0)
    with pytest.raises(ConfigError, match="--students must be 0 or more"):
        headstart.compress(warm.run.path, students=-1)


def test_where_the_time_is_too_short_nothing_is_taught_and_that_is_said(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "decided", lambda *given: gate.Verdict(None, "Nothing."))
    monkeypatch.setattr(compressing_students, "_worth_teaching", one_to_teach)
    monkeypatch.setattr("headstart.compression.teaching.taught", lambda *given: None)
    with pytest.raises(headstart.core.errors.GateError):
        headstart.compress(
            shared.run.path, runtime="onnxruntime", out=tmp_path / "out", threads=1, max_drop=0, minutes=9
        )
    section = json.loads((tmp_path / "out" / "evidence.json").read_text())["compression"]
    assert "too short" in section["skipped"][f"{SIDE} px, student"] and section["taught"] == {}


def test_a_shipped_student_is_known_by_rows_that_never_taught_it_alone(taught):
    held = pyarrow.parquet.read_table(taught.path / "predictions" / "held_out.parquet").to_pydict()
    assert len(held["id"]) == point_of(taught, taught.chosen)["n"]


NAMES = {"fine": 0.5, "slow": 2.0, "beaten": 3.5, "first": 3.0, "near": 4.0, "second": 6.0, "hopeless": 20.0}
COSTS = {None: 8.0, "fine": 7.0, "slow": 6.8, "beaten": 5.5, "first": 5.0, "near": 4.5, "second": 2.0, "hopeless": 1.0}
SPEEDS = {"slow": 1.3, "beaten": 1.5, "first": 1.6, "near": 1.55, "second": 2.5}
BY_KNOBS = {Knobs(number + 1.0): name for number, name in enumerate(NAMES)}


def made(knobs, loss, speed):
    return SimpleNamespace(knobs=knobs, point=SimpleNamespace(loss=loss, speedup=lambda base: speed))


@pytest.fixture
def ladder(monkeypatch):
    """Names of what is worth teaching, beside a way that is 1.2 times as fast and good enough."""
    monkeypatch.setattr(compressing_students, "_arithmetic", lambda work, name: COSTS[name])
    timed = []

    def speedups(work, base, ways):
        timed[:] = [BY_KNOBS[each] for each in ways]
        return {each: SPEEDS[BY_KNOBS[each]] for each in ways}

    monkeypatch.setattr(compressing_students, "_speedups", speedups)

    def of(asked, *others):
        looked = {each: NAMES[name] for each, name in BY_KNOBS.items()}
        work = SimpleNamespace(looked=looked, backbone=None, network=BY_KNOBS.get)
        found = [made(Knobs(1.0), 0.5, 1.2), made(Knobs(9.0), 2.0, 9.0), *others]
        chosen = compressing_students._worth_teaching(work, SimpleNamespace(point=None), found, asked)
        return [BY_KNOBS[each] for each in chosen], timed

    return of


def test_worth_teaching_is_what_nothing_beats_and_is_clearly_faster_than_what_is_good_enough_as_it_stands(ladder):
    chosen, timed = ladder(Asked(1.0))
    assert chosen == ["first", "second"]  # at least 1.56 times as fast
    assert timed == ["first", "near", "second"]  # on paper "slow" cannot be as fast as it would have to be


def test_where_a_speed_is_asked_for_all_that_reach_it_are_worth_teaching_if_need_be_in_integers(ladder):
    assert ladder(Asked(1.0, 1.5))[0] == ["first", "beaten", "near", "second"]
    assert ladder(Asked(1.0, 2.0))[0] == ["second"]
    integers = made(Knobs(is_int8=True, floats=2), 0.0, 1.25)
    assert ladder(Asked(1.0, 2.0), integers)[0] == ["first", "second"]
    assert ladder(Asked(1.0, 2.0), made(Knobs(5.0, is_int8=True), 0.0, 4.0))[0] == ["second"]


def test_the_next_student_is_the_likeliest_or_where_a_speed_is_asked_for_the_one_that_loses_least():
    ways = [Knobs(64.0), Knobs(48.0), Knobs(32.0)]
    work = SimpleNamespace(looked=dict(zip(ways, [2.0, 3.0, 9.0], strict=True)))
    assert compressing_students._next(work, ways, Asked(1.1), {}) == 1
    assert compressing_students._next(work, ways, Asked(1.1), {1: 2.0}) == 0
    assert [compressing_students._next(work, ways, Asked(1.1, 2.0), done) for done in ({}, {0: 5.0})] == [0, 1]
    assert compressing_students._next(work, ways, Asked(1.1, 2.0), {0: 0.0, 1: 0.0, 2: 0.0}) is None
