"""The chooser is learned from what decides, and shifts are made as they say."""

from __future__ import annotations

import numpy as np
import pytest
from shifts import learning, summary
from shifts.features import Rows
from shifts.sets import SETS, Source
from shifts.variations import fewer, variations

SETS_MADE, SHIFTS = ("a", "b", "c"), 8


def made_records(seed=0, noise=0.3):
    """Three sets of shifts, two adapters: ``good`` tells the gain, ``bad`` does not."""
    rng = np.random.default_rng(seed)
    runs = []
    for name in SETS_MADE:
        for number in range(SHIFTS):
            truth, start = np.ones(200, int), np.zeros(200, int)
            start[:100] = 1
            heads = {"source_only": told(start, start, truth, {"good": 0.5, "bad": 0.5})}
            for adapter in ("one", "two"):
                answers = start.copy()
                won, lost = rng.integers(0, 40, 2)
                answers[100 : 100 + won], answers[:lost] = 1, 0
                gain = (won - lost) / 200
                values = {"good": 0.5 + gain / 2 + noise * rng.normal() / 100, "bad": rng.random()}
                heads[adapter] = told(answers, start, truth, values)
            runs.append(
                {"name": f"{name}/{number}", "set": name, "kind": "domain", "tried": heads, "target": 200,
                 "truth": truth.tolist(), "with_labels": 0.9, "classes": 2}
            )  # fmt: skip
    return runs


def told(answers, start, truth, values):
    right, was = answers == truth, start == truth
    return {
        "score": float(right.mean()), "changed": float((answers != start).mean()), "values": values,
        "won": int((right & ~was).sum()), "lost": int((~right & was).sum()), "answers": answers.tolist(),
    }  # fmt: skip


@pytest.fixture(scope="module")
def records():
    return made_records()


@pytest.fixture(scope="module")
def table(records):
    return learning.table_of(records)


def test_the_coefficient_of_what_tells_the_gain_is_found_and_the_other_is_none(table):
    chooser, _ = learning.learned(table)
    assert chooser.coefficients["good"] == pytest.approx(2, abs=0.2)
    assert chooser.coefficients.get("bad", 0) < 0.02
    assert chooser.shifts == len(SETS_MADE) * SHIFTS and chooser.sets == SETS_MADE
    assert chooser.residuals[0] < 0 < chooser.residuals[1]


def test_a_validator_that_points_the_wrong_way_is_left_out(records):
    def turned(heads):
        return {name: {**head, "values": {"good": -head["values"]["good"]}} for name, head in heads.items()}

    wrong = [{**run, "tried": turned(run["tried"])} for run in records]
    assert learning.learned(learning.table_of(wrong))[0].coefficients == {}


def test_estimates_of_a_set_do_not_change_with_its_own_gains(table):
    lied = learning.Table(
        table.names, table.steps, np.where(table.set == "a", -table.gain, table.gain), table.changed, table.shift,
        table.set, table.adapter,
    )  # fmt: skip
    mine = table.set == "a"
    assert learning.estimates(lied, table.set)[mine] == pytest.approx(learning.estimates(table, table.set)[mine])


def test_without_penalty_and_with_squares_it_is_least_squares(table, monkeypatch):
    monkeypatch.setattr(learning, "FAR", 1e9)
    free = learning.model_of(table, 1e-9, np.array([name == "good" for name in table.names]))
    scale = learning.FLOOR + table.changed
    x, y = table.steps[:, table.names.index("good")] / scale, table.gain / scale
    assert free.of_validators[table.names.index("good")] == pytest.approx(float(x @ y / (x @ x)), rel=1e-4)


def test_a_choice_by_a_telling_validator_is_near_the_best_and_by_a_coin_it_is_not(table, records):
    by = learning.estimates(table, table.set)
    chosen = summary.figures(summary.outcomes(table, records, by, guarded=True), records)
    assert chosen["to_oracle"] < 1.5 and chosen["below"] < 0.1 and chosen["pooled"]["low"] > 0
    coin = summary.alone(table, "bad")
    good = summary.alone(table, "good")
    assert good["within"] > 0.7 > coin["within"]


def test_counts_of_the_pooled_difference_are_those_of_the_chosen_heads(table, records):
    found = {run["name"]: {"chosen": "one"} for run in records}
    pooled = summary.pooled(found, records)
    won = sum(run["tried"]["one"]["won"] - run["tried"]["one"]["lost"] for run in records)
    assert pooled["rows"] == 200 * len(records)
    assert pooled["value"] == pytest.approx(100 * won / pooled["rows"])


def test_half_of_the_classes_become_rare_and_the_others_the_other_time():
    truth = np.arange(400) % 4
    one, other = (fewer(np.arange(400), truth, way, np.random.default_rng(0)) for way in (False, True))
    counts = [np.bincount(truth[each], minlength=4) for each in (one, other)]
    assert sorted((counts[0] == 100).tolist()) == [False, False, True, True]
    assert ((counts[0] == 100) != (counts[1] == 100)).all()


def test_rows_are_never_source_and_target_at_once_unless_the_target_is_corrupted():
    rng = np.random.default_rng(1)
    rows = Rows(
        np.arange(120) % 3, np.array(["here", "there", "elsewhere"])[np.arange(120) // 40],
        {"clean": rng.normal(size=(120, 2))},
    )  # fmt: skip
    found = list(variations("x", Source(lambda data: None, (("here", "there"), ("*", "there"))), rows))
    assert [each.name for each in found[:3]] == ["x/here_to_there/as_is", "x/*_to_there/as_is", "x/no_shift/as_is"]
    for each in found:
        assert not set(each.source.tolist()) & set(each.target.tolist())
    assert len({each.name for each in found}) == len(found) == 2 * 3 + 2


def test_corruptions_that_sets_name_are_there():
    from headstart.data.corruptions.contract import corruptions_of

    known = {**corruptions_of("image"), **corruptions_of("text")}
    for source in SETS.values():
        for name, strength in source.worse.values():
            assert strength in known[name].strengths or strength <= max(known[name].strengths)


def test_ways_that_change_the_network_are_learned_apart(records):
    """Their gains follow ``bad`` and not ``good``: each kind finds its own."""
    runs = []
    for run in records:
        one = run["tried"]["one"]
        gain = one["score"] - run["tried"]["source_only"]["score"]
        mine = {**one, "values": {"good": 0.5, "bad": 0.5 + gain / 4}}
        runs.append({**run, "tried": {**run["tried"], "network_statistics": mine}})
    found, strengths = learning.learned(learning.table_of(runs))
    assert found.coefficients["good"] == pytest.approx(2, abs=0.2) and len(strengths) == 2
    assert found.networks.coefficients["bad"] == pytest.approx(4, abs=0.2)
    assert "good" not in found.networks.coefficients
