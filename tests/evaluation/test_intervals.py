import math

import pytest

from headstart.core.files import dump_json
from headstart.evaluation.intervals import interval, warnings_of


def test_an_interval_is_plain_json():
    assert dump_json(interval(0.5, (0.25, 0.75)))
    assert interval(0.5, (0.25, 0.75)) == {"value": 0.5, "low": 0.25, "high": 0.75, "level": 0.95}


def test_an_interval_that_cannot_be_given_says_why():
    assert interval(0.5, None, "one fold") == {
        "value": 0.5,
        "low": None,
        "high": None,
        "level": 0.95,
        "note": "one fold",
    }


@pytest.mark.parametrize("value, bounds", [(math.nan, None), (0.5, (0.1, math.inf))])
def test_numbers_that_json_does_not_know_are_refused(value, bounds):
    with pytest.raises(ValueError, match="must be finite"):
        interval(value, bounds)


def test_notes_of_many_classes_become_one_warning():
    missing = interval(None, None, "the class has no test example")
    section = {
        "accuracy": interval(0.5, (0.4, 0.6)),
        "log_loss": interval(0.7, None, "all alike"),
        "per_class": {name: {"recall": missing, "n": 0} for name in "abcde"},
    }
    assert warnings_of(section) == [
        "log_loss has no interval: all alike",
        "recall of 'a', 'b', 'c' and 2 more has no interval: the class has no test example",
    ]


def test_three_classes_are_all_named_and_a_fourth_is_one_more():
    missing = interval(None, None, "no example")
    for names, said in (("abc", "recall of 'a', 'b', 'c' has"), ("abcd", "recall of 'a', 'b', 'c' and 1 more has")):
        (sentence,) = warnings_of({"per_class": {name: {"recall": missing} for name in names}})
        assert sentence == f"{said} no interval: no example"


def test_the_owner_is_named_wherever_it_stands_and_a_lone_number_is_the_value():
    missing = interval(None, None, "no example")
    assert warnings_of({"hat": {"recall": missing}}) == ["recall of 'hat' has no interval: no example"]
    assert warnings_of(missing) == ["value has no interval: no example"]


def test_a_section_whose_intervals_are_all_given_has_no_warnings():
    assert warnings_of({"accuracy": interval(0.5, (0.4, 0.6))}) == []
