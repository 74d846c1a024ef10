"""The same pictures as folders, a table, a DataFrame or arrays give the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas
import pytest
from PIL import Image

from api.helpers_stops import CtrlC
from headstart.core.errors import RunInterrupted


@pytest.fixture(scope="module")
def frame(shared):
    paths = sorted(shared.photos.rglob("*.png"), key=lambda path: (path.parent.name, path.name))
    return pandas.DataFrame({"picture": list(map(str, paths)), "label": [path.parent.name for path in paths]})


def assert_same_numbers(run, shared):
    for section in ("n", "test", "confusion", "verdict", "learning_curve"):
        assert run.evidence[section] == shared.run.evidence[section], section


def fit(shared, data, out, **options):
    return replace(shared, photos=data).fit(out, slices=None, **options)


def test_a_data_frame_of_paths(warm, frame, tmp_path):
    run = fit(warm, frame, tmp_path / "run")
    assert_same_numbers(run, warm)
    assert "<DataFrame of 60>" in (run.path / "request.yaml").read_text()


def test_a_run_on_an_object_resumes_when_the_object_is_given_again(warm, frame, tmp_path):
    with pytest.raises(RunInterrupted):
        fit(warm, frame, tmp_path / "run", progress=CtrlC("evidence"))
    assert_same_numbers(fit(warm, frame, tmp_path / "run", resume=True), warm)


def test_a_table_of_paths(warm, frame, tmp_path):
    frame.rename(columns={"label": "kind"}).to_csv(tmp_path / "t.csv", index=False)
    assert_same_numbers(fit(warm, tmp_path / "t.csv", tmp_path / "run", target="kind", input="picture"), warm)


def test_arrays_and_labels(warm, frame, tmp_path):
    arrays = [np.asarray(Image.open(path)) for path in frame["picture"]]
    assert_same_numbers(fit(warm, (arrays, frame["label"].tolist()), tmp_path / "run"), warm)


def test_separate_test_data(warm, frame, tmp_path):
    frame[::3].to_csv(tmp_path / "test.csv", index=False)
    rest = frame.drop(index=frame[::3].index)
    run = fit(warm, rest, tmp_path / "run", test=str(tmp_path / "test.csv"))
    assert run.evidence["n"] == {"train": 40, "val": 0, "test": 20}
