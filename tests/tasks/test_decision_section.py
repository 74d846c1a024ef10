import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.tasks.decision import DecisionRule
from headstart.tasks.decision_request import DecisionRequest
from headstart.tasks.decision_section import decision_section

NAMES = ("no", "yes")


def section(asked, rule, truth, p):
    p = np.asarray(p, float)
    found = decision_section(asked, rule, NAMES, np.asarray(truth), np.stack([1 - p, p], axis=1))
    dump_json(found)  # plain values
    return found.get("decision")


def test_two_classes_have_operating_points_without_being_asked():
    found = section(None, None, [1, 0], [0.9, 0.2])
    assert set(found) == {"positive", "operating_points"} and found["positive"] == "yes"
    assert [point["threshold"] for point in found["operating_points"]] == [round(0.1 * k, 1) for k in range(1, 10)]


def test_three_classes_have_nothing_to_say_without_being_asked():
    assert decision_section(None, None, ("a", "b", "c"), np.array([0, 1]), np.eye(3)[:2]) == {}


@pytest.mark.parametrize(
    ("hits", "kept"), [(95, "yes"), (85, "unclear"), (60, "no")]
)  # of 100 positives; the exact interval of 85 is 0.765 to 0.914
def test_whether_a_recall_was_kept(hits, kept):
    p = np.array([0.8] * hits + [0.1] * (100 - hits) + [0.1] * 50)
    found = section(DecisionRequest(recall=0.9), DecisionRule(positive=1, threshold=0.5), [1] * 100 + [0] * 50, p)
    assert found["kept"] == kept and found["test"]["recall"]["value"] == hits / 100


def test_a_test_without_positives_cannot_say():
    found = section(DecisionRequest(recall=0.9), DecisionRule(positive=1, threshold=0.5), [0, 0], [0.1, 0.2])
    assert found["kept"] == "unclear" and found["test"]["recall"]["note"] == "there is no positive test example"


def test_the_rules_own_threshold_is_among_the_points_and_its_note_is_a_warning():
    rule = DecisionRule(positive=1, threshold=0.23, note="why")
    found = section(DecisionRequest(precision=0.9), rule, [1, 0], [0.9, 0.2])
    assert 0.23 in [point["threshold"] for point in found["operating_points"]] and found["warning"] == "why"


def test_costs_by_hand():
    rule = DecisionRule(costs=((0, 1), (10, 0)))
    found = section(DecisionRequest(costs=[[0, 1], [10, 0]]), rule, [1, 1, 0, 0], [0.9, 0.3, 0.3, 0.01])
    # decided yes, yes, yes, no: one needless alarm; the most probable class misses one at 10
    assert found["cost"]["value"] == 0.25 and found["cost_of_the_most_probable"]["value"] == 2.5
    assert found["saved"]["value"] == 2.25


def test_costs_of_one_size_have_the_exact_paired_interval():
    rule = DecisionRule(costs=((0, 3), (3, 0)))
    found = section(DecisionRequest(costs=[[0, 3], [3, 0]]), rule, [1, 0], [0.9, 0.2])
    assert found["saved"]["value"] == 0 and found["saved"]["low"] is None
    assert found["saved"]["note"] == "both decide alike"
