import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.reports.measures import MEASURES, level_text, measure, metrics_of
from headstart.reports.numbers import (
    MINUS,
    NO_VALUE,
    Interval,
    decimal,
    duration,
    memory,
    number,
    percent,
    signed,
    signed_number,
    weights,
)
from headstart.reports.task_facts import predicts_numbers, stated_metrics
from headstart.tasks.choose import configured
from tasks.helpers_tasks import TASKS, problem

PERCENT = "\u202f%"


def test_a_share_is_written_as_a_percentage_with_one_decimal():
    assert percent(0.8737) == f"87.4{PERCENT}"
    assert percent(1.0) == f"100.0{PERCENT}"


def test_a_share_and_its_bounds_name_the_unit_once():
    assert measure("accuracy").range(Interval(0.87, 0.834, 0.901)) == f"83.4 to 90.1{PERCENT}"


def test_a_difference_of_shares_is_in_points_with_signs():
    shown = measure("accuracy")
    assert shown.difference(Interval(0.021)) == "+2.1"
    assert shown.difference_range(Interval(0.021, -0.008, 0.05)) == f"{MINUS}0.8 to +5.0"
    assert shown.points == " points"


def test_a_difference_of_scores_keeps_three_decimals():
    assert measure("macro_f1").difference(Interval(-0.0214)) == f"{MINUS}0.021"
    assert measure("macro_f1").points == ""


def test_zero_has_no_sign():
    assert signed(0.0, 1) == "0.0"
    assert signed(-0.04, 1) == "0.0"
    assert decimal(-0.0) == "0.000"


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_decimal_reads_back_as_the_rounded_number(value, digits):
    text = decimal(value, digits)
    assert float(text.replace(",", "").replace(MINUS, "-")) == pytest.approx(
        round(value, digits), abs=1.01 * 10.0**-digits
    )
    assert "-" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0031, "3.1\u202fms"),
        (6.84, "6.8\u202fs"),
        (125, "2\u202fmin 5\u202fs"),
        (3900, "1\u202fh 5\u202fmin"),
        (None, NO_VALUE),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, text):
    assert duration(seconds) == text


def test_large_sizes_change_their_unit():
    assert memory(812.4) == "812\u202fMiB"
    assert memory(1536) == "1.5\u202fGiB"
    assert weights(4_652_008) == "4.7 million"
    assert weights(1281) == "1,281"
    assert number(0.000123456) == "0.0001235"


def test_what_is_no_number_becomes_a_dash():
    for value in (None, True, "5", math.nan, [1]):
        assert number(value) == NO_VALUE


def test_an_interval_needs_both_bounds():
    assert Interval.of({"value": 0.5, "low": None, "high": None}) == Interval(0.5)
    assert Interval.of({"value": 0.5, "low": 0.4, "high": None}).bounds is None
    assert Interval.of({"value": 0.5, "low": 0.4, "high": 0.6, "level": 0.9}) == Interval(0.5, 0.4, 0.6, 0.9)
    assert Interval.of({"value": None}) is None
    assert Interval.of("0.5") is None
    assert Interval.of(0.5) == Interval(0.5)


def test_levels_that_differ_are_all_named():
    assert level_text([Interval(0.5, 0.4, 0.6), Interval(0.5, 0.4, 0.6, 0.9), None]) == f"95{PERCENT} or 90{PERCENT}"


def test_a_metric_that_is_not_known_keeps_its_own_name():
    assert measure("top_5_accuracy").label == "Top 5 accuracy"
    assert measure("top_5_accuracy").value(Interval(0.91234)) == "0.912"


def test_labels_inside_a_sentence_keep_their_capitals():
    assert measure("accuracy").inline == "accuracy"
    assert measure("macro_f1").inline == "macro-F1"
    assert measure("roc_auc").inline == "ROC AUC"


def test_every_metric_has_a_meaning_that_is_a_sentence():
    for shown in MEASURES.values():
        assert shown.meaning.endswith(".")


@pytest.mark.parametrize("name", TASKS)
def test_every_metric_of_every_task_can_be_explained(name):
    targets, outputs, _ = problem(name)
    task = configured(name, targets)
    encoded = task.encode(targets)
    section = task.settle(encoded, outputs).metrics(encoded, outputs, 0)
    for metric in metrics_of(section):
        shown = measure(metric)
        assert shown.meaning.endswith("."), f"state {metric} in METRICS of tasks/{name}.py"
    assert (measure(task.primary).better == "lower") == predicts_numbers(name) == (task.kind == "real")


def test_a_task_that_is_not_known_predicts_no_numbers():
    assert not predicts_numbers("no_such_task") and not predicts_numbers(None)


@pytest.mark.parametrize(("name", "metric"), stated_metrics().items())
def test_what_a_task_states_is_not_stated_twice(name, metric):
    assert name not in MEASURES and measure(name).label == metric.label and metric.meaning.endswith(".")


def test_numbers_from_a_thousand_on_are_whole_and_never_powers_of_ten():
    assert number(11419.54) == "11,420" and number(-1951.2) == "\u22121,951"
    assert signed_number(-3080.4) == "\u22123,080" and signed_number(0.123456) == "+0.1235"
