"""Tables of plain columns with anything wrong in them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cli.helpers_cli import one_paragraph
from cli.helpers_extras import without
from made_tables import customers, write_csv


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """The current folder, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def table(tmp_path):
    """A function that writes a table, of customers unless another is given."""

    def write(frame=None, name="t.csv"):
        return write_csv(tmp_path / name, customers(60) if frame is None else frame)

    return write


@pytest.fixture
def fit(headstart_command):
    def run(*arguments):
        return headstart_command("fit", *arguments, "--target", "churn", "--threads", 1)

    return run


@pytest.fixture
def refused(fit, work):
    """A fit that must be refused; returns what it said."""

    def run(*arguments, code=2):
        said = fit(*arguments)
        assert said.code == code, said
        assert list(work.iterdir()) == []
        return one_paragraph(said)

    return run


def test_a_broken_row_and_a_column_twice_are_named(refused, table):
    path = table()
    whole = path.read_text()
    path.write_text(whole + "1,2,3\n")
    assert "line 62 has 3" in refused(path)
    path.write_text(whole.replace("age,plan", "age,age", 1))
    assert "repeated: age" in refused(path)


@pytest.mark.parametrize("rows, part", [(0, "at least one row"), (1, "at least two rows")])
def test_too_few_rows_are_refused(refused, table, rows, part):
    assert part in refused(table(customers(60).head(rows)))


def test_two_rows_of_two_classes_cannot_be_parted(refused, table):
    frame = customers(60)
    assert "test part must be set apart" in refused(table(frame.drop_duplicates("churn")))


def test_one_class_and_none_are_refused(refused, table):
    assert "at least two classes" in refused(table(customers(60).assign(churn="gone")))
    assert "all 60 rows are blank" in refused(table(customers(60).assign(churn="")))


def test_a_table_of_which_no_column_can_be_learned_from_says_why(refused, table):
    frame = customers(60)[["churn"]].assign(row=range(60), same=1, empty="")
    said = refused(table(frame))
    assert "'row'" in said and "'same'" in said and "'empty'" in said and "--input" in said
    assert "there is none" in refused(table(frame[["churn"]]))


def test_a_group_on_both_sides_is_exit_3(refused, table):
    frame = customers(60).assign(person=np.arange(60) % 7, split=["train", "train", "test"] * 20)
    assert "--resplit" in refused(table(frame), "--groups", "person", code=3)


def test_a_split_of_another_name_is_refused_with_the_near_one(refused, table):
    said = refused(table(customers(60).assign(split=["train", "tests"] * 30)))
    assert "'tests'" in said and "Did you mean 'test'?" in said


def test_a_wrong_column_is_refused_with_the_near_one(headstart_command, refused, table, work):
    assert "Did you mean 'spent'?" in refused(table(), "--input", "age,spend")
    assert "Did you mean 'age'?" in refused(table(), "--drop", "agee")
    said = headstart_command("fit", table(), "--target", "chrn")
    assert said.code == 2 and "Did you mean 'churn'?" in one_paragraph(said)
    assert "one column must be called 'label' or 'target'" in one_paragraph(headstart_command("fit", table()))
    assert list(work.iterdir()) == []


def test_a_model_for_pictures_is_refused(refused, table, shared):
    assert "plain columns only" in refused(table(), "--model", shared.model)


@pytest.fixture
def run(fit, table, work):
    assert fit(table(), "--out", "run").code == 0
    return work / "run"


def test_predict_names_missing_columns_and_slips(headstart_command, run, table):
    new = customers(60).drop(columns="churn").head(4).astype(object)
    said = headstart_command("predict", run, table(new.drop(columns="plan"), "lacks.csv"))
    assert said.code == 2 and "lacks 'plan'" in one_paragraph(said)
    new.loc[0, "plan"], new.loc[1, "age"] = "never seen", "old"
    said = headstart_command("predict", run, table(new.assign(more=1), "slips.csv"))
    assert said.code == 0 and said.out.count("\n") == 5
    assert "1 values of 'age' are not numbers and count as missing: 'old'" in said.err
    assert headstart_command("predict", run, table(new.head(0), "empty.csv")).code == 2
    said = headstart_command("predict", run, "-", stdin="1,2\n")
    assert said.code == 2 and "line 1 is not" in one_paragraph(said)
    row = {"age": 30, "plan": "pro", "since": "2024-01-03", "mail": "yes", "spent": 80.5}
    said = headstart_command("predict", run, "-", stdin=json.dumps(row) + "\n")
    assert said.code == 0 and said.out.count("\n") == 2


def test_one_row_is_predicted_and_measured(headstart_command, run, table):
    one = table(customers(60).head(1), "one.csv")
    assert headstart_command("predict", run, one).out.count("\n") == 2
    said = headstart_command("evaluate", run, one, "--target", "churn")
    assert said.code == 0, said
    assert "roc_auc            cannot be told" in said.out and "Warning: roc_auc" in said.out


def test_a_class_that_the_run_does_not_know_is_refused(headstart_command, run, table):
    frame = customers(60).head(3).assign(churn="staid")
    said = headstart_command("evaluate", run, table(frame, "other.csv"), "--target", "churn")
    assert said.code == 2 and "Did you mean 'stayed'?" in one_paragraph(said)


def test_notes_are_printed_and_quiet_keeps_the_result(fit, table):
    said = fit(table(customers(60).assign(again=lambda frame: frame["churn"])), "--out", "run")
    assert said.code == 0 and "'again': it is the target again" in said.out + said.err
    plan = json.loads(fit(table(), "--dry-run", "--json").out)
    assert plan["task"] == "classification"


def test_without_scikit_learn_the_extra_is_named_and_nothing_is_left(table, work):
    done = without("sklearn", work, "fit", table(), "--target", "churn", "--threads", 1, "--quiet")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1 and "pip install 'headstart[tables]'" in done.stderr
    assert list(work.iterdir()) == []
