"""Absent classes are left out of rows, outputs and heads, and the heads are for all classes again."""

from __future__ import annotations

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, shifted
from headstart.adaptation.label_sets.present import among_present, narrow, restricted, wide, without
from headstart.adaptation.trying import adapted_by
from headstart.core import plugins
from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Fitted

PRESENT = np.array([True, False, True])


def test_a_head_for_all_classes_says_what_the_outputs_without_some_would():
    domains, _ = shifted("none")
    rows = domains.target.features
    head = wide(narrow(domains.head, PRESENT), PRESENT)
    assert np.allclose(SOLVER.outputs(head, rows), without(SOLVER.outputs(domains.head, rows), PRESENT), atol=1e-3)


def test_rows_of_absent_classes_are_gone_and_classes_renumbered():
    domains, _ = shifted("none")
    found = restricted(domains, PRESENT)
    assert set(found.source.targets.values) == {0, 2} == set(found.held_out_targets.values)
    assert not (found.start.argmax(axis=1) == 1).any() and found.classes == 3
    inner = among_present(found)
    assert set(inner.source.targets.values) == {0, 1} and inner.classes == 2 and inner.present is None


@pytest.mark.parametrize("name", ["source_only", *plugins.names("adaptation.adapters")])
def test_every_adapter_answers_present_classes_alone(name):
    domains, _ = shifted("moved")
    if name != "source_only" and "several" in plugins.load("adaptation.adapters", name).needs:
        return
    found = adapted_by(name, restricted(domains, PRESENT), SOLVER, 0)
    fitted = found.fitted or restricted(domains, PRESENT).head
    outputs = SOLVER.outputs(fitted, domains.target.features) + (0 if found.shift is None else found.shift)
    assert outputs.shape[1] == 3 and set(outputs.argmax(axis=1)) <= {0, 2}


def test_what_cannot_be_left_out_is_told():
    domains, _ = shifted("none")
    with pytest.raises(DataError, match="at least 2 classes"):
        restricted(domains, np.array([True, False, False]))
    with pytest.raises(ShapeError, match="3 classes"):
        restricted(domains, np.ones(2, bool))
    with pytest.raises(DataError, match="linear head"):
        narrow(Fitted({}, {"method": "knn", "form": "neighbours"}), PRESENT)
