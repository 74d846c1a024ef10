"""The pure parts of the benchmark of regret: halves, the oracle, intervals, the grid."""

from __future__ import annotations

import csv
import json
from collections import Counter

import numpy as np
import pytest
from comparison.regret_grid import FIRST, GRIDS, MOST, Entry
from comparison.regret_scores import halves, mean_of_sets, picked, regret
from comparison.regret_sets import SETS, Table, drawn
from comparison.regret_summary import Outcomes, document, sets_table, tables_of, targets
from grid_fit import digest, options_of
from hypothesis import given
from hypothesis import strategies as st

CLASSES = [0, 0, 1, 1]
FIRST_HALF = np.array([True, False, True, False])


def of(text: str) -> np.ndarray:
    return np.array([int(letter) for letter in text])


@given(st.lists(st.integers(0, 4), min_size=1), st.integers(0, 3))
def test_halves_part_every_class_and_the_whole_within_one_example(classes, seed):
    first = halves(classes, seed)
    assert abs(2 * int(first.sum()) - len(classes)) <= 1
    one, other = (Counter(np.asarray(classes)[rows].tolist()) for rows in (first, ~first))
    assert all(abs(one[name] - other[name]) <= 1 for name in set(classes))
    np.testing.assert_array_equal(first, halves(classes, seed))


def test_halves_differ_between_seeds():
    assert len({halves([0, 1] * 20, seed).tobytes() for seed in range(5)}) == 5


def test_of_candidates_that_are_as_good_the_first_is_picked():
    right = {"probe": of("1010"), "trained": of("1011")}
    assert picked(right, FIRST_HALF) == "probe"
    assert picked(right, ~FIRST_HALF) == "trained"


def test_the_oracle_is_scored_on_the_half_that_it_was_not_picked_on():
    # "lucky" is right on the whole first half (rows 0 and 2) and nowhere else, "steady" on row 0 and the second half:
    # picked on the first half is "lucky" (0 of 2 on the second), on the second "steady" (1 of 2 on the first)
    right = {"lucky": of("1010"), "steady": of("1101")}
    found = regret(right, of("0000"), FIRST_HALF)
    assert found.picks == ("lucky", "steady")
    assert (found.oracle, found.ours, found.points) == (0.25, 0.0, 25.0)


def test_a_run_that_is_the_only_candidate_has_no_regret_and_an_interval_around_0():
    found = regret({"probe": of("1011")}, of("1011"), FIRST_HALF)
    assert found.points == 0
    low, high = found.interval
    assert low == pytest.approx(-high)
    assert high == pytest.approx(100 * 1.96**2 / (4 + 1.96**2), abs=0.01)  # Tango's, without a discordant example


@given(st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=2, max_size=30), st.integers(0, 3))
def test_regret_lies_in_its_interval_and_turns_with_the_run(rows, seed):
    one, two, ours = np.array(rows).T
    first = halves([0] * len(ours), seed)
    found = regret({"one": one, "two": two}, ours, first)
    assert found.interval[0] - 1e-9 <= found.points <= found.interval[1] + 1e-9
    assert found.points == pytest.approx(100 * (found.oracle - found.ours))
    assert found.oracle <= np.maximum(one, two).mean()


def test_the_mean_is_over_sets_and_its_interval_over_seeds():
    # variances 2 and 0, means 1 and 3: mean 2, squared error 2 / 2 / 2**2 = 0.25 with one degree of freedom
    mean, interval = mean_of_sets({"a": [0.0, 2.0], "b": [3.0, 3.0]})
    assert mean == 2
    assert interval == pytest.approx((2 - 12.7062 * 0.5, 2 + 12.7062 * 0.5), abs=1e-3)


def test_one_seed_gives_a_mean_without_an_interval():
    assert mean_of_sets({"a": [1.0], "b": [0.0, 1.0]}) == (0.75, None)


def test_with_equal_spread_the_interval_has_the_freedom_of_all_seeds():
    # two sets of three seeds with variance 1: squared error 2 * 1 / 3 / 4, 4 degrees of freedom
    _, interval = mean_of_sets({"a": [0.0, 1.0, 2.0], "b": [0.0, 1.0, 2.0]})
    assert interval is not None and interval[1] - 1 == pytest.approx(2.7764 * (1 / 6) ** 0.5, abs=1e-3)


@pytest.mark.parametrize("kind", GRIDS)
def test_a_grid_has_few_candidates_of_different_names_and_known_methods(kind):
    from headstart.core import plugins

    grid = GRIDS[kind]
    assert len({entry.name for entry in grid}) == len(grid) <= MOST
    for entry in grid:
        if entry.how != "given":
            plugins.load("methods", entry.method).config.parse(dict(entry.options), entry.name)


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_the_first_training_is_the_one_that_measures(kind):
    trained = [entry for entry in GRIDS[kind] if entry.how == "trained"]
    assert trained[0].name == FIRST and not trained[0].options


def test_depth_is_relative_to_the_measured_one_and_stays_in_the_network():
    measured = {"freeze": 5, "precision": "float32", "lr": 1.0}
    depths = [options_of(Entry("a", "trained", deeper=deeper), measured, 6)["freeze"] for deeper in (-9, -2, 0, 2)]
    assert depths == [0, 3, 5, 6]
    whole = {"freeze": 0, "precision": "float32"}
    assert options_of(Entry("a", "trained", options={"freeze": 0}), measured, 6) == whole


def test_length_is_relative_to_that_of_the_first_training():
    measured = {"freeze": 5, "precision": "float32", "epochs": 4}
    assert options_of(Entry("a", "trained", longer=3), measured, 6)["epochs"] == 12
    assert "epochs" not in options_of(Entry("a", "trained"), measured, 6)


def test_the_digest_of_a_test_ignores_its_order():
    assert digest(["b", "a"]) == digest(["a", "b"]) != digest(["a", "c"])


@given(st.lists(st.sampled_from("abc"), min_size=20, max_size=60), st.integers(0, 3))
def test_drawn_parts_are_disjoint_and_keep_the_shares(labels, seed):
    sizes = (len(labels) // 2, len(labels) // 4)
    parts = drawn(labels, sizes, seed)
    assert not set(parts[0]) & set(parts[1])
    for part, size in zip(parts, sizes, strict=True):
        counts = Counter(labels[number] for number in part)
        assert all(counts[name] == round(size * labels.count(name) / len(labels)) for name in set(labels))


def test_a_table_is_pooled_and_drawn_anew_for_each_seed(tmp_path):
    source = tmp_path / "data" / "pool"
    source.mkdir(parents=True)
    for part, numbers in (("train", range(30)), ("test", range(30, 40))):
        rows = "".join(f"{number},{'yes' if number % 2 else 'no'}\n" for number in numbers)
        (source / f"{part}.csv").write_text(f"number,label\n{rows}")
    tests = []
    for seed in (0, 1):
        folder = Table("pool", train=10, test=20).folder(tmp_path / "data", tmp_path / "work", seed)
        train, test = (read(folder / f"{part}.csv") for part in ("train", "test"))
        assert (len(train), len(test)) == (10, 20) and not train & test
        tests.append(test)
    assert tests[0] != tests[1]


def read(path):
    with path.open(newline="") as stream:
        return {row["number"] for row in csv.DictReader(stream)}


def test_every_set_has_a_grid():
    assert {each.kind for each in SETS.values()} <= {*GRIDS}


def grid_of(name: str, seed: int, **right: str) -> list[dict]:
    same = {"ok": True, "failure": None, "ids": "d", "primary": "accuracy", "wall_seconds": 1.0, "cpu_seconds": 1.0}
    truth = {**same, "name": f"{name}/{seed}/truth", "entry": "truth", "classes": CLASSES}
    losses = range(len(right))
    return [truth] + [
        {**same, "name": f"{name}/{seed}/{entry}", "entry": entry, "val_loss": float(loss), "settings": {},
         "right": of(text).tolist()}
        for (entry, text), loss in zip(right.items(), losses, strict=True)
    ]  # fmt: skip


def fit_of(name: str, seed: int, right: str, wall: float = 100.0, ids: str = "d") -> dict:
    found = {"name": f"{name}/{seed}/3", "set": name, "seed": seed, "minutes": 3.0, "ok": True, "failure": None}
    return {**found, "ids": ids, "right": of(right).tolist(), "wall_seconds": wall}


def test_promises_are_judged_by_the_mean_the_worst_and_the_clock():
    grid = [*grid_of("trec_8", 0, linear_probe="1111"), *grid_of("telco_churn", 0, linear_probe="1110")]
    found = Outcomes(grid, [fit_of("trec_8", 0, "1111"), fit_of("telco_churn", 0, "1100", wall=181.0)])
    assert [target.met for target in targets(found, 3.0)] == [False, False, False, False]
    assert [target.measured.split()[0] for target in targets(found, 3.0)] == ["+12.50", "+25.00", "+25.0", "181"]
    better = Outcomes(grid, [fit_of("trec_8", 0, "1111"), fit_of("telco_churn", 0, "1110")])
    assert all(target.met for target in targets(better, 3.0))


def test_what_has_no_fit_or_no_grid_is_left_out_and_failed_candidates_too():
    grid = grid_of("trec_8", 0, linear_probe="1100", lp_ft="1111")
    grid[-1] = {**grid[-1], "ok": False, "right": None}
    found = Outcomes(grid, [fit_of("trec_8", 0, "1100"), fit_of("trec_8", 1, "1111")])
    assert list(found.runs) == [("trec_8", 0)]
    assert found.runs["trec_8", 0]["points"] == 0
    assert found.candidates("trec_8") == "1 of 24"
    assert targets(Outcomes([], []), 3.0) == []


def test_a_fit_on_another_test_than_the_grids_is_an_error():
    with pytest.raises(ValueError, match="another test"):
        Outcomes(grid_of("trec_8", 0, linear_probe="1100"), [fit_of("trec_8", 0, "1100", ids="e")])


def test_larger_networks_are_left_out_of_the_regret_on_the_default_network():
    right = {"linear_probe": "1000", "linear_probe, lite2": "1111"}
    found = Outcomes(grid_of("clothing_small", 0, **right), [fit_of("clothing_small", 0, "1000")])
    assert found.points() == {"clothing_small": [75.0]}
    assert found.points("default_network_points") == {"clothing_small": [0.0]}


def test_the_least_validation_loss_says_what_would_be_picked_without_the_test():
    found = Outcomes(grid_of("trec_8", 0, linear_probe="1000", lp_ft="1111"), [fit_of("trec_8", 0, "1000")])
    (row,) = (line for line in sets_table(found).splitlines() if line.startswith("| trec_8"))
    assert [cell.strip() for cell in row.split("|")][-3] == "0.250"


def test_tables_and_document_hold_every_run_but_not_the_answers():
    found = Outcomes(grid_of("trec_8", 0, linear_probe="1100", lp_ft="1111"), [fit_of("trec_8", 0, "1100")])
    text = "\n".join(tables_of(found, 3.0))
    assert "| trec_8" in text and "1.000 (2)" in text
    (run,) = document(found, 3.0)["runs"]
    assert run["points"] == 50 and [each["accuracy"] for each in run["grid"]] == [0.5, 1.0]
    assert "right" not in run["fit"] and "right" not in run["grid"][0]


def test_draws_that_were_measured_earlier_stand_beside_new_ones_which_replace_their_own():
    before = Outcomes(
        [*grid_of("trec_8", 0, linear_probe="1100", lp_ft="1111"), *grid_of("trec_8", 1, linear_probe="1110")],
        [fit_of("trec_8", 0, "1100"), fit_of("trec_8", 1, "1110")],
    )
    kept = json.loads(json.dumps(document(before, 3.0)))["runs"]
    assert tables_of(Outcomes([], [], kept), 3.0) == tables_of(before, 3.0)
    found = Outcomes(grid_of("trec_8", 1, linear_probe="1110"), [fit_of("trec_8", 1, "0000")], kept)
    assert found.points() == {"trec_8": [50.0, 75.0]}
