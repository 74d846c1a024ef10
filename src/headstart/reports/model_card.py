"""model_card.md and model_card.json: what a model is for, how good it is, for whom, and under which licences.

The parts are those of Mitchell et al., Model Cards for Model Reporting, FAT* 2019; the header is the one that model
hubs read (YAML between two lines of three dashes).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from headstart.core.files import write_json, write_text
from headstart.core.run_folder import RunFolder
from headstart.evaluation.energy import watt_hours
from headstart.reports.measures import measure, metrics_of
from headstart.reports.numbers import count, is_number
from headstart.reports.run_files import RunFiles, listing, mapping, read_run

CARD, DOCUMENT = "model_card.md", "model_card.json"
SCHEMA = 1
CODE_LICENCE = "Apache-2.0"
UNSTATED = "Not stated."
PIPELINES = {
    ("image", "classification"): "image-classification",
    ("text", "classification"): "text-classification",
    ("sound", "classification"): "audio-classification",
    ("table", "classification"): "tabular-classification",
    ("table", "regression"): "tabular-regression",
}
ASKED = {
    "intended_use": "Intended use",
    "out_of_scope": "Not to be used for",
    "data_source": "Where the data come from",
    "contact": "Contact",
}


def write_model_card(run_folder: Path) -> Path:
    """Write ``model_card.md`` and ``model_card.json`` into a run folder; returns the path of the first.

    Raises:
        ConfigError: there is no evidence.json.
        IntegrityError: a file does not parse, or was written by a newer version.
    """
    document = card_document(read_run(Path(run_folder), examples=False))
    write_json(RunFolder(Path(run_folder)).path / DOCUMENT, document)
    path = RunFolder(Path(run_folder)).path / CARD
    write_text(path, markdown(document))
    return path


def card_document(run: RunFiles) -> dict[str, Any]:
    """The card for machines: the parts as text and numbers, ``header`` as a hub reads it."""
    backbone, data, asked = run.section("backbone"), run.section("data"), mapping(run.config.get("card"))
    name = str(data.get("name") or run.name)
    return {
        "schema": SCHEMA,
        "name": name,
        "header": _header(run, name),
        "sentence": str(run.evidence.get("sentence") or ""),
        "stated": {key: str(asked[key]) for key in (*ASKED, "data_licence") if asked.get(key)},
        "task": str(run.evidence.get("task") or ""),
        "shipped": str(run.section("verdict").get("chosen") or ""),
        "backbone": {key: backbone.get(key) for key in ("name", "parameters", "pretraining", "paper", "source")},
        "n": dict(run.section("n")),
        "metrics": {key: mapping(run.section("test").get(key)) for key in metrics_of(run.section("test"))},
        "groups": _groups(run),
        "limits": _limits(run),
        "biases": str(backbone.get("known_biases") or ""),
        "licences": {
            "weights": str(backbone.get("licence") or "") or None,
            "data": asked.get("data_licence"),
            "code": CODE_LICENCE,
        },
        "energy": _energy(run),
        "hashes": {"data": data.get("fingerprint"), "weights": backbone.get("sha256")},
        "version": str(run.evidence.get("headstart_version") or ""),
    }


def markdown(document: Mapping[str, Any]) -> str:
    """The card for people."""
    header = yaml.safe_dump(document["header"], sort_keys=False, allow_unicode=True)
    parts = [f"# {document['name']}", document["sentence"], *_stated(document), *_model(document), *_results(document)]
    parts += [*_limits_text(document), *_licences(document), *_costs(document)]
    return f"---\n{header}---\n\n" + "\n\n".join(part for part in parts if part) + "\n"


def _header(run: RunFiles, name: str) -> dict[str, Any]:
    backbone, task = run.section("backbone"), str(run.evidence.get("task") or "")
    pipeline = PIPELINES.get((str(run.section("data").get("modality") or ""), task))
    shown = measure(run.primary)
    value = mapping(run.section("test").get(run.primary)).get("value")
    result = {
        "task": {"type": pipeline or task},
        "dataset": {"name": name, "type": name},
        "metrics": [{"type": run.primary, "value": value, "name": shown.label}],
    }
    found = {
        "license": str(backbone.get("licence") or "unknown"),
        "library_name": "headstart",
        "tags": ["headstart", "transfer-learning"],
        "pipeline_tag": pipeline,
        "base_model": backbone.get("name") if backbone.get("parameters") else None,
        "metrics": [run.primary],
        "model-index": [{"name": name, "results": [result]}] if is_number(value) else None,
    }
    return {key: each for key, each in found.items() if each is not None}


def _groups(run: RunFiles) -> list[str]:
    columns = mapping(run.section("fairness").get("columns"))
    return [str(mapping(raw).get("verdict")) for raw in columns.values() if mapping(raw).get("verdict")]


def _limits(run: RunFiles) -> list[str]:
    chosen = mapping(run.section("calibration").get("chosen"))
    found = [str(each) for each in listing(run.evidence.get("warnings"))]
    found += [f"{str(mapping(each).get('what') or '').rstrip('.')}." for each in _findings(run)]
    if chosen.get("why_not"):
        found.append(f"Its probabilities were not checked on examples kept apart: {chosen['why_not']}.")
    helps = run.section("verdict").get("transfer_helps")
    if helps in ("no", "unclear"):
        found.append(str(run.section("verdict").get("why") or ""))
    return list(dict.fromkeys(each for each in found if each.strip(". ")))


def _findings(run: RunFiles) -> list[Any]:
    findings = listing(run.section("audit").get("findings"))
    return [each for each in findings if mapping(each).get("severity") in ("severe", "warning")]


def _energy(run: RunFiles) -> dict[str, float] | None:
    seconds = run.section("cost").get("cpu_seconds")
    if not is_number(seconds):
        return None
    low, high = watt_hours(float(seconds))
    return {"cpu_seconds": float(seconds), "watt_hours_low": round(low, 3), "watt_hours_high": round(high, 3)}


def _stated(document: Mapping[str, Any]) -> list[str]:
    stated = document["stated"]
    return [f"## {title}\n\n{stated.get(key) or UNSTATED}" for key, title in ASKED.items()]


def _model(document: Mapping[str, Any]) -> list[str]:
    backbone, n = document["backbone"], document["n"]
    lines = [f"- What ships: `{document['shipped']}` ({document['task']})"]
    if backbone.get("parameters"):
        lines.append(f"- Pretrained network: {backbone['name']}, {count(backbone['parameters'])} parameters")
        lines += [f"- Pretrained on: {backbone['pretraining']}"] if backbone.get("pretraining") else []
    lines.append(
        f"- Learned from {count(n.get('train'))} examples, {count(n.get('val'))} given to validate on, "
        f"tested on {count(n.get('test'))}"
    )
    return ["## Model and training", "\n".join(lines)]


def _results(document: Mapping[str, Any]) -> list[str]:
    rows = ["| metric | value | 95 % interval |", "|--|--|--|"]
    for name, raw in document["metrics"].items():
        low, high = raw.get("low"), raw.get("high")
        span = f"{low:.3f} to {high:.3f}" if is_number(low) and is_number(high) else "none"
        value = f"{raw['value']:.3f}" if is_number(raw.get("value")) else "none"
        rows.append(f"| {measure(name).label} | {value} | {span} |")
    groups = [f"- {each}" for each in document["groups"]] or ["No groups were looked at (`fit --slices COLUMN`)."]
    return ["## How good it is", "\n".join(rows), "## For whom", "\n".join(groups)]


def _limits_text(document: Mapping[str, Any]) -> list[str]:
    limits = [f"- {each}" for each in document["limits"]] or ["None was found beyond what the intervals say."]
    return ["## Limits", "\n".join(limits), "## Known biases of the pretrained network", document["biases"] or UNSTATED]


def _licences(document: Mapping[str, Any]) -> list[str]:
    licences = document["licences"]
    lines = [f"- {what}: {licences.get(what) or 'not stated'}" for what in ("data", "weights", "code")]
    return ["## Licences", "\n".join(lines), "Whether these allow your use together is yours to check."]


def _costs(document: Mapping[str, Any]) -> list[str]:
    energy, hashes = document["energy"], document["hashes"]
    found = []
    if energy:
        found.append(
            f"About {energy['watt_hours_low']:.2g} to {energy['watt_hours_high']:.2g} watt hours: "
            f"{energy['cpu_seconds']:.0f} seconds of a processor core at 3 to 15 watts. The pretraining is not in it."
        )
    lines = [f"- {name}: `{value}`" for name, value in hashes.items() if value]
    return [
        "## Energy",
        *(found or [UNSTATED]),
        "## Hashes",
        "\n".join(lines),
        f"Made by Headstart {document['version']}.",
    ]
