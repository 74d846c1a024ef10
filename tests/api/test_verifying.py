"""A run is checked against itself: each kind of tampering is noticed, and named."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

import headstart
from headstart.core.errors import ConfigError
from headstart.evidence import hashes
from headstart.evidence.hashes import hash_of_split
from made_tables import customers, write_csv

BUNDLE, EVIDENCE, WEIGHTS, PREDICTIONS, EXAMPLES, FIGURES, CODE, DATA, SPLIT, MODEL = range(10)


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


def other_than(*broken):
    return [number not in broken for number in range(10)]


def tampered(run, change):
    """evidence.json after ``change`` was called with it."""
    evidence = json.loads((run / "evidence.json").read_text())
    change(evidence)
    (run / "evidence.json").write_text(json.dumps(evidence))
    return run


def with_data(run, path):
    """The run as if it had been made of another file."""
    lines = (run / "config.yaml").read_text().splitlines()
    lines = [f"data: {path}" if line.startswith("data:") else line for line in lines]
    (run / "config.yaml").write_text("\n".join(lines) + "\n")
    return run


def test_a_run_that_nobody_touched_holds(made):
    found = headstart.evaluate(made.path, verify=True)
    assert [check.holds for check in found.checks] == other_than() and found.holds
    assert found.to_dict()["checks"][0] == {"what": "the bundle is as it was written", "holds": True, "why": ""}


def set_in(*path):
    """A change that puts 0.999, or a count, at a place of the document."""

    def change(evidence):
        place = evidence
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = 0.999 if isinstance(place[path[-1]], float) else 77

    return change


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("test", "accuracy", "value"), "test accuracy value is"),
        (("test", "macro_f1", "low"), "test macro_f1 low is"),
        (("test", "per_class", "gone", "recall", "high"), "test per_class gone recall high is"),
        (("confusion", "counts", 0, 1), "confusion counts[0][1] is"),
        (("n", "test"), "n test is 40, the evidence says 77"),
    ],
)
def test_a_changed_figure_of_the_test_is_found_twice(path, said, copied):
    found = headstart.evaluate(tampered(copied, set_in(*path)), verify=True)
    assert [check.holds for check in found.checks] == other_than(EVIDENCE, FIGURES) and not found.holds
    assert said in found.checks[FIGURES].why


@pytest.mark.parametrize("path", [("cost", "wall_seconds"), ("guard", "rows"), ("comparisons", 0, "n_test")])
def test_any_other_changed_number_of_the_evidence_is_found(path, copied):
    assert holds(tampered(copied, set_in(*path))) == other_than(EVIDENCE)


def test_a_changed_byte_of_the_bundle_is_found(copied):
    path = copied / "bundle" / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert [holds(copied)[number] for number in (BUNDLE, WEIGHTS)] == [False, False]


def test_changed_predictions_are_found(copied):
    path = copied / "predictions" / "test.parquet"
    table = pyarrow.parquet.read_table(path)
    flipped = pyarrow.array(table["probability_gone"].to_pylist()[::-1])
    pyarrow.parquet.write_table(
        table.set_column(table.column_names.index("probability_gone"), "probability_gone", flipped), path
    )
    assert holds(copied) == other_than(PREDICTIONS, FIGURES)


def test_predictions_that_changed_places_are_found_although_no_figure_changes(copied):
    """Two examples of one class get each other's probabilities: every metric stays."""
    path = copied / "predictions" / "test.parquet"
    rows = pyarrow.parquet.read_table(path).to_pylist()
    one, other = [number for number, row in enumerate(rows) if row["target"] == row["prediction"] == "gone"][:2]
    for name in ("probability_gone", "probability_stayed"):
        assert rows[one][name] != rows[other][name]
        rows[one][name], rows[other][name] = rows[other][name], rows[one][name]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    assert holds(copied) == other_than(PREDICTIONS)


def test_left_out_test_examples_are_found(copied):
    path = copied / "predictions" / "test.parquet"
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).slice(1), path)
    assert [holds(copied)[number] for number in (PREDICTIONS, EXAMPLES, SPLIT)] == [False] * 3


def test_a_damaged_file_of_predictions_ends_the_checks(copied):
    (copied / "predictions" / "test.parquet").write_bytes(b"PAR1")
    found = headstart.evaluate(copied, verify=True)
    assert found.checks[-1].holds is False and "must be a Parquet file" in found.checks[-1].why


def test_other_data_are_found_and_missing_ones_are_not_checked(copied, tmp_path):
    changed = write_csv(tmp_path / "changed.csv", customers(200, seed=1))
    assert holds(with_data(copied, changed))[DATA] is False
    found = headstart.evaluate(with_data(copied, tmp_path / "gone.csv"), verify=True)
    assert [check.holds for check in found.checks[DATA:]] == [None] * 3 and found.holds
    assert "gone.csv" in found.checks[DATA].why


@pytest.mark.parametrize(("column", "value"), [("churn", None), ("spent", 1234.5)])
def test_one_changed_cell_of_one_test_row_is_found(column, value, copied, tmp_path):
    frame = customers(200)
    row = int(pyarrow.parquet.read_table(copied / "predictions" / "test.parquet")["id"][0].as_py())
    frame.loc[row, column] = value or {"gone": "stayed", "stayed": "gone"}[frame.loc[row, column]]
    assert holds(with_data(copied, write_csv(tmp_path / "changed.csv", frame)))[DATA] is False


def test_another_split_is_found(made, copied):
    """As if one test example had been learned from, everything else written to fit."""
    assert made.evidence["hashes"]["split"] != hash_of_split(["0"], ["train"])
    changed = tampered(copied, lambda evidence: evidence["hashes"].update(split=hash_of_split(["0"], ["train"])))
    assert holds(changed) == other_than(EVIDENCE, SPLIT)


def test_other_code_is_said_and_is_no_fault_of_the_run(copied, monkeypatch):
    monkeypatch.setattr(hashes, "code_facts", lambda: {"version": "9.9", "sha256": "0" * 64})
    check = headstart.evaluate(copied, verify=True).checks[CODE]
    assert check.holds is None and "made by Headstart 0." in check.why and "this is 9.9" in check.why


def test_evidence_of_an_older_version_holds_no_hashes(copied):
    def older(evidence):
        del evidence["hashes"]

    found = headstart.evaluate(tampered(copied, older), verify=True).checks
    assert [found[number].holds for number in (WEIGHTS, PREDICTIONS, CODE, SPLIT)] == [None] * 4
    assert "older version" in found[WEIGHTS].why


def test_the_evidence_holds_hashes_of_data_split_weights_predictions_and_code(made):
    """Each made again the slow way."""
    stated = made.evidence["hashes"]
    tested = {row["id"] for row in pyarrow.parquet.read_table(made.path / "predictions" / "test.parquet").to_pylist()}
    parts = sorted([str(row), "test" if str(row) in tested else "train"] for row in range(200))
    source = Path(headstart.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*source.rglob("*.py"), *source.rglob("*.json")]):
        digest.update(str(path.relative_to(source)).encode() + b"\0%d\0" % path.stat().st_size + path.read_bytes())
    assert stated == {
        "data": made.evidence["data"]["fingerprint"],
        "split": hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest(),
        "predictions": hashlib.sha256((made.path / "predictions" / "test.parquet").read_bytes()).hexdigest(),
        "code": {"version": headstart.__version__, "sha256": digest.hexdigest()},
        "weights": hashlib.sha256((made.bundle / "weights.safetensors").read_bytes()).hexdigest(),
    }


def test_data_given_in_python_are_not_on_disk(tmp_path):
    run = headstart.fit(customers(120), target="churn", out=tmp_path / "run", settings={"cache": "off"})
    found = headstart.evaluate(run.path, verify=True)
    assert [check.holds for check in found.checks] == [True] * 7 + [None] * 3
    assert "given in Python" in found.checks[DATA].why


def test_a_folder_without_a_run_and_a_call_without_anything_are_refused(made, tmp_path):
    with pytest.raises(ConfigError, match="must be a finished run"):
        headstart.evaluate(tmp_path, verify=True)
    with pytest.raises(ConfigError, match="name one of the three"):
        headstart.evaluate(made.path)
    with pytest.raises(ConfigError, match="name one of the three"):
        headstart.evaluate(made.path, "data.csv", verify=True)
