"""What a run leaves: its files, its evidence, and a config that repeats it."""

from __future__ import annotations

import json
import pickle
import pickletools
import stat

import numpy as np
import pyarrow.parquet
import pytest
import yaml

import headstart
from shared_run import CLASSES, evidence_of, files_below, metrics_of, predictions_of

BUNDLE_FILES = {"manifest.json", "weights.safetensors", "model.onnx", "evidence.json"}
RUN_FILES = {
    "request.yaml", "plan.json", "audit.json", "decisions.jsonl", "run.log", "metrics.jsonl", "config.yaml",
    "evidence.json", "predictions/test.parquet", "predictions/held_out.parquet", "examples.json", "explanations.json",
    "report.html",
    "model_card.md", "model_card.json",
    *(f"bundle/{name}" for name in BUNDLE_FILES),
}  # fmt: skip
SECTIONS = {
    "primary_reason",
    "schema", "headstart_version", "sentence", "test_reads", "task", "primary", "n", "test", "confusion",
    "calibration", "out_of_domain", "fairness",
    "audit", "comparisons", "verdict", "guard", "learning_curve", "slices", "cost", "backbone", "data", "hashes",
    "warnings",
}  # fmt: skip
METRICS = {"accuracy", "balanced_accuracy", "macro_f1", "precision_macro", "recall_macro", "log_loss", "ece"}


def intervals(value, path=""):
    """Every {"value", "low", "high"} below ``value`` with the path to it."""
    if isinstance(value, dict):
        if {"value", "low", "high"} <= set(value):
            yield path, value
        else:
            for key, below in value.items():
                yield from intervals(below, f"{path}/{key}")
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from intervals(below, f"{path}/{number}")


def strings(value):
    if isinstance(value, dict):
        for below in value.values():
            yield from strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from strings(below)
    elif isinstance(value, str):
        yield value


def test_a_run_leaves_exactly_the_files_of_the_contract(shared):
    assert files_below(shared.run.path) == RUN_FILES


def is_pickle(content: bytes) -> bool:
    """Whether all of it parses as pickle operations; a zip file (what torch.save writes) counts as well."""
    try:
        return content[:4] == b"PK\x03\x04" or all(pickletools.genops(content))
    except Exception:  # ValueError, and whatever decoding an operation's argument raises
        return False


def test_nothing_in_a_run_folder_is_a_pickle(shared):
    assert is_pickle(pickle.dumps({"a": [1]}))
    assert not [name for name in RUN_FILES if is_pickle((shared.run.path / name).read_bytes())]


def test_the_evidence_holds_every_section_and_no_other(shared):
    assert set(shared.run.evidence) == SECTIONS
    assert set(shared.run.evidence["test"]) == METRICS | {"per_class"}
    assert shared.run.evidence["test_reads"] == 1
    assert json.loads((shared.run.path / "evidence.json").read_text()) == shared.run.evidence


def test_every_value_lies_in_its_interval(shared):
    found = list(intervals(shared.run.evidence))
    assert len(found) > 20
    for path, interval in found:
        if interval["low"] is not None:
            assert interval["low"] <= interval["value"] <= interval["high"], path
            corrected = "fairness" in path  # for looking at several groups
            assert interval["level"] == 0.95 or (corrected and interval["level"] > 0.95), path


def test_the_counts_fit_together(shared):
    evidence = shared.run.evidence
    assert evidence["n"] == {"train": 48, "val": 0, "test": 12}
    counts = np.array(evidence["confusion"]["counts"])
    assert evidence["confusion"]["class_names"] == list(CLASSES)
    assert counts.sum() == 12
    assert evidence["test"]["accuracy"]["value"] == pytest.approx(np.trace(counts) / 12)
    for row, name in enumerate(CLASSES):
        assert evidence["test"]["per_class"][name]["n"] == counts[row].sum()


def test_everything_is_compared_with_the_chosen_one_and_better_is_positive(shared):
    evidence = shared.run.evidence
    kinds = {each["name"]: (each["kind"], each["transfer"]) for each in evidence["comparisons"]}
    assert kinds == {
        "knn": ("transfer", True),
        "random_weights": ("ablation", False),
        "pixel_histograms": ("baseline", False),
        "majority_class": ("baseline", False),
    }
    for each in evidence["comparisons"]:
        assert each["n_test"] == 12
        assert each["difference"]["value"] == pytest.approx(
            evidence["test"]["accuracy"]["value"] - each["accuracy"]["value"]
        )
        assert each["what"].endswith(".")


def test_a_named_method_is_obeyed_and_the_guard_says_what_it_saw(shared):
    guard = shared.run.evidence["guard"]
    assert set(guard) == {"chosen", "out_of_fold_loss", "rows", "fell_back", "why"}
    assert (guard["chosen"], guard["fell_back"]) == ("linear_probe", False)
    assert set(guard["out_of_fold_loss"]) == {"linear_probe", "pixel_histograms", "majority_class"}
    assert guard["rows"] == 48


def test_the_predictions_are_those_that_the_evidence_counts(shared):
    table = pyarrow.parquet.read_table(shared.run.path / "predictions" / "test.parquet").to_pydict()
    probabilities = [f"probability_{name}" for name in CLASSES]
    said = ["set", "out_of_domain", "out_of_domain_p", "slice_place"]
    assert list(table) == ["id", "split", "target", "prediction", *probabilities, *said]
    right = np.mean([a == b for a, b in zip(table["target"], table["prediction"], strict=True)])
    assert right == pytest.approx(shared.run.evidence["test"]["accuracy"]["value"])
    np.testing.assert_allclose(sum(np.array(table[f"probability_{name}"]) for name in CLASSES), 1.0, rtol=1e-6)
    assert all((shared.photos / name).is_file() for name in table["id"])


def test_every_decision_is_written_with_its_reason_and_the_choice_before_the_evidence(shared):
    records = [json.loads(line) for line in (shared.run.path / "decisions.jsonl").read_text().splitlines()]
    names = [record["name"] for record in records]
    assert names == ["task", "runtime/backbone", "runtime/twin", "primary metric", "calibration", "choice"]
    assert all(record["reason"] for record in records)
    times = [(shared.run.path / name).stat().st_mtime_ns for name in ("config.yaml", "evidence.json", "report.html")]
    assert times == sorted(times)


def test_the_config_of_a_run_holds_no_auto(shared):
    config = yaml.safe_load((shared.run.path / "config.yaml").read_text())
    assert "auto" not in set(strings(config))
    assert config["seed"] == 0 and config["model"]["sha256"]


def test_the_config_of_a_run_repeats_it_bit_for_bit_with_a_warm_cache(warm, tmp_path):
    again = headstart.fit(config=warm.run.path / "config.yaml", out=tmp_path / "again")
    assert metrics_of(again.path)["activations/decoded"] == 0
    assert evidence_of(again.path) == evidence_of(warm.run.path)
    assert predictions_of(again.path) == predictions_of(warm.run.path)
    assert (again.path / "config.yaml").read_text() == (warm.run.path / "config.yaml").read_text()


def test_the_config_of_a_run_repeats_it_bit_for_bit_with_an_empty_cache(shared, tmp_path):
    again = headstart.fit(config=shared.run.path / "config.yaml", out=tmp_path / "again")
    assert metrics_of(again.path)["activations/decoded"] == 60
    assert evidence_of(again.path) == evidence_of(shared.run.path)
    assert predictions_of(again.path) == predictions_of(shared.run.path)


@pytest.mark.slow
def test_a_run_whose_runtime_was_measured_is_repeated_bit_for_bit_too(shared, tmp_path):
    first = shared.fit(tmp_path / "first", settings=(), cache="off")
    again = headstart.fit(config=first.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(first.path)
    assert predictions_of(again.path) == predictions_of(first.path)


def test_another_seed_on_the_same_pictures_decodes_and_forwards_nothing(warm, tmp_path):
    other = warm.fit(tmp_path / "other", seed=1)
    assert metrics_of(other.path)["activations/decoded"] == 0
    forwarded = {name: value for name, value in metrics_of(other.path).items() if "forwarded" in name}
    assert len(forwarded) == 5 and set(forwarded.values()) == {0}
    assert predictions_of(other.path) != predictions_of(warm.run.path)


def test_the_cache_is_readable_by_its_owner_alone(shared):
    assert stat.S_IMODE((shared.cache / "activations").stat().st_mode) == 0o700


def test_without_examples_no_picture_of_the_data_is_kept_anywhere(warm, tmp_path):
    assert "data:image" in warm.run.report.read_text()  # so that its absence below means something
    assert json.loads((warm.run.path / "examples.json").read_text())["mistakes"]
    plain = warm.fit(tmp_path / "plain", examples=False)
    assert files_below(plain.path) == RUN_FILES - {"examples.json", "explanations.json"}
    assert "data:image/jpeg" not in plain.report.read_text()


def test_the_report_can_be_written_again_without_pictures(warm, tmp_path):
    plain = warm.fit(tmp_path / "run")
    assert "data:image/jpeg" in plain.report.read_text()
    headstart.report(plain.path, examples=False)
    assert "data:image/jpeg" not in plain.report.read_text()


def test_a_bundle_holds_no_bytes_of_any_input_and_no_path_of_the_user(shared):
    content = b"".join((shared.run.bundle / name).read_bytes() for name in BUNDLE_FILES)
    assert str(shared.photos.parent).encode() not in content
    for path in shared.photos.rglob("*.png"):
        assert path.read_bytes()[64:128] not in content, path  # behind the header, which all pictures share
