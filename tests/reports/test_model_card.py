"""The model card: readable by people, by hubs, and by programs."""

from __future__ import annotations

import json

import pytest
import yaml

from headstart.reports.model_card import card_document, markdown, write_model_card
from headstart.reports.run_files import RunFiles
from reports.helpers_reports import classification, write_run


def run_of(evidence=None, card=None):
    return RunFiles("run", evidence or classification(), config={"card": card or {}})


def parts_of(text):
    """The header as a hub reads it, and headings with what stands below each."""
    _, header, body = text.split("---\n", 2)
    found = dict(part.split("\n\n", 1) for part in body.split("\n## ")[1:])
    return yaml.safe_load(header), found


def test_the_header_is_what_hubs_read():
    header, _ = parts_of(markdown(card_document(run_of())))
    assert header["library_name"] == "headstart" and header["metrics"] == ["accuracy"]
    result = header["model-index"][0]["results"][0]
    assert result["metrics"][0]["value"] == classification()["test"]["accuracy"]["value"]
    assert header["license"] == classification()["backbone"]["licence"]


def test_every_part_is_there_and_what_is_not_known_is_said():
    _, parts = parts_of(markdown(card_document(run_of())))
    assert list(parts) == [
        "Intended use", "Not to be used for", "Where the data come from", "Contact", "Model and training",
        "How good it is", "For whom", "Limits", "Known biases of the pretrained network", "Licences", "Energy",
        "Hashes",
    ]  # fmt: skip
    assert parts["Intended use"].strip() == "Not stated." and "data: not stated" in parts["Licences"]
    assert "No groups were looked at" in parts["For whom"]


def test_what_people_say_stands_in_its_place():
    card = {"intended_use": "Sorting parcels.", "data_licence": "CC BY 4.0"}
    header, parts = parts_of(markdown(card_document(run_of(card=card))))
    assert parts["Intended use"].strip() == "Sorting parcels." and "data: CC BY 4.0" in parts["Licences"]


def test_groups_warnings_and_findings_are_told():
    evidence = classification()
    evidence["fairness"] = {"columns": {"sex": {"verdict": "No difference could be shown."}}}
    evidence["warnings"] = ["Two inputs were left out."]
    evidence["audit"] = {
        "findings": [{"severity": "warning", "what": "3 near-duplicates"}, {"severity": "hint", "what": "x"}]
    }
    evidence["calibration"] = {"chosen": {"why_not": "too few rows"}}
    _, parts = parts_of(markdown(card_document(run_of(evidence))))
    assert "No difference could be shown." in parts["For whom"]
    assert parts["Limits"].count("\n- ") + 1 == 3 and "kept apart: too few rows." in parts["Limits"]


def test_energy_is_a_span_that_says_what_it_is():
    evidence = {**classification(), "cost": {"cpu_seconds": 1200.0}}
    _, parts = parts_of(markdown(card_document(run_of(evidence))))
    assert "About 1 to 5 watt hours: 1200 seconds" in parts["Energy"] and "pretraining is not in it" in parts["Energy"]


def test_both_files_are_written(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    path = write_model_card(folder)
    assert path == folder / "model_card.md" and path.read_text().startswith("---\nlicense:")
    assert json.loads((folder / "model_card.json").read_text())["schema"] == 1


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1]])
@pytest.mark.parametrize("key", [*classification(), "fairness", "calibration", "cost"])
def test_every_section_may_be_missing_or_odd(key, odd):
    assert markdown(card_document(run_of({**classification(), key: odd}))).startswith("---\n")
