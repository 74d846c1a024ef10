"""A run's own test examples under corruptions: pictures, texts and columns, and what is refused."""

from __future__ import annotations

import json
import shutil

import pytest

import headstart
from headstart.core.errors import DataError
from made_tables import customers, write_csv


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("robust")
    data = write_csv(folder / "customers.csv", customers(300))
    return headstart.fit(data, target="churn", out=folder / "run", settings={"cache": "off"})


def test_pictures_get_worse_with_strength_and_the_report_shows_it(shared, tmp_path):
    shutil.copytree(shared.run.path, tmp_path / "run")
    before = (tmp_path / "run" / "evidence.json").read_bytes()
    found = headstart.evaluate(tmp_path / "run", robustness=True)
    names = {each["name"]: each for each in found.document["corruptions"]}
    assert set(names) == {"image_blur", "image_noise", "image_jpeg", "image_darkness", "image_rotation"}
    assert found.document["clean"]["value"] == pytest.approx(shared.run.evidence["test"]["accuracy"]["value"])
    assert json.loads((tmp_path / "run" / "robustness.json").read_text()) == found.document
    assert (tmp_path / "run" / "evidence.json").read_bytes() == before
    assert "What if inputs are worse?" in (tmp_path / "run" / "report.html").read_text()
    assert len(found.to_pandas()) == sum(len(each["points"]) for each in names.values()) == 20


def test_columns_are_missing_one_at_a_time(table):
    found = headstart.evaluate(table.path, robustness=True)
    names = [each["name"] for each in found.document["corruptions"]]
    assert sorted(names) == ["without age", "without mail", "without plan", "without since", "without spent"]
    assert names[0] == "without age"  # what churn follows from
    assert found.document["corruptions"][0]["points"][0]["change"]["value"] < -0.05
    assert "five points or more: without age" in found.sentence


def test_data_that_are_not_on_disk_are_refused(tmp_path, table):
    run = headstart.fit(customers(100), target="churn", out=tmp_path / "run", settings={"cache": "off"})
    with pytest.raises(DataError, match="given in Python"):
        headstart.evaluate(run.path, robustness=True)
    shutil.copytree(table.path, tmp_path / "moved")
    config = tmp_path / "moved" / "config.yaml"
    line = next(line for line in config.read_text().splitlines() if line.startswith("data:"))
    config.write_text(
        config.read_text().replace(line, f"data: {write_csv(tmp_path / 'few.csv', customers(20).head(1))}")
    )
    with pytest.raises(DataError):
        headstart.evaluate(tmp_path / "moved", robustness=True)
