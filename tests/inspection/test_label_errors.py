"""Labels that are probably wrong: planted ones are listed, clean ones give no warning."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from headstart.core.learning import Targets
from inspection.made_examined import checked, gaussian_classes, make_examined, probed

NAMES = np.array([f"kind {k}" for k in range(10)])


def planted(n, k, apart, share, seed=0):
    """Examined with a share of labels moved to another class, the rows that were, and the clean probe's accuracy."""
    features, classes = gaussian_classes(n, k, 64, apart, seed)
    rng = np.random.default_rng(seed + 50)
    moved = rng.choice(n, int(n * share), replace=False)
    labels = classes.copy()
    labels[moved] = (classes[moved] + rng.integers(1, k, len(moved))) % k
    clean = probed(features, Targets(classes, "class", k))
    outputs = probed(features, Targets(labels, "class", k))
    accuracy = float((clean.argmax(axis=1) == classes).mean())
    return make_examined(NAMES[labels], out_of_fold=outputs, features=features), set(moved.tolist()), accuracy


# Classes, distance of their centres, accuracy of the probe on clean labels. Measured recall and precision, mean of
# three: 0.87 and 0.95, 0.93 and 0.87, 0.97 and 0.94, 0.89 and 0.78.
@pytest.mark.parametrize(("k", "apart", "least"), [(2, 3.5, 0.97), (5, 4.0, 0.97), (10, 4.5, 0.97), (10, 3.5, 0.9)])
def test_of_labels_flipped_by_5_percent_four_in_five_are_listed_and_most_of_the_list_is_right(k, apart, least):
    recalls, precisions = [], []
    for seed in range(3):
        examined, moved, accuracy = planted(1000, k, apart, 0.05, seed)
        assert accuracy >= least
        (finding,) = checked("label_errors", examined)
        listed = {suspect.row for suspect in finding.suspects}
        recalls.append(len(listed & moved) / len(moved))
        precisions.append(len(listed & moved) / len(listed))
        assert finding.severity == "warning"
        assert 0.025 <= finding.evidence["estimated_wrong"] <= 0.075
    assert np.mean(recalls) >= 0.8
    assert np.mean(precisions) >= 0.6


@pytest.mark.parametrize(("k", "apart"), [(2, 2.1), (2, 3.5), (5, 3.0), (10, 4.0)])
def test_clean_labels_give_no_warning(k, apart):
    for seed in range(3):
        examined, _, _ = planted(1000, k, apart, 0.0, seed)
        assert all(finding.severity == "hint" for finding in checked("label_errors", examined))


def test_a_probe_that_is_often_wrong_itself_gives_a_hint_that_says_so():
    examined, _, accuracy = planted(1000, 10, 1.3, 0.05)
    assert accuracy < 0.5
    for finding in checked("label_errors", examined):
        assert finding.severity == "hint"
        assert "may be wrong itself" in finding.what


def test_where_no_network_sees_the_data_a_surprising_outcome_is_no_mistake():
    examined, _, _ = planted(1000, 2, 3.5, 0.05)
    (finding,) = checked("label_errors", replace(examined, features=None))
    assert finding.severity == "hint"
    assert "where an outcome depends on chance, a surprising one is no mistake" in finding.what


def test_contradictions_of_clean_labels_are_called_what_they_are():
    examined, _, _ = planted(1000, 10, 3.0, 0.0)
    (finding,) = checked("label_errors", examined)
    assert "as many as its own mistakes may explain" in finding.what
    assert finding.evidence["noise_evidence"] < 12.1  # chi-squared with one degree of freedom, p = 0.001 / 2


def test_the_worst_comes_first_with_both_names():
    labels = ["hat"] * 30 + ["shoe"] * 30
    outputs = np.repeat([[3.0, 0.0], [0.0, 3.0]], 30, axis=0)
    outputs[4], outputs[40] = [0.0, 6.0], [2.5, 0.0]  # said to be a shoe, and a hat
    (finding,) = checked("label_errors", make_examined(labels, out_of_fold=outputs, features=outputs))
    first, second = finding.suspects
    assert (first.row, first.given, first.suggested) == (4, "hat", "shoe")
    assert first.why == "the probe gives 'shoe' 1.00, the label 'hat' 0.00"
    assert (second.row, second.given, second.suggested) == (40, "shoe", "hat")
    assert second.why == "the probe gives 'hat' 0.92, the label 'shoe' 0.08"  # 1 / (1 + exp(-2.5)) = 0.924
    assert finding.severity == "hint"  # two suspects are no more than chance
    assert finding.what == (
        "2 of 60 labels (3 %) look wrong to a probe that had not seen them, as many as its own mistakes may explain."
    )
    assert finding.evidence["agreement"] == 58 / 60


def test_rows_count_from_the_whole_and_those_never_held_out_are_left_out():
    labels = ["hat", "shoe"] * 30
    outputs = np.tile([[3.0, 0.0], [0.0, 3.0]], (28, 1))
    outputs[6] = [0.0, 6.0]
    outputs[10] = np.nan
    examined = make_examined(labels, test=[0, 1, 2, 3], out_of_fold=outputs)
    (finding,) = checked("label_errors", examined)
    assert [suspect.row for suspect in finding.suspects] == [10]  # the seventh learned row, after four of the test
    assert finding.suspects[0].id == "hat/10.png"
    assert finding.evidence["labels"] == 55


def test_of_sets_of_labels_the_label_that_is_too_much_or_missing_is_named():
    rng = np.random.default_rng(0)
    right = rng.random((200, 3)) < 0.5
    right[:, 0] |= ~right.any(axis=1)
    given = right.copy()
    given[7, 1], given[9, 2] = not right[7, 1], not right[9, 2]
    names = np.array(["cat", "dog", "sea"])
    targets = ["|".join(names[row]) for row in given]
    examined = make_examined(targets, task="multilabel", out_of_fold=np.where(right, 4.0, -4.0))
    (finding,) = checked("label_errors", examined)
    assert {suspect.row for suspect in finding.suspects} == {7, 9}
    suspect = next(suspect for suspect in finding.suspects if suspect.row == 7)
    assert suspect.given == "|".join(names[given[7]])
    assert suspect.suggested == "|".join(names[right[7]])
    assert "'dog'" in suspect.why


def test_a_number_far_from_what_is_predicted():
    rng = np.random.default_rng(0)
    right = rng.normal(50, 10, 300)
    targets = [f"{value:.3f}" for value in right]
    targets[17] = f"{right[17] * 10:.3f}"
    examined = make_examined(targets, out_of_fold=(right + rng.normal(0, 2, 300))[:, None])
    (finding,) = checked("label_errors", examined)
    assert finding.id == "label_errors/numbers"
    assert [suspect.row for suspect in finding.suspects] == [17]
    targets[17] = f"{right[17]:.3f}"
    assert checked("label_errors", make_examined(targets, out_of_fold=examined.out_of_fold)) == []


def test_numbers_with_long_tails_are_no_mistakes():
    rng = np.random.default_rng(0)
    errors = rng.standard_cauchy(400)
    right = rng.normal(50, 10, 400)
    examined = make_examined([f"{v:.3f}" for v in right], out_of_fold=(right + errors)[:, None])
    assert checked("label_errors", examined) == []


def test_without_cleanlab_it_says_how_to_install_it(monkeypatch):
    examined, _, _ = planted(60, 2, 4.0, 0.05)
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    (finding,) = checked("label_errors", examined)
    assert (finding.id, finding.severity) == ("label_errors/not_checked", "hint")
    assert "headstart[audit]" in finding.action
