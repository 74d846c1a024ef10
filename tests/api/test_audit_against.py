"""Which kind of shift lies between a run and other data, from the command to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas
import pytest

import headstart
from cli.helpers_cli import headstart_command
from headstart.core.errors import DataError
from made_tables import customers, write_csv

__all__ = ["headstart_command"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("against")
    rows = customers(400)
    write_csv(made / "ours.csv", rows[:250])
    write_csv(made / "same.csv", rows[250:])
    table = pandas.read_csv(made / "same.csv")
    numbers = table.select_dtypes("number").columns
    table[numbers[0]] = table[numbers[0]] * 3 + 40
    table.to_csv(made / "moved.csv", index=False)
    (made / "column").write_text(numbers[0])
    headstart.fit(made / "ours.csv", target="churn", method="linear_probe", threads=1, out=made / "run")
    return made


def test_a_column_that_moved_is_named(folder):
    found = headstart.audit(folder / "run", against=folder / "moved.csv", out=folder / "out")
    column = (folder / "column").read_text()
    assert found.document["kind"] in ("covariate", "both")
    assert [each["name"] for each in found.document["carriers"]["columns"]] == [column]
    assert json.loads((folder / "out" / "shift.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    page = (folder / "out" / "shift.html").read_text()
    assert column in page and "Which columns?" in page and "headstart adapt" in page


def test_the_same_source_has_no_shift(folder, headstart_command):
    said = headstart_command("audit", folder / "run", "--against", folder / "same.csv", "--quiet")
    assert said.code == 0 and said.out.startswith("No shift was found: 150 examples of same")


def test_labelled_data_are_fitted_first(folder):
    found = headstart.audit(folder / "ours.csv", against=folder / "moved.csv", target="churn")
    assert found.document["source"]["n"] == 200 and found.document["kind"] in ("covariate", "both")


def test_numbers_are_no_classes(folder, tmp_path):
    rng = np.random.default_rng(0)
    table = pandas.DataFrame({"x": rng.normal(size=60), "target": rng.normal(size=60)})
    table.to_csv(tmp_path / "n.csv", index=False)
    run = headstart.fit(tmp_path / "n.csv", target="target", method="linear_probe", out=tmp_path / "run")
    with pytest.raises(DataError, match=r"only models that tell classes.*--update"):
        headstart.audit(run.path, against=tmp_path / "n.csv")
