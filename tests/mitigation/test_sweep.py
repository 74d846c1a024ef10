import numpy as np

from headstart.mitigation.sweep import suited, sweep
from mitigation.helpers_mitigation import PROBE, given


def test_what_suits_depends_on_the_targets_and_on_whether_the_group_is_known_later():
    training = ["balanced_subsampling", "budgeted_dro", "dfr", "group_dro", "reweighting"]
    assert suited("class", 2, group_at_prediction=False) == training
    assert suited("class", 2, group_at_prediction=True) == sorted([*training, "group_thresholds"])
    assert suited("class", 3, group_at_prediction=True) == training
    assert suited("real", 1, group_at_prediction=True) == ["balanced_subsampling", "reweighting"]


def test_every_mitigation_at_every_strength_is_a_point_and_a_solution():
    names = ["reweighting", "group_thresholds"]
    swept = sweep(given(300), PROBE, names, ["red", "blue"], strengths=(0.5, 1.0), by="group_class", least=3)
    assert [(p["mitigation"], p["strength"]) for p in swept.curve["points"]] == list(swept.solutions)
    assert list(swept.solutions) == [
        ("none", 0.0), ("reweighting", 0.5), ("reweighting", 1.0), ("group_thresholds", 0.5), ("group_thresholds", 1.0),
    ]  # fmt: skip
    assert set(swept.curve["groups"]) <= {f"{colour} & {target}" for colour in ("red", "blue") for target in (0, 1)}
    full = swept.curve["points"][2]
    assert full["worst_change"] > 0.1


def test_adding_a_mitigation_changes_no_other_one():
    one, two = (
        sweep(given(200), PROBE, names, ["a", "b"], strengths=(1.0,))
        for names in (["balanced_subsampling"], ["reweighting", "balanced_subsampling"])
    )
    key = ("balanced_subsampling", 1.0)
    assert np.array_equal(one.solutions[key].out_of_fold, two.solutions[key].out_of_fold)
