"""Every check of the room, found by its file: what whoever shows findings relies on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.core import plugins
from headstart.inspection.audit import CHECKS
from headstart.inspection.finding import SEVERITIES
from inspection.made_examined import checked, column, gaussian_classes, make_examined

CLASSES = ["a", "b", "c"] * 20
NUMBERS = [f"{value:.3f}" for value in np.random.default_rng(3).normal(50, 9, 60)]
GRADES = ["1", "2", "3"] * 20
LABELS = ["x|y", "y|z", "x", "z"] * 15
FEATURES = gaussian_classes(60, 3, 16)[0]
OUTPUTS = np.random.default_rng(0).normal(0, 2, (60, 3))
COPIES = [0, 0, 0, *range(3, 58), 30, 31]
HALF_SEEN = np.where(np.arange(60)[:, None] % 2, OUTPUTS, np.nan)
TABLE = {
    "age": column(np.random.default_rng(1).normal(50, 9, 60), "number"),
    "told": column(CLASSES),
    "person": column([f"p{row % 12}" for row in range(60)]),
}
MADE = {
    "classes": dict(targets=CLASSES, out_of_fold=OUTPUTS, features=FEATURES),
    "grades": dict(targets=GRADES, task="ordinal", out_of_fold=OUTPUTS, features=FEATURES),
    "labels": dict(targets=LABELS, task="multilabel", out_of_fold=OUTPUTS, features=FEATURES),
    "numbers": dict(targets=NUMBERS, task="regression", out_of_fold=OUTPUTS[:, :1], features=FEATURES),
    "texts": dict(targets=CLASSES, modality="text", out_of_fold=OUTPUTS, features=FEATURES),
    "recordings": dict(targets=CLASSES, modality="sound", features=FEATURES),
    "a table": dict(targets=CLASSES, modality="table", table=TABLE, left_out={"id": "numbers the rows"}),
    "no features": dict(targets=CLASSES, out_of_fold=OUTPUTS),
    "no probe": dict(targets=CLASSES, features=FEATURES),
    "some never held out": dict(targets=CLASSES, out_of_fold=HALF_SEEN, features=FEATURES),
    "none held out": dict(targets=CLASSES, out_of_fold=np.full((60, 3), np.nan), features=FEATURES),
    "a split and copies": dict(
        targets=CLASSES, test=range(40, 60), out_of_fold=OUTPUTS[:40], features=FEATURES, duplicates=COPIES
    ),
    "an audit with a split": dict(
        targets=CLASSES, test=range(40, 60), learned=range(60), out_of_fold=OUTPUTS, features=FEATURES
    ),
    "groups across a split": dict(targets=CLASSES, test=range(40, 60), groups=["g", None, "h"] * 20),
    "equal features": dict(targets=CLASSES, out_of_fold=np.zeros((60, 3)), features=np.ones((60, 4))),
    "all copies": dict(targets=CLASSES, duplicates=[0] * 60, features=FEATURES),
    "two rows": dict(targets=["a", "b"], out_of_fold=OUTPUTS[:2, :2], features=FEATURES[:2]),
    "two rows, one learned": dict(targets=["a", "a", "b"], test=[0], features=FEATURES[:3]),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("name", plugins.names(CHECKS))
def test_findings_can_be_written_and_read(name, kind):
    examined = make_examined(**MADE[kind])
    for finding in checked(name, examined):
        assert finding.id == name or finding.id.startswith(f"{name}/")
        assert finding.severity in SEVERITIES
        for sentence in (finding.what, finding.action):
            assert sentence.endswith(".")
            assert not sentence.endswith("..")
            assert "\n" not in sentence
            assert sentence[0].isupper() or sentence[0].isdigit()
        json.dumps(finding.to_dict(), allow_nan=False)
        rows = [suspect.row for suspect in finding.suspects]
        assert len(set(rows)) == len(rows)
        assert all(type(row) is int and 0 <= row < len(examined.inputs) for row in rows)
        assert all(examined.inputs.ids[suspect.row] == suspect.id for suspect in finding.suspects)
        assert all(suspect.why for suspect in finding.suspects)


@pytest.mark.parametrize("name", plugins.names(CHECKS))
def test_the_same_data_give_the_same_findings(name):
    first, second = (checked(name, make_examined(**MADE["a split and copies"])) for _ in range(2))
    assert [finding.to_dict() for finding in first] == [finding.to_dict() for finding in second]


@pytest.mark.parametrize("name", plugins.names(CHECKS))
def test_a_check_says_what_it_is_and_why_its_bounds_are_what_they_are(name):
    assert plugins.summary(CHECKS, name).endswith(".")
    for field in plugins.load(CHECKS, name).config.model_fields.values():
        assert field.description
