"""For whom do models of real sets work: incomes by sex and race, loans by sex and age, digits by speaker and accent?

    python benchmarks/fairness_shown.py --data DATA [--only german_credit]

Each set is fitted as a user would, with ``--slices``; nothing is tuned and the test part is read once. Incomes and
digits keep their own test parts. Loans have none: 200 of 1,000 rows are set apart, their sex is read from the column
``personal_status_sex`` (A92 and A95 are women), and a second fit leaves both columns out of the inputs. Writes every
group's figures with intervals, the corrected differences and the sentences to ``results/fairness_shown.json`` and
``.md``. With ``--only`` the other sets keep the figures that stand there. Minutes of one core.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from comparison.tables import with_interval

import headstart

SEED = 0
WOMEN = ("A92", "A95")  # of personal_status_sex, as the set's documentation has it
NAME = "fairness_shown"
GAPS = {
    "demographic_parity_difference": "demographic parity, difference",
    "demographic_parity_ratio": "demographic parity, ratio",
    "equal_opportunity_difference": "equal opportunity",
    "equalized_odds_difference": "equalised odds",
    "accuracy_gap": "accuracy",
}
FIGURES = ("accuracy", "base_rate", "selection_rate", "true_positive_rate", "false_positive_rate", "calibration_gap")


@dataclass(frozen=True)
class Subject:
    """A set, who its examples are about, and how it is fitted."""

    name: str
    folder: str
    slices: str
    options: dict[str, Any] = field(default_factory=dict)


LEAK = {"accept": ["duplicates_across_splits"]}  # their own splits have some
SUBJECTS = (
    Subject("adult_income", "adult_income", "sex,race", LEAK),
    Subject("german_credit", "german_credit", "sex,age", {"drop": "sex"}),
    Subject("german_credit, sex not given", "german_credit", "sex,age", {"drop": "sex,personal_status_sex"}),
    Subject("spoken_digits", "spoken_digits", "speaker,accent", LEAK),
)


def with_sex(source: Path, to: Path) -> Path:
    """A table with one column more: what ``personal_status_sex`` says of sex."""
    with source.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with to.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "sex"])
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "sex": "female" if row["personal_status_sex"] in WOMEN else "male"})
    return to


def shown(subject: Subject, data: Path, work: Path) -> dict[str, Any]:
    """What the evidence says of groups."""
    place = data / subject.folder
    if subject.folder == "german_credit":
        place = with_sex(place / "train.csv", work / "german_credit.csv")
    run = headstart.fit(
        place, slices=subject.slices.split(","), out=work / subject.name, seed=SEED, threads=1, **subject.options
    )  # fmt: skip
    assert isinstance(run, headstart.Run)
    evidence = run.evidence
    fairness = evidence["fairness"]
    return {
        "set": subject.name,
        "slices": subject.slices,
        "options": subject.options,
        "n": evidence["n"],
        "shipped": evidence["verdict"]["chosen"],
        "accuracy": evidence["test"]["accuracy"],
        **{key: fairness[key] for key in ("sentence", "positive", "correction", "notes", "columns")},
    }


def text_of(document: dict[str, Any]) -> str:
    """Everything as Markdown."""
    return "\n".join(_text(each) for each in document["sets"])


def _text(each: dict[str, Any]) -> str:
    accuracy = each["accuracy"]
    parts = [
        f"## {each['set']}, by {each['slices']}\n",
        f"{each['shipped']}, {each['n']['train']:,} rows to learn from, {each['n']['test']:,} to test on; accuracy "
        f"{with_interval(accuracy)}"
        + (f"; the positive class is {each['positive']!r}.\n" if each["positive"] else ".\n"),
        f"> {each['sentence']}\n",
    ]
    for name, column in each["columns"].items():
        parts += [f"**{name}.** {column['verdict']}\n"]
        if column["groups"]:
            parts += [_groups(column["groups"]), "", *([_gaps(column["gaps"]), ""] if each["positive"] else [])]
    parts += [f"- {note}" for note in [*each["notes"], each["correction"]["controls"]]]
    return "\n".join(parts) + "\n"


def _groups(groups: dict[str, Any]) -> str:
    keys = [key for key in FIGURES if any(key in figures for figures in groups.values())]
    rows = [
        (name, str(figures["n"]), *(with_interval(figures.get(key)) for key in keys))
        for name, figures in groups.items()
    ]
    return tables.markdown(("group", "n", *(key.replace("_", " ") for key in keys)), rows)


def _gaps(gaps: dict[str, Any]) -> str:
    rows = [
        (name, with_interval(gaps[key])) for key, name in GAPS.items() if gaps.get(key, {}).get("value") is not None
    ]
    return tables.markdown(("largest gap between groups", "value, 95 %"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--only", type=lambda text: text.split(";"), help="names of sets, separated by ;")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    path = args.out / f"{NAME}.json"
    known = {each["set"]: each for each in json.loads(path.read_text())["sets"]} if path.is_file() else {}
    with tempfile.TemporaryDirectory() as place:
        for subject in SUBJECTS:
            if args.only and subject.name not in args.only:
                continue
            print(f"{subject.name} ...", flush=True)
            known[subject.name] = shown(subject, args.data, Path(place))
            print(f"    {known[subject.name]['sentence']}", flush=True)
            sets = [known[each.name] for each in SUBJECTS if each.name in known]
            command = "python benchmarks/fairness_shown.py --data DATA"
            document = {"machine": machine.describe(), "seed": SEED, "command": command, "sets": sets}
            lines.write_json(path, document)
            path.with_suffix(".md").write_text(text_of(document))


if __name__ == "__main__":
    main()
