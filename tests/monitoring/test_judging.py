import numpy as np
import pytest

from headstart.monitoring.families import LEVEL
from headstart.monitoring.judging import alarms, judged
from monitoring.helpers_monitoring import count, make_reference, make_rows


def families(reference, rows):
    return {each.family for each in alarms(judged(reference, count(reference, rows)))}


def test_nothing_is_found_where_nothing_changed(reference):
    assert families(reference, make_rows(400, 1)) == set()


@pytest.mark.parametrize(
    ("change", "family"),
    [
        ({"shares": (0.1, 0.2, 0.7)}, "classes"),
        ({"shift": 1.0}, "features"),
        ({"dark": 20.0}, "quality"),
        ({"colour": "violet"}, "columns"),
    ],
)
def test_what_changed_is_named(reference, change, family):
    found = families(reference, make_rows(400, 2, **change))
    assert family in found
    if family in ("quality", "columns"):
        assert found == {family}


def test_a_change_of_less_than_five_in_a_hundred_is_allowed_in_a_window_of_any_size():
    reference = make_reference(20_000, 5)
    rows = make_rows(20_000, 6, shares=(0.47, 0.32, 0.21), dark=0.5)
    assert families(reference, rows) == set()


def test_windows_without_any_change_raise_an_alarm_at_most_as_often_as_is_said():
    """The reference is drawn again for every ten windows: it is a sample too."""
    false = total = 0
    for seed in range(30):
        reference = make_reference(200, 1000 + seed)
        for number in range(10):
            total += 1
            false += bool(families(reference, make_rows(100, 5000 + 10 * seed + number)))
    assert total == 300
    assert false <= 5  # 1.5 are expected; more than 5 come by chance once in 200


def test_one_example_is_no_alarm_whatever_it_is(reference):
    assert families(reference, make_rows(1, 3, shift=1000.0, dark=90.0, colour="violet")) == set()


def test_unreadable_inputs_raise_an_alarm(reference):
    window = count(reference, make_rows(200, 7))
    window.unusable = 40
    (found,) = alarms(judged(reference, window))
    assert (found.family, found.name, found.now) == ("quality", "inputs that cannot be read", "16.7 %")


def test_wrong_answers_are_measured_where_targets_are_known(reference):
    rows = make_rows(300, 8)
    window = count(reference, rows)
    window.told(rows.outputs.argmax(axis=1).tolist(), [False] * 100 + [True] * 200)
    (found,) = alarms(judged(reference, window))
    assert found.family == "measured" and found.now == "33.3 %"


def test_corrected_p_values_are_never_below_the_raw_ones(reference):
    found = judged(reference, count(reference, make_rows(400, 9, dark=8.0)))
    assert all(each.corrected >= each.p for each in found)
    assert [each.is_alarm for each in found] == [each.corrected <= LEVEL for each in found]
    assert np.all(np.diff([each.corrected for each in found]) >= 0)
