"""Do sets, abstentions and calls of "out of domain" keep on real data what they promise?

    python benchmarks/kept_promises.py --data DATA

Each set is fitted with its defaults (the pretrained probe and what it is compared with), once. The test part says how
often sets hold the truth, how often answers are right where the model does not abstain, and how many ordinary inputs
are called out of domain. Then every fitted model is asked about up to 200 inputs of each other set of its kind: how
many are called out of domain, and how well the p-value tells them from its own test (area under the ROC curve). Writes
``results/kept_promises.json`` and ``.md``. About ten minutes of one core with kept activations. With ``--only`` the
other sets keep the figures that stand there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from comparison import lines, machine, tables

import headstart
from headstart.data.read import read
from headstart.evaluation.out_of_domain.report import detection_report

MOST = 200  # inputs of another set
SEED = 0


@dataclass(frozen=True)
class Subject:
    """A set and how it is fitted."""

    name: str
    kind: str
    options: dict[str, Any]
    folder: str = ""


LEAK = {"accept": ["duplicates_across_splits"]}
SUBJECTS = (
    Subject("clothing_small", "pictures", {}),
    Subject("cifar10_small", "pictures", LEAK),
    Subject("magnetic_tile", "pictures", {}),
    Subject("brain_mri_tumor", "pictures", {}),
    Subject("office10_amazon", "pictures", {}, "office10_amazon_webcam/amazon"),
    Subject("trec", "texts", LEAK),
    Subject("banking77", "texts", LEAK),
    Subject("customer_support_intents", "texts", LEAK),
    Subject("spoken_digits", "recordings", {"groups": "speaker", "resplit": True}),
    Subject("adult_income", "tables", LEAK),
    Subject("telco_churn", "tables", LEAK),
    Subject("german_credit", "tables", LEAK),
    Subject("ai4i2020_machine_failure", "tables", LEAK),
)


def fitted(subject: Subject, data: Path, work: Path) -> headstart.Run:
    """With its defaults."""
    place = data / (subject.folder or subject.name)
    run = headstart.fit(place, out=work / subject.name, seed=SEED, threads=1, **subject.options)
    assert isinstance(run, headstart.Run)
    return run


def kept(subject: Subject, run: headstart.Run) -> dict[str, Any]:
    """What the test part says."""
    evidence = run.evidence
    calibration = evidence.get("calibration", {})
    chosen = calibration.get("chosen", {})
    return {
        "set": subject.name,
        "kind": subject.kind,
        "shipped": evidence["verdict"]["chosen"],
        "n": evidence["n"],
        "calibrator": chosen.get("calibrator"),
        "losses": chosen.get("losses"),
        "ece": evidence["test"].get("ece"),
        "ships": chosen.get("sets", {}).get("ships"),
        "sets": calibration.get("sets"),
        "abstaining": calibration.get("abstaining"),
        "out_of_domain": evidence.get("out_of_domain"),
    }


def strangers(subject: Subject, run: headstart.Run, others: list[Subject], data: Path) -> list[dict[str, Any]]:
    """Inputs of other sets, by what the model of this one says of them; none where it does not judge inputs."""
    own = pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet")
    if "out_of_domain_p" not in own.column_names:
        return []
    inside = -np.array(own["out_of_domain_p"].to_pylist(), dtype=np.float64)
    found = []
    for other in others:
        inputs = some_inputs(other, data)
        rows = headstart.predict(run.path, inputs, threads=1).rows
        outside = -np.array([row["out_of_domain_p"] for row in rows if row["error"] is None], dtype=np.float64)
        flagged = [row["out_of_domain"] for row in rows if row["error"] is None]
        report = detection_report(inside, outside)
        found.append({"set": subject.name, "other": other.name, "n": len(flagged), "flagged": float(np.mean(flagged)),
                      "auroc": report["auroc"]})  # fmt: skip
    return found


def some_inputs(subject: Subject, data: Path) -> list[Any]:
    """Up to MOST files or texts of a set."""
    dataset = read(data / (subject.folder or subject.name)).dataset
    rows = np.random.default_rng(SEED).permutation(len(dataset))[:MOST]
    contents = [dataset.parts[0].inputs.read(int(row)) for row in rows]
    return [content.decode() for content in contents] if subject.kind == "texts" else contents


def text_of(document: dict[str, Any]) -> str:
    """Both tables."""
    head = (
        "data (test)", "shipped", "calibrator", "sets hold the truth, 95 %", "classes in a set",
        "each class by itself", "answered", "right of these, 95 %", "called out of domain",
    )  # fmt: skip
    first = tables.markdown(head, [_row(each) for each in document["kept"]])
    rows = [(each["set"], each["other"], str(each["n"]), f"{each['flagged']:.2f}", tables.with_interval(each["auroc"]))
            for each in document["strangers"]]  # fmt: skip
    second = tables.markdown(
        ("model of", "asked about", "inputs", "called out of domain", "area under the ROC curve"), rows
    )
    promise = "Promised: sets 0.90, right 0.95, ordinary inputs called out of domain at most 0.05."
    return f"{promise}\n\n{first}\n\n{second}\n"


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    sets, abstaining = each["sets"] or {}, each["abstaining"] or {}
    ships = sets.get(each["ships"]) or {}
    domain = each["out_of_domain"] or {}
    by_class = sets.get("class_conditional", {}).get("coverage")
    return (
        f"{each['set']} ({each['n']['test']})",
        each["shipped"],
        str(each["calibrator"] or "-"),
        tables.with_interval(ships.get("coverage")),
        f"{ships['mean_size']['value']:.2f}" if ships else "-",
        tables.with_interval(by_class),
        f"{abstaining['answered']['value']:.2f}" if abstaining else "-",
        tables.with_interval(abstaining.get("accuracy")),
        f"{domain['flagged']['value']:.3f}" if domain else "-",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--only", type=lambda text: text.split(","), help="names of sets")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    wanted = [each for each in SUBJECTS if not args.only or each.name in args.only]
    path = args.out / "kept_promises.json"
    before = json.loads(path.read_text()) if path.is_file() else {"kept": [], "strangers": []}
    names = [each.name for each in wanted]
    kept_before = {each["set"]: each for each in before["kept"] if each["set"] not in names}
    told_before = [each for each in before["strangers"] if each["set"] not in names]
    with tempfile.TemporaryDirectory() as place:
        for subject in wanted:
            print(f"{subject.name} ...", flush=True)
            run = fitted(subject, args.data, Path(place))
            kept_before[subject.name] = kept(subject, run)
            others = [each for each in SUBJECTS if each.kind == subject.kind and each is not subject]
            if subject.kind in ("pictures", "texts"):
                told_before += strangers(subject, run, others, args.data)
    order = [each.name for each in SUBJECTS]
    document: dict[str, Any] = {
        "machine": machine.describe(), "seed": SEED, "command": "python benchmarks/kept_promises.py --data DATA",
        "subjects": [asdict(each) for each in SUBJECTS],
        "kept": [kept_before[name] for name in order if name in kept_before],
        "strangers": sorted(told_before, key=lambda each: order.index(each["set"])),
    }  # fmt: skip
    lines.write_json(path, document)
    path.with_suffix(".md").write_text(text_of(document))
    print(text_of(document))


if __name__ == "__main__":
    main()
