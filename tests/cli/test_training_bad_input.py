"""Trainings that cannot be: one paragraph, the contract's exit code, nothing left behind."""

from __future__ import annotations

import pytest

from cli.helpers_cli import one_paragraph
from made_tables import customers
from made_texts import questions

FIXED = ("--threads", 1, "--set", "runtime.name=eager", "--set", "method.precision=float32", "--set", "method.lr=1e-3")


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """The current folder, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def texts(tmp_path):
    """A table of texts."""
    path = tmp_path / "t.csv"
    path.write_text("text,label\n" + "".join(f"{text},{topic}\n" for text, topic in questions(12)))
    return path


@pytest.fixture
def fit(headstart_command, warm):
    """Train on the shared pictures, or on what is named."""

    def run(*arguments, data=warm.photos, model=warm.model, method="lp_ft"):
        named = ("--model", model) if model else ()
        return headstart_command("fit", data, *named, "--method", method, *FIXED, *arguments)

    return run


@pytest.fixture
def refused(fit, work):
    """A training that must be refused; returns what it said."""

    def run(*arguments, **options):
        said = fit(*arguments, **options)
        assert said.code == 2, said
        assert list(work.iterdir()) == []
        return one_paragraph(said)

    return run


def setting(*pairs):
    return [part for pair in pairs for part in ("--set", pair)]


def test_an_unknown_stage_names_the_near_one_and_all_there_are(refused):
    said = refused(*setting("method.freeze=layr3"))
    assert "'layer3'" in said and "'stem'" in said and "'layr3'" in said
    assert "Did you mean" in said


@pytest.mark.parametrize("freeze", ["17", "-1"])
def test_a_stage_number_that_does_not_exist_is_refused(refused, freeze):
    assert freeze in refused(*setting(f"method.freeze={freeze}"))


@pytest.mark.parametrize("freeze", ["pool", "6", "layer4"])
def test_something_must_be_left_to_train(refused, freeze):
    said = refused(*setting(f"method.freeze={freeze}"))
    assert "something must be left to train" in said and "linear_probe" in said


def test_a_folder_that_was_there_before_stays_empty(fit, work):
    (work / "run").mkdir()
    said = fit("--out", "run", *setting("method.freeze=layr3"))
    assert said.code == 2
    assert list((work / "run").iterdir()) == []


@pytest.mark.parametrize(
    "pair, told",
    [
        ("method.epoch=2", "epochs"),
        ("method.epochs=0", "epochs"),
        ("method.epochs=two", "epochs"),
        ("method.clip=-1", "clip"),
        ("method.dropout=1", "dropout"),
        ("method.optimizer=adam", "optimizer"),
        ("method.weakest=1e-4", "weakest"),
        ("method.rank=4", "rank"),
    ],
)
def test_an_option_that_the_method_lacks_or_cannot_take_is_named(refused, pair, told):
    said = refused(*setting(pair))
    assert told in said and "lp_ft" in said


def test_unknown_methods_name_the_near_ones(refused):
    assert "lp_ft" in refused(method="lpft")


@pytest.mark.parametrize("name", ["from_scrach", "linear_probe", "knn"])
def test_what_is_compared_must_be_a_train_method(refused, name):
    said = refused("--compare", f"fine_tune,{name}")
    assert name in said and "from_scratch" in said and "--compare" in said


def test_batches_of_one_have_no_statistics(refused):
    said = refused(*setting("method.norm=batch", "method.batch_size=1"))
    assert "at least two examples" in said and "method.norm=frozen" in said


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_texts_have_no_pixels_to_mix(refused, texts, text_model, name):
    said = refused(*setting(f"method.{name}=0.2", "method.freeze=1"), data=texts, model=text_model)
    assert "pixels of pictures" in said and "'text'" in said


def test_texts_have_no_activations_of_one_shape_to_mix(refused, texts, text_model):
    said = refused(*setting("method.manifold_mixup=0.2", "method.freeze=1"), data=texts, model=text_model)
    assert "different lengths" in said


def test_activations_are_mixed_at_a_boundary_only(refused):
    said = refused(*setting("method.manifold_mixup=0.2", "method.freeze=0"))
    assert "nothing is frozen" in said and "mixup" in said


def test_plain_columns_have_no_network_to_train(refused, tmp_path):
    customers(60).to_csv(tmp_path / "c.csv", index=False)
    said = refused("--target", "churn", data=tmp_path / "c.csv", model=None)
    assert "lp_ft trains a network" in said and "linear_probe" in said and "--input" in said


def test_texts_beside_plain_columns_are_refused_with_what_to_do(refused, texts, tmp_path, text_model):
    lines = texts.read_text().splitlines()
    more = [f"{line},{number}" for number, line in enumerate(lines[1:])]
    (tmp_path / "m.csv").write_text("\n".join([f"{lines[0]},age", *more]) + "\n")
    said = refused("--input", "text,age", data=tmp_path / "m.csv", model=text_model)
    assert "1 plain columns" in said and "--input" in said and "linear_probe" in said


def test_a_pair_of_texts_is_refused_with_what_to_do(refused, tmp_path, text_model):
    rows = questions(24)
    lines = [f"{one},{other},{topic}" for (one, topic), (other, _) in zip(rows, rows[::-1], strict=True)]
    (tmp_path / "p.csv").write_text("answer,reference,label\n" + "\n".join(lines) + "\n")
    said = refused("--input", "answer,reference", data=tmp_path / "p.csv", model=text_model)
    assert "lp_ft trains a network" in said and "--input" in said and "linear_probe" in said


@pytest.mark.parametrize("pair", ["minutes=0", "checkpoint_minutes=-1", "balance=some", "guard=maybe"])
def test_options_out_of_range_are_named(refused, pair):
    assert pair.partition("=")[0] in refused("--set", pair)


def test_balance_by_drawing_trains_and_is_said(fit, work):
    said = fit("--balance", "sampler", "--out", "run", *setting("method.epochs=1", "method.freeze=3", "guard=false"))
    assert said.code == 0, said
    assert "balance: sampler" in (work / "run" / "config.yaml").read_text()


def test_a_plan_of_a_training_writes_nothing(fit, work):
    said = fit("--dry-run", *setting("method.freeze=3"))
    assert said.code == 0, said
    assert list(work.iterdir()) == []


def test_a_training_says_its_plan_and_its_epochs(fit, work):
    said = fit("--out", "run", *setting("method.epochs=2", "method.freeze=layer3"))
    assert said.code == 0, said
    assert "trained" in said.err and "frozen" in said.err and "2 epochs in float32" in said.err
    assert "lp_ft epoch 2: training loss" in said.err
