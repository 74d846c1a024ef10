"""predict: the same numbers whatever the inputs are and wherever the rows go."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas
import pyarrow.parquet
import pytest
from PIL import Image

import headstart
from shared_run import CLASSES

COLUMNS = [
    "id",
    "prediction",
    "probability",
    *(f"probability_{name}" for name in CLASSES),
    "set",
    "out_of_domain",
    "out_of_domain_p",
    "error",
]


@pytest.fixture
def pictures(shared, tmp_path):
    """Seven paths in an order of their own, the third of them no picture."""
    paths = [shared.photos / name / f"{number}.png" for name in ("red", "blue") for number in (9, 5, 7)]
    broken = tmp_path / "broken.png"
    broken.write_text("not a picture")
    return [*map(str, paths[:2]), str(broken), *map(str, paths[2:])]


def numbers(rows):
    return [[row["id"], row["prediction"], *(row[f"probability_{name}"] for name in CLASSES)] for row in rows]


def test_rows_come_in_the_order_of_the_inputs_and_a_bad_one_has_an_error(shared, pictures):
    result = headstart.predict(shared.run.path, pictures)
    assert (result.count, result.failed) == (7, 1)
    assert [row["id"] for row in result.rows] == pictures
    assert all(list(row) == COLUMNS for row in result.rows)
    for number, row in enumerate(result.rows):
        if number == 2:
            assert row["error"] and row["prediction"] is None and row["probability_red"] is None
        else:
            shares = {name: row[f"probability_{name}"] for name in CLASSES}
            assert row["error"] is None
            assert row["prediction"] == max(shares, key=shares.get)
            assert row["probability"] == max(shares.values())
            assert sum(shares.values()) == pytest.approx(1)


def test_every_format_holds_the_same_rows(shared, pictures, tmp_path):
    expected = numbers(headstart.predict(shared.run.path, pictures).rows)
    for ending in ("csv", "jsonl", "parquet"):
        out = tmp_path / f"p.{ending}"
        result = headstart.predict(shared.run.path, pictures, out=out)
        assert (result.count, result.failed, result.out, result.rows) == (7, 1, out, ())
        table = result.to_pandas()
        assert list(table) == COLUMNS
        found = table.astype(object).where(table.notna(), None).to_dict("records")
        assert numbers(found) == expected, ending
    with (tmp_path / "p.csv").open(newline="") as stream:
        assert numbers(csv_rows(stream.read())) == expected  # as text every float reads back to the same bits
    assert numbers([json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]) == expected


def csv_rows(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        for name in CLASSES:
            row[f"probability_{name}"] = float(row[f"probability_{name}"]) if row[f"probability_{name}"] else None
        row["prediction"] = row["prediction"] or None
    return rows


def test_folders_tables_frames_and_objects_give_the_numbers_of_the_files(shared, tmp_path):
    paths = sorted((shared.photos / "red").glob("1?.png"))
    expected = [row[1:] for row in numbers(headstart.predict(shared.run.path, list(map(str, paths))).rows)]
    (tmp_path / "folder").mkdir()
    for path in paths:
        shutil.copy(path, tmp_path / "folder")
    (tmp_path / "t.csv").write_text("file\n" + "\n".join(f"folder/{path.name}" for path in paths) + "\n")
    arrays = [np.asarray(Image.open(path)) for path in paths]
    sources = {
        "folder": tmp_path / "folder",
        "table": tmp_path / "t.csv",
        "frame": pandas.DataFrame({"file": list(map(str, paths))}),
        "pillow": [Image.fromarray(array) for array in arrays],
        "arrays": arrays,
        "bytes": [path.read_bytes() for path in paths],
    }
    for name, source in sources.items():
        found = headstart.predict(shared.run.path, source).rows
        assert [row[1:] for row in numbers(found)] == expected, name


@pytest.mark.parametrize("out", ["p.txt", "p"])
def test_an_unknown_ending_is_refused_before_anything_is_read(shared, tmp_path, out):
    with pytest.raises(headstart.HeadstartError, match="must end in one of") as caught:
        headstart.predict(tmp_path / "no-run", "nothing", out=tmp_path / out)
    assert caught.value.exit_code == 2


def test_no_input_at_all_is_refused_and_leaves_no_file(shared, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(headstart.HeadstartError, match="at least one"):
        headstart.predict(shared.run.path, tmp_path / "empty", out=tmp_path / "p.csv")
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize("content", [b"", b"{}", None])
def test_a_folder_without_a_whole_bundle_is_refused(shared, tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(headstart.HeadstartError) as caught:
        headstart.predict(tmp_path, str(shared.photos))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors", "model.onnx", "evidence.json"])
def test_one_changed_byte_in_a_bundle_is_noticed(shared, tmp_path, name):
    copy = shutil.copytree(shared.run.bundle, tmp_path / "bundle")
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(headstart.HeadstartError) as caught:
        headstart.predict(copy, str(shared.photos / "red"))
    assert caught.value.exit_code == 2


ALONE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "timm", "torchvision", "onnx", "transformers", "sklearn"}:
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
import headstart
result = headstart.predict("bundle", "photos", out="p.parquet")
assert not {"torch", "timm", "transformers", "sklearn"} & set(sys.modules)
"""


def test_a_bundle_copied_elsewhere_gives_the_test_predictions_bit_for_bit_without_torch(shared, tmp_path):
    shutil.copytree(shared.run.bundle, tmp_path / "bundle")
    test = pyarrow.parquet.read_table(shared.run.path / "predictions" / "test.parquet").to_pylist()
    for row in test:
        target = tmp_path / "photos" / row["id"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shared.photos / row["id"], target)
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "cache").exists()
    found = {row["id"]: row for row in pyarrow.parquet.read_table(tmp_path / "p.parquet").to_pylist()}
    for row in test:
        other = found[f"photos/{row['id']}"]
        for name in ("prediction", *(f"probability_{name}" for name in CLASSES)):
            assert other[name] == row[name], (row["id"], name)


def test_another_runtime_gives_nearly_the_same_probabilities(shared):
    rows = headstart.predict(shared.run.path, str(shared.photos / "red")).rows
    others = headstart.predict(shared.run.path, str(shared.photos / "red"), runtime="eager").rows
    for row, other in zip(rows, others, strict=True):
        assert other["probability_red"] == pytest.approx(row["probability_red"], abs=1e-4)


def test_an_unknown_runtime_is_refused_with_the_near_one(shared):
    with pytest.raises(headstart.HeadstartError, match="Did you mean 'openvino'"):
        headstart.predict(shared.run.path, str(shared.photos), runtime="openvin")


def test_a_runtime_that_this_machine_cannot_run_is_a_user_error(shared, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(headstart.HeadstartError, match="cuda") as caught:
        headstart.predict(shared.run.path, str(shared.photos), runtime="cuda")
    assert caught.value.exit_code == 2
