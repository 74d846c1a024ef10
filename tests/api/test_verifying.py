"""A run is checked against itself: each kind of tampering is noticed, and named."""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet
import pytest

import headstart
from headstart.core.errors import ConfigError
from made_tables import customers, write_csv

BUNDLE, EVIDENCE, EXAMPLES, METRICS, DATA, MODEL = range(6)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    data = write_csv(folder / "customers.csv", customers(200))
    return headstart.fit(data, target="churn", out=folder / "run", settings={"cache": "off"})


@pytest.fixture
def copied(made, tmp_path):
    shutil.copytree(made.path, tmp_path / "run")
    return tmp_path / "run"


def holds(run):
    return [check.holds for check in headstart.evaluate(run, verify=True).checks]


def other_than(**changed):
    return [changed.get(str(number), True) for number in range(6)]


def test_a_run_that_nobody_touched_holds(made):
    found = headstart.evaluate(made.path, verify=True)
    assert [check.holds for check in found.checks] == [True] * 6 and found.holds
    assert found.to_dict()["checks"][0] == {"what": "the bundle is as it was written", "holds": True, "why": ""}


def test_a_changed_figure_is_found_twice(copied):
    evidence = json.loads((copied / "evidence.json").read_text())
    evidence["test"]["accuracy"]["value"] = 0.999
    (copied / "evidence.json").write_text(json.dumps(evidence))
    found = headstart.evaluate(copied, verify=True)
    assert [check.holds for check in found.checks] == other_than(**{str(EVIDENCE): False, str(METRICS): False})
    assert "the evidence says 0.999" in found.checks[METRICS].why and not found.holds


def test_a_changed_byte_of_the_bundle_is_found(copied):
    path = copied / "bundle" / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert holds(copied)[BUNDLE] is False


def test_changed_predictions_are_found(copied):
    path = copied / "predictions" / "test.parquet"
    table = pyarrow.parquet.read_table(path)
    flipped = pyarrow.array(table["probability_gone"].to_pylist()[::-1])
    pyarrow.parquet.write_table(
        table.set_column(table.column_names.index("probability_gone"), "probability_gone", flipped), path
    )
    assert holds(copied)[METRICS] is False


def test_left_out_test_examples_are_found(copied):
    path = copied / "predictions" / "test.parquet"
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).slice(1), path)
    assert holds(copied)[EXAMPLES] is False


def test_a_damaged_file_of_predictions_ends_the_checks(copied):
    (copied / "predictions" / "test.parquet").write_bytes(b"PAR1")
    found = headstart.evaluate(copied, verify=True)
    assert found.checks[-1].holds is False and "must be a Parquet file" in found.checks[-1].why


def test_other_data_are_found_and_missing_ones_are_not_checked(copied, tmp_path):
    config = copied / "config.yaml"
    changed = write_csv(tmp_path / "changed.csv", customers(200, seed=1))
    text = config.read_text()
    line = next(line for line in text.splitlines() if line.startswith("data:"))
    config.write_text(text.replace(line, f"data: {changed}"))
    assert holds(copied)[DATA] is False
    config.write_text(text.replace(line, f"data: {tmp_path / 'gone.csv'}"))
    found = headstart.evaluate(copied, verify=True)
    assert [check.holds for check in found.checks[DATA:]] == [None, None] and found.holds
    assert "gone.csv" in found.checks[DATA].why


def test_data_given_in_python_are_not_on_disk(tmp_path):
    run = headstart.fit(customers(120), target="churn", out=tmp_path / "run", settings={"cache": "off"})
    found = headstart.evaluate(run.path, verify=True)
    assert [check.holds for check in found.checks] == [True] * 4 + [None, None]
    assert "given in Python" in found.checks[DATA].why


def test_a_folder_without_a_run_and_a_call_without_anything_are_refused(made, tmp_path):
    with pytest.raises(ConfigError, match="must be a finished run"):
        headstart.evaluate(tmp_path, verify=True)
    with pytest.raises(ConfigError, match="name one of the three"):
        headstart.evaluate(made.path)
    with pytest.raises(ConfigError, match="name one of the three"):
        headstart.evaluate(made.path, "data.csv", verify=True)
