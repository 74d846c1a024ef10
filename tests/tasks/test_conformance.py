"""What ``core.learning.Task`` promises, for every task there is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.core.errors import ConfigError, DataError, HeadstartError, ShapeError
from headstart.core.files import dump_json
from headstart.core.learning import Task
from headstart.tasks.choose import configured, task_from_dict, task_module
from tasks.helpers_tasks import OF_NUMBERS, TASKS, problem

MEMBERS = (
    *("name", "kind", "class_names", "primary", "primary_reason", "loss_name", "prediction_columns", "encode"),
    *("written", "predictions", "settle", "loss", "metrics", "scores", "score", "compare", "sentence"),
    *("difference_text", "sections", "worst", "to_dict"),
)


@pytest.fixture(params=TASKS)
def name(request):
    return request.param


@pytest.fixture
def case(name):
    targets, outputs, worse = problem(name)
    task: Task = configured(name, targets)
    encoded = task.encode(targets)
    return task.settle(encoded, outputs), encoded, outputs, worse


def intervals_in(section):
    for value in section.values():
        if isinstance(value, dict):
            if "level" in value:
                yield value
            else:
                yield from intervals_in(value)


def test_every_member_of_the_contract_is_there(name, case):
    task = case[0]
    assert [member for member in MEMBERS if not hasattr(task, member)] == []
    assert task.name == name and task.primary in task.metrics(*case[1:3], 0)
    for function in ("matches", "configure", "strata", "check", "notes", "describe", "from_dict"):
        assert callable(getattr(task_module(name), function))


def test_targets_go_to_numbers_and_come_back(name, case):
    task, encoded, *_ = case
    written = task.written(encoded)
    again = task.encode(np.array([str(value) for value in written], dtype=object))
    if name == "multilabel":  # lists were given; names joined by | come back
        again = configured(name, np.array([*written, "l0|l1", "l2|l1|l0"], object)).encode(np.array(written, object))
    assert np.array_equal(again.values, encoded.values) and encoded.kind == task.kind
    assert encoded.width == max(len(task.class_names), 1)


def test_the_task_survives_json(case):
    task, encoded, outputs, _ = case
    document = json.loads(dump_json(task.to_dict()))
    again = task_from_dict(document)
    assert again.to_dict() == document
    first, second = task.predictions(outputs), again.predictions(outputs)
    assert all(list(first[column]) == list(second[column]) for column in task.prediction_columns)


def test_unknown_tasks_and_keys_are_refused(case):
    with pytest.raises(ConfigError, match="task must be one of"):
        task_from_dict({"task": "clasification"})
    with pytest.raises(ConfigError, match="a key of task"):
        task_from_dict({**case[0].to_dict(), "colour": 1})


def test_predictions_are_columns_of_equal_length(case):
    task, encoded, outputs, _ = case
    found = task.predictions(outputs)
    assert tuple(found) == task.prediction_columns and task.prediction_columns[0] == "prediction"
    assert {len(column) for column in found.values()} == {len(encoded)}
    for column, values in found.items():
        if column.startswith("probability"):
            assert ((values >= 0) & (values <= 1)).all()


def test_losses_are_small_for_good_outputs(case):
    task, encoded, outputs, worse = case
    losses = task.loss(encoded, outputs)
    assert losses.shape == (len(encoded),) and (losses >= 0).all()
    assert losses.mean() < task.loss(encoded, worse).mean()


def test_the_score_is_the_primary_metric_and_the_mean_share_grows_with_it(name, case):
    task, encoded, outputs, worse = case
    score = task.score(encoded, outputs)
    assert score == pytest.approx(task.metrics(encoded, outputs, 0)[task.primary]["value"])
    mean = task.scores(encoded, outputs).mean()
    assert mean == pytest.approx(score**2 if name in OF_NUMBERS else score)
    assert (score < task.score(encoded, worse)) == (name in OF_NUMBERS)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_few_examples_have_intervals_or_a_reason(name, n):
    targets, outputs, worse = problem(name)
    task = configured(name, targets)
    encoded = task.encode(targets[:n])
    task = task.settle(encoded, outputs[:n])
    section = task.metrics(encoded, outputs[:n], 0)
    for one in [*intervals_in(section), *intervals_in(task.compare(encoded, outputs[:n], worse[:n], 0))]:
        if one["low"] is None:
            assert one["high"] is None and one["note"]
        else:
            assert one["low"] <= one["value"] + 1e-9 and one["value"] <= one["high"] + 1e-9
    assert dump_json({**section, **task.sections(encoded, outputs[:n], 0)})
    assert task.sentence(section, n).endswith(".")


def test_a_difference_is_positive_where_the_first_is_better_and_turns_with_its_sides(case):
    task, encoded, outputs, worse = case
    found = task.compare(encoded, outputs, worse, 0)
    assert set(found) == {task.primary, "difference"}
    assert found[task.primary]["value"] == pytest.approx(task.score(encoded, worse))
    difference = found["difference"]
    assert 0 < difference["low"] <= difference["value"] <= difference["high"]
    turned = task.compare(encoded, worse, outputs, 0)["difference"]
    assert (turned["value"], turned["low"]) == pytest.approx((-difference["value"], -difference["high"]))
    size, span = task.difference_text(difference)
    assert size[0].isdigit() and span.startswith("95 % interval +")


def test_equal_models_differ_by_nothing(case):
    task, encoded, outputs, _ = case
    difference = task.compare(encoded, outputs, outputs, 0)["difference"]
    assert difference["value"] == 0 and (difference["low"] is None or difference["low"] < 0 < difference["high"])
    assert all(isinstance(text, str) for text in task.difference_text(difference))


def test_worst_is_worst_first_and_only_what_is_wrong(case):
    task, encoded, outputs, worse = case
    found = task.worst(encoded, worse, 1000)
    assert len({wrong.row for wrong in found}) == len(found) > 3
    assert all(wrong.target != wrong.prediction for wrong in found)
    assert task.worst(encoded, worse, 2) == found[:2]


def test_the_order_of_examples_is_irrelevant(case):
    task, encoded, outputs, _ = case
    order = np.random.default_rng(0).permutation(len(encoded))
    first, second = task.metrics(encoded, outputs, 0), task.metrics(encoded.take(order), outputs[order], 0)
    for name in set(first) - {"per_class", "map"}:  # map's interval cuts examples in halves
        for key in ("value", "low", "high"):
            assert first[name][key] == pytest.approx(second[name][key], rel=1e-9), (name, key)


def test_the_same_seed_gives_the_same_section(case):
    task, encoded, outputs, worse = case
    assert task.metrics(encoded, outputs, 3) == task.metrics(encoded, outputs, 3)
    assert task.compare(encoded, outputs, worse, 3) == task.compare(encoded, outputs, worse, 3)


def test_rows_that_were_never_held_out_do_not_count_when_it_settles(case):
    task, encoded, outputs, _ = case
    some, missing = outputs.copy(), np.full_like(outputs, np.nan)
    some[::2] = np.nan
    assert task.settle(encoded, some).to_dict() == task.settle(encoded.take(np.s_[1::2]), outputs[1::2]).to_dict()
    assert task.settle(encoded, missing).predictions(outputs)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_outputs_that_are_not_finite_are_refused(case, bad):
    task, encoded, outputs, _ = case
    outputs = outputs.copy()
    outputs[3, 0] = bad
    for call in (
        lambda: task.predictions(outputs),
        lambda: task.loss(encoded, outputs),
        lambda: task.metrics(encoded, outputs, 0),
        lambda: task.score(encoded, outputs),
        lambda: task.worst(encoded, outputs, 1),
    ):
        with pytest.raises(HeadstartError, match="1 of 90 rows hold NaN or infinity, row 3 first"):
            call()


def test_outputs_of_another_shape_are_refused(case):
    task, encoded, outputs, _ = case
    for wrong in (outputs[:-1], np.repeat(outputs, 2, axis=1), outputs[:, 0]):
        with pytest.raises(ShapeError, match="outputs must have shape"):
            task.metrics(encoded, wrong, 0)


def test_strata_cover_all_rows_and_never_raise(name):
    targets, *_ = problem(name)
    strata = task_module(name).strata(targets)
    assert strata.shape == (len(targets),) and strata.dtype == np.int64 and strata.min() >= 0
    assert task_module(name).strata(np.array(["1", "something else", "3;4", "[]"], object)).shape == (4,)


def test_targets_that_can_be_learned_pass_and_are_described(name):
    targets, *_ = problem(name)
    module = task_module(name)
    module.check(targets, {"test": targets[:20]})
    assert module.describe(targets) and isinstance(module.notes(targets, {"test": targets[:20]}), list)


def test_targets_that_are_all_the_same_cannot_be_learned(name):
    same = np.array(["[]" if name == "multilabel" else "7"] * 5, object)
    with pytest.raises(DataError, match="needs|at least"):
        task_module(name).check(same, {})
