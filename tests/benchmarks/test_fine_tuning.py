"""The pure parts of the benchmarks of fine-tuning: summaries, pairs, draws of settings."""

from __future__ import annotations

import json

import epoch_cost
import pytest
import train_methods
from comparison import earlier, lines, tools
from comparison.paired import difference, difference_interval, error_ratio
from comparison.records import Record, append, done, key, read
from comparison.tuning_runs import FIELDS, accuracy_jobs, equal_time_jobs, timed_jobs
from comparison.tuning_sets import first_of_each
from comparison.tuning_summary import (
    Outcomes,
    equal_time_ratios,
    geometric_mean,
    rows,
    targets,
)
from foolish_settings import draw, outcome, percentile
from foolish_settings import targets as foolish_targets
from predicted_seconds import predictions
from predicted_seconds import targets as prediction_targets
from texts.draws import read_csv, write_draw


def record(
    tool: str, name: str = "a", split: int = 0, accuracy: float = 0.5, wall: float = 1.0, **more: object
) -> Record:
    found = {"tool": tool, "set": name, "split": split, "pair": 0, "timed": False, "beside": "", "ok": True}
    fit = {"candidates": {}, "chosen": "lp_ft"} if tool in ("lp_ft", "minutes") else {}
    return {**found, **fit, "accuracy": accuracy, "n_test": 100, "wall_seconds": wall, **more}


def pair(name: str, peer: str, ours: float, theirs: float) -> list[Record]:
    return [
        record("lp_ft", name, wall=ours, timed=True, beside=peer),
        record(peer, name, wall=theirs, timed=True),
    ]


def target(found, beginning):
    (only,) = [each for each in found if each.name.startswith(beginning)]
    return only


def test_differences_are_taken_on_the_splits_that_both_have():
    assert difference({(0, 0): 0.75, (1, 0): 0.0}, {(0, 0): 0.5, (2, 0): 1.0}) == 25.0
    assert difference({(0, 0): 0.75}, {(1, 0): 0.5}) is None


def test_a_split_counts_once_however_many_seeds_it_has():
    ours = {(0, 0): 0.5, (0, 1): 1.0, (1, 0): 0.25}
    assert difference(ours, {(0, 0): 0.5, (1, 0): 0.25, (1, 3): 0.25}) == 12.5


def test_the_interval_of_a_difference_holds_the_difference_and_narrows_with_more_examples():
    ours, theirs = {(0, 0): 0.8}, {(0, 0): 0.6}
    low, high = difference_interval(ours, theirs, 100)
    assert low < 20.0 < high
    assert difference_interval(ours, theirs, 10_000) > (low,)
    # by hand: Clopper-Pearson gives 0.708-0.873 and 0.497-0.697
    assert low == pytest.approx(100 * (0.2 - ((0.8 - 0.7082) ** 2 + (0.6967 - 0.6) ** 2) ** 0.5), abs=0.05)


def test_without_test_examples_there_is_no_interval():
    assert difference_interval({(0, 0): 0.8}, {(0, 0): 0.6}, 0) is None


def test_error_ratios_are_those_of_mean_errors_on_common_splits():
    ours, theirs = {(0, 0): 0.9, (1, 0): 0.7, (2, 0): 0.0}, {(0, 0): 0.8, (1, 0): 0.4}
    assert error_ratio(ours, theirs, 100) == pytest.approx(0.2 / 0.4)


def test_a_tool_without_a_mistake_counts_half_a_mistake():
    assert error_ratio({(0, 0): 1.0}, {(0, 0): 0.9}, 50) == pytest.approx(0.5 / 50 / 0.1)
    assert error_ratio({(0, 0): 1.0}, {(0, 0): 1.0}, 50) == 1.0


def test_the_geometric_mean_does_not_care_which_way_round_a_ratio_is():
    assert geometric_mean([0.25, 4.0]) == pytest.approx(1.0)
    assert geometric_mean([]) is None


def test_runs_of_one_split_are_averaged_and_candidates_come_from_the_same_runs():
    found = Outcomes([
        record("lp_ft", accuracy=0.6, candidates={"linear_probe": 0.5, "lp_ft": 0.6}),
        record("lp_ft", accuracy=0.8, timed=True, beside="plain"),
    ])  # fmt: skip
    assert found.accuracies("lp_ft", "a") == {(0, 0): pytest.approx(0.7)}
    assert found.accuracies("linear_probe", "a") == {(0, 0): 0.5}
    assert found.accuracies("lp_ft_alone", "a") == {(0, 0): 0.6}


def test_what_was_measured_earlier_fills_in_and_is_marked():
    before = [record("tuned", split=split, accuracy=0.1, earlier=True) for split in (0, 1)]
    own = [record("lp_ft", split=0), record("lp_ft", split=1), record("tuned", split=0, accuracy=0.9)]
    found = Outcomes(own, before)
    assert found.accuracies("tuned", "a") == {(0, 0): 0.9, (1, 0): 0.1}
    assert {row.tool: row.earlier for row in rows(found)} == {"lp_ft": False, "tuned": True}


def test_sets_known_only_from_elsewhere_are_no_rows():
    assert rows(Outcomes([record("lp_ft", "a")], [record("tuned", "b", earlier=True)]))[0].set == "a"


def test_the_best_peer_is_the_one_that_is_hardest_on_common_splits():
    found = Outcomes([
        record("lp_ft", split=0, accuracy=0.5), record("lp_ft", split=1, accuracy=0.9),
        record("plain", split=1, accuracy=0.8),  # more than tuned has, but less than ours on that split
        record("tuned", split=0, accuracy=0.6),
    ])  # fmt: skip
    assert found.best_peer("a") == "tuned"
    point = target(targets(found), "a: accuracy")
    assert (point.measured, point.met) == ("-10.0, -24.0 to +4.5 (1 splits)", False)


def test_one_point_below_the_best_peer_is_allowed():
    good = Outcomes([record("lp_ft", accuracy=0.5), record("tuned", accuracy=0.5078125)])
    assert target(targets(good), "a: accuracy").met


def test_failed_runs_count_for_nothing():
    found = Outcomes([record("lp_ft"), record("tuned", ok=False, accuracy=0.9)])
    assert found.peers("a") == []


def test_time_ratios_are_those_of_pairs_that_ran_beside_each_other():
    found = Outcomes([
        *pair("a", "plain", 10, 80), *pair("b", "plain", 10, 60),
        *pair("a", "tuned", 10, 20),
        record("lp_ft", "a", wall=1000),  # untimed
        record("plain", "c", wall=9, timed=True),  # the fit beside it failed
    ])  # fmt: skip
    plain, tuned = (target(targets(found), f"time over that of {peer}") for peer in ("plain", "tuned"))
    assert (plain.measured, plain.met) == ("1/7.0 (2 pairs)", True)
    assert (tuned.measured, tuned.met) == ("1/2.0 (1 pairs)", False)


def test_what_was_not_measured_is_neither_met_nor_missed():
    found = targets(Outcomes([record("lp_ft")]))
    assert [each.met for each in found] == [None] * 4


def test_the_error_target_is_the_geometric_mean_over_sets():
    found = Outcomes([
        record("lp_ft", "a", accuracy=0.8), record("tuned", "a", accuracy=0.6),
        record("lp_ft", "b", accuracy=0.2), record("tuned", "b", accuracy=0.6),
    ])  # fmt: skip
    assert target(targets(found), "error over the best peer's").measured == "1.00 (2 sets)"


def test_equal_time_compares_with_the_peer_whose_time_was_given():
    found = Outcomes([
        record("lp_ft", accuracy=0.5), record("tuned", accuracy=0.6), record("plain", accuracy=0.8),
        record("minutes", accuracy=0.8, beside="tuned", timed=True, seconds=2.0),
        record("minutes", accuracy=0.9, beside="plain", timed=True, seconds=2.0),
    ])  # fmt: skip
    assert equal_time_ratios(found, "a") == {"tuned": pytest.approx(0.5), "plain": pytest.approx(0.5)}
    assert target(targets(found), "at equal time").met


def test_accuracy_runs_leave_out_what_is_known_and_go_split_by_split():
    jobs = accuracy_jobs(["brain_mri_tumor", "trec"], [], [], {("tuned", "brain_mri_tumor", 0)})
    assert [(job.tool, job.set) for job in jobs if job.split == 0] == [
        ("lp_ft", "brain_mri_tumor"), ("fastai", "brain_mri_tumor"), ("plain", "brain_mri_tumor"),
        ("lp_ft", "trec"), ("setfit", "trec"), ("trainer", "trec"),
    ]  # fmt: skip
    assert [job.split for job in jobs] == sorted(job.split for job in jobs)
    assert {job.set for job in jobs if job.split == 1} == {"brain_mri_tumor"}


def test_pairs_alternate_and_each_peer_has_a_fit_beside_it():
    jobs = timed_jobs(["trec_8", "trec"], [], [], pairs=1)
    assert [job.tool for job in jobs] == ["lp_ft", "setfit", "trainer", "lp_ft", "lp_ft", "setfit", "trainer", "lp_ft"]
    assert [job.beside for job in jobs if job.tool == "lp_ft"] == ["setfit", "trainer"] * 2


def test_equal_time_runs_are_those_whose_time_is_known():
    jobs = equal_time_jobs(["trec"], [], [], 1, {("trainer", "trec"): 90.0})
    assert [(job.beside, job.seconds, job.seed) for job in jobs] == [("trainer", 90.0, 0)]


def test_fits_beside_different_peers_are_different_records(tmp_path):
    path = tmp_path / "lines.jsonl"
    for peer in ("tuned", "plain", "tuned"):
        append(path, record("lp_ft", timed=True, beside=peer))
    found = read(path, FIELDS)
    assert len(found) == 2
    assert key(record("lp_ft", timed=True, beside="plain"), FIELDS) in done(found, FIELDS)
    assert key(record("lp_ft", timed=True, beside="fastai"), FIELDS) not in done(found, FIELDS)


def test_peers_of_the_main_job_are_taken_over_where_they_ended():
    run = {"tool": "tuned", "set": "clothing_small", "split": 1, "pair": 0, "accuracy": 0.7, "n_test": 9, "ok": True}
    others = [{**run, "ok": False}, {**run, "tool": "headstart"}, {**run, "set": "", "tool": "import"}]
    (found,) = earlier.of_main_job([run, *others])
    assert (found["tool"], found["split"], found["accuracy"], found["earlier"]) == ("tuned", 1, 0.7, True)


def test_setfit_of_the_draws_is_taken_over():
    (found,) = earlier.of_few_shot([
        {"tool": "setfit", "seed": 2, "accuracy": 0.8}, {"tool": "headstart", "seed": 2, "accuracy": 0.9}
    ])  # fmt: skip
    assert (found["set"], found["split"], found["accuracy"]) == ("banking77_8", 2, 0.8)


def test_the_first_pictures_of_each_class_and_the_whole_test_part(tmp_path):
    for name in ("train/cat/2.png", "train/cat/1.png", "train/cat/3.png", "train/dog/1.png", "test/cat/9.png"):
        path = tmp_path / "whole" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    found = first_of_each(tmp_path / "whole", tmp_path / "few", 2)
    files = sorted(str(path.relative_to(found)) for path in found.rglob("*.png"))
    assert files == ["test/cat/9.png", "train/cat/1.png", "train/cat/2.png", "train/dog/1.png"]


def test_a_draw_of_all_keeps_every_text(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    lines_ = ["text,label,fine_label", *(f"text {number},{number % 2},x" for number in range(20))]
    for name in ("train.csv", "test.csv"):
        (data / name).write_text("\n".join(lines_) + "\n")
    assert len(read_csv(write_draw(data, tmp_path / "all", 0, None) / "train.csv")[0]) == 20
    assert len(read_csv(write_draw(data, tmp_path / "few", 0, 3) / "train.csv")[0]) == 6


def test_a_fit_that_trained_gives_every_candidate(tmp_path):
    evidence = {
        "test": {"accuracy": {"value": 0.7, "low": 0, "high": 1}, "macro_f1": {"value": 0.6}},
        "n": {"test": 10}, "verdict": {"chosen": "linear_probe"}, "primary": "macro_f1",
        "comparisons": [{"name": "lp_ft", "macro_f1": {"value": 0.5}}],
        "guard": {"why": "because"}, "cost": {"training": {"lp_ft": {"predicted": {}, "epochs": []}}},
        "training": {"lp_ft": {
            "settings": {"freeze": 5, "epochs": 6, "keep": True, "views": 6}, "best": {"epoch": 2}, "n_val": 4,
            "stopped": "", "lr": 1e-4, "precision": "float32",
        }},
    }  # fmt: skip
    (tmp_path / "evidence.json").write_text(json.dumps(evidence))
    (tmp_path / "metrics.jsonl").write_text("")
    (tmp_path / "watched.json").write_text(json.dumps({"accuracies": {"linear_probe": 0.7, "lp_ft": 0.4}}))
    plain = tools.tuning_result(tmp_path)
    assert (plain["candidates"], plain["scores"]) == ({"linear_probe": 0.7}, {"linear_probe": 0.6, "lp_ft": 0.5})
    assert tools.tuning_result(tmp_path, tmp_path / "watched.json")["candidates"]["lp_ft"] == 0.4
    assert plain["training"]["lp_ft"]["best_epoch"] == 2


def test_the_result_of_a_text_peer_is_its_last_line_of_json(tmp_path):
    log = tmp_path / "log.txt"
    log.write_text('warning\n{"tool": "trainer", "accuracy": 0.5, "n_test": 4}\n')
    assert tools.text_peer_result(log) == {"accuracy": 0.5, "n_test": 4}
    log.write_text("Traceback\n")
    with pytest.raises(ValueError, match="no line"):
        tools.text_peer_result(log)


def test_settings_are_drawn_from_the_seed_alone():
    methods = ["lp_ft", "greedy_soup", "lora"]
    drawn = draw(methods, 48)
    assert drawn == draw(methods, 48)
    assert drawn[:10] == draw(methods, 10)
    assert drawn != draw(methods, 48, seed=1)
    assert [each.method for each in drawn[:4]] == ["lp_ft", "greedy_soup", "lora", "lp_ft"]


def test_settings_lie_in_their_ranges_and_reach_far():
    drawn = draw(["lp_ft"], 500)
    assert all(1e-5 <= each.lr <= 1e-1 and 2 <= each.batch_size <= 256 for each in drawn)
    assert {each.epochs for each in drawn} == {1, 2, 3}
    assert {each.freeze for each in drawn} == {3, 4, 5, 6, 7}
    assert min(each.lr for each in drawn) < 3e-5 and max(each.lr for each in drawn) > 3e-2
    assert min(each.batch_size for each in drawn) <= 3 and max(each.batch_size for each in drawn) >= 200


def test_the_trials_of_a_soup_share_its_epochs():
    for each in draw(["greedy_soup"], 20):
        assert each.options()["epochs"] % each.options()["cycles"] == 0
    assert "cycles" not in draw(["lp_ft"], 1)[0].options()


def test_every_train_method_can_be_asked_for_as_drawn():
    from headstart.core import plugins

    for each in draw(lines.train_methods(), 48):
        plugins.load("methods", each.method).config.parse(each.options(), each.method)
    for method in lines.train_methods():
        plugins.load("methods", method).config.parse(train_methods.options_of(method, 5), method)


def test_percentiles_lie_between_neighbours():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([0.0, 10.0], 0.05) == 0.5
    assert percentile([7.0], 0.05) == 7.0


def foolish(shipped: str, val: float, test: float) -> Record:
    """A run whose probe has 0.5 in both."""
    evidence = {
        "verdict": {"chosen": shipped}, "primary": "accuracy",
        "test": {"accuracy": {"value": test if shipped == "lora" else 0.5}},
        "comparisons": [
            {"name": "lora", "accuracy": {"value": test}}, {"name": "linear_probe", "accuracy": {"value": 0.5}}
        ],
        "training": {"lora": {"stopped": "", "messages": []}},
    }  # fmt: skip
    evidence["comparisons"] = [row for row in evidence["comparisons"] if row["name"] != shipped]
    validation = {"lora": {"score": val, "loss": 1.0}, "linear_probe": {"score": 0.5, "loss": 1.0}}
    watched = {"start": "linear_probe", "trained": "lora", "validation_rows": 8, "validation": validation}
    return {"settings": {"method": "lora"}, **outcome(evidence, watched, "lora")}


def test_a_guard_that_lets_nothing_worse_ship_keeps_the_promises():
    found = foolish_targets([foolish("linear_probe", 0.1, 0.1), foolish("lora", 0.6, 0.52)])
    assert [each.met for each in found] == [True, True, True]
    assert [each.measured for each in found] == ["0.00", "+1.00", "+0.10"]


def test_a_worse_one_that_ships_breaks_them():
    found = foolish_targets([foolish("linear_probe", 0.1, 0.1), foolish("lora", 0.4, 0.1)])
    assert [each.met for each in found] == [False, False, False]


def test_the_bound_of_an_epoch_is_what_its_parts_allow():
    parts = {"decode": 4.0, "prefix": 3.0, "forward": 1.0, "backward": 2.0, "kept": 3.0, "uncached": 10.0}
    found = epoch_cost.cost(5, [parts, {**parts, "kept": 99.0}, {**parts, "kept": 3.0}])
    assert (found.kept, found.ratio) == (3.0, 0.3)
    assert found.bound == pytest.approx(1.15 * 3 / 10)
    assert [each.met for each in epoch_cost.targets([found])] == [True]


def test_predictions_are_compared_with_the_mean_epoch():
    cost = {"predicted": {"epoch_cpu": 11.0, "epoch": 6.0}, "epochs": [
        {"cpu_seconds": 8.0, "seconds": 5.0}, {"cpu_seconds": 12.0, "seconds": 5.0}
    ]}  # fmt: skip
    (found,) = predictions("a", {"lp_ft": cost, "lora": {**cost, "epochs": []}})
    assert found.error == pytest.approx(0.1)
    assert [each.met for each in prediction_targets([found])] == [True]
    worse = predictions("b", {"lp_ft": {**cost, "predicted": {"epoch_cpu": 7.0, "epoch": 1.0}}})
    assert [each.measured for each in prediction_targets([found, *worse])] == ["-30% (b)"]
