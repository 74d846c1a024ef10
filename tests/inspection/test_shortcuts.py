from __future__ import annotations

import numpy as np
import pytest

from headstart.inspection.checks.simple_learner import class_predictions, number_predictions
from inspection.made_examined import checked, column, make_examined
from inspection.made_facts import said

N = 300
RNG = np.random.default_rng(0)


def logits(classes, right, width=2, seed=1):
    """Outputs of a probe that is right for a share of the rows."""
    rng = np.random.default_rng(seed)
    told = np.where(rng.random(len(classes)) < right, classes, (classes + 1) % width)
    return 4.0 * np.eye(width)[told]


def examined(facts, classes, right=0.9, width=2, **options):
    names = [f"c{number}" for number in classes]
    made = make_examined(names, facts=facts, out_of_fold=logits(classes, right, width), **options)
    object.__setattr__(made, "folds", np.random.default_rng(2).permutation(len(names)) % 5)
    return made


def classes_of(width=2, n=N):
    return np.random.default_rng(5).permutation(np.arange(n) % width)


def test_facts_that_say_nothing_are_not_told():
    facts = said("image", bytes=RNG.normal(size=N), brightness=RNG.normal(size=N), height=[9] * N, width=[9] * N)
    assert checked("shortcuts", examined(facts, classes_of())) == []


def test_a_fact_that_explains_most_of_what_the_features_do_is_a_warning_with_its_figures():
    classes = classes_of()
    facts = said("image", brightness=100 + 40 * classes + RNG.normal(0, 15, N), bytes=RNG.normal(size=N))
    (found,) = checked("shortcuts", examined(facts, classes))
    assert (found.id, found.severity) == ("shortcuts/brightness", "warning")
    assert found.evidence["low"] < found.evidence["value"] < found.evidence["high"]
    assert (found.evidence["chance"], found.evidence["n"]) == (0.5, N)
    assert (
        found.what.startswith("The mean brightness alone gives the right class for ") and "may be honest" in found.what
    )


def test_a_fact_that_explains_a_third_of_it_is_a_hint_and_one_that_explains_little_is_nothing():
    classes = classes_of(4, 1200)
    noise = np.random.default_rng(3).normal(size=1200)
    facts = said("image", bytes=classes + 1.2 * noise)
    (found,) = checked("shortcuts", examined(facts, classes, 1.0, 4))
    assert (found.id, found.severity) == ("shortcuts/bytes", "hint")
    assert checked("shortcuts", examined(said("image", bytes=classes + 5 * noise), classes, 1.0, 4)) == []


def test_together_they_are_told_only_where_none_is_telling_alone():
    classes = classes_of(8, 1600)
    bits = np.stack([classes >> place & 1 for place in range(3)])  # each tells one in four: two of eight
    facts = said("sound", seconds=bits[0], loudness=bits[1], sample_rate=bits[2])
    (found,) = checked("shortcuts", examined(facts, classes, 1.0, 8))
    assert (found.id, found.severity, found.evidence["value"]) == ("shortcuts/all", "warning", 1)


def test_a_rare_class_is_seen_once_classes_are_balanced():
    classes = (np.arange(1000) % 20 == 0).astype(np.int64)  # 50 of 1,000
    facts = said("text", characters=np.where(classes, 400, 100) + RNG.normal(0, 20, 1000))
    (found,) = checked("shortcuts", examined(facts, classes))
    assert (found.id, found.evidence["n"], found.evidence["chance"]) == ("shortcuts/length", 100, 0.5)
    assert "with as many of the commonest class as of the next" in found.what


def test_rows_that_are_never_held_out_are_learned_from_alone():
    classes = classes_of()
    made = examined(said("image", bytes=classes), classes)
    made.folds[:100] = -1
    assert checked("shortcuts", made)[0].evidence["n"] == 200


def test_the_order_of_files_in_class_folders_says_nothing():
    classes = np.sort(classes_of())
    assert checked("shortcuts", examined(said("image", bytes=RNG.normal(size=N)), classes)) == []


def table_of(classes):
    return examined({}, classes, modality="table", table={"x": column(RNG.normal(size=len(classes)), "number")})


def test_a_table_that_is_sorted_by_its_target_is_in_order_and_one_that_drifts_gives_a_hint():
    assert checked("shortcuts", table_of(np.sort(classes_of()))) == []
    assert checked("shortcuts", table_of(classes_of())) == []
    drifting = (np.random.default_rng(4).random(N) < np.linspace(0, 1, N)).astype(np.int64)
    (found,) = checked("shortcuts", table_of(drifting))
    assert (found.id, found.severity) == ("shortcuts/order", "hint")


def test_numbers_are_told_by_the_share_of_their_spread():
    length = RNG.uniform(0, 10, N)
    numbers = 3 * length + RNG.normal(0, 2, N)
    facts = said("text", characters=length)
    out_of_fold = (numbers + RNG.normal(0, 2, N))[:, None]
    made = make_examined([f"{value:.4f}" for value in numbers], task="regression", facts=facts, out_of_fold=out_of_fold)
    (found,) = checked("shortcuts", made)
    assert (found.id, found.severity, found.evidence["metric"]) == ("shortcuts/length", "warning", "r_squared")
    assert found.what.startswith("The length of the text alone explains 9")


def test_sets_of_labels_and_few_rows_are_passed_over():
    assert checked("shortcuts", make_examined(["a", "b"] * 5, facts=said("image", bytes=range(10)))) == []
    several = ['["x"]', '["x", "y"]'] * 40
    made = make_examined(several, task="multilabel", facts=said("image", bytes=[0, 1] * 40))
    assert checked("shortcuts", made) == []


def test_the_classes_of_other_folds_are_counted_by_hand():
    # fold 0 is predicted from fold 1 (values 0 0 1 1, classes 0 0 1 1) and the other way round
    columns = np.array([[0.0], [1.0], [0.0], [1.0]] * 2)
    classes = np.array([0, 1, 0, 1] * 2)
    folds = np.repeat([0, 1], 4)
    assert class_predictions(columns, classes, 2, folds).tolist() == classes.tolist()
    assert class_predictions(np.empty((8, 0)), np.array([0] * 4 + [1] * 4), 2, folds).tolist() == [1] * 4 + [0] * 4
    # of two values with means 0 and 4 about a mean of 2: each shift of 2 or -2 is drawn to 0 by a penalty of one row;
    # by symmetry 2 w = shift * (2 rows), (2 + 1) w = 4: w = 4/3
    assert number_predictions(columns, 4.0 * classes, folds)[:2] == pytest.approx([2 - 4 / 3, 2 + 4 / 3])


def test_a_number_can_tell_more_classes_than_it_has_ranges_otherwise():
    classes = np.arange(2_000) % 40
    folds = np.arange(2_000) // 40 % 5
    values = classes + np.random.default_rng(0).uniform(0, 0.5, 2_000)
    predicted = class_predictions(values[:, None], classes, 40, folds)
    assert (predicted == classes).mean() > 0.9  # sixteen ranges could tell 16 of 40 at most
