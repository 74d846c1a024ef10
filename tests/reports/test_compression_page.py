"""The page of a compression: figures as the evidence has them, what is missing left out, foreign names stay text."""

from __future__ import annotations

import copy

import pytest

from headstart.reports.compression_page import page_of, render_compression
from headstart.reports.compression_plot import pareto_plot

SCRIPT = "<script>alert(1)</script>"
GAP = {"value": -0.02, "low": -0.05, "high": 0.01}
SHARE = {"value": 0.8, "low": 0.6, "high": 0.9}
FIGURES = {"recall": SHARE, "precision": SHARE}


def point(name, points, alone, *, front=True):
    gap = {"value": points / 100, "low": points / 100 - 0.03, "high": points / 100 + 0.03}
    took = {"alone": alone, "batch": alone}
    return {
        "name": name, "points": points, "difference": gap, "milliseconds": took, "speedup": 4 / alone, "bytes": 4e6,
        "smaller": 2.0, "front": front, "memory": 30e6 * alone if front else None,
    }  # fmt: skip


EVIDENCE = {
    "schema": 1,
    "primary": "accuracy",
    "data": {"modality": "image"},
    "warnings": [SCRIPT],
    "compression": {
        "chosen": SCRIPT,
        "why": "It is the fastest.",
        "asked": {"max_drop": 2.0},
        "n": 100,
        "target": {"runtime": "openvino", "precision": "bfloat16", "threads": 1, "memory": 76_700_000},
        "from": {"name": SCRIPT},
        "points": [point("as it is", 0.0, 4.0), point(SCRIPT, -1.0, 2.0), point("small", -6.0, 1.0),
                   point("worse", -3.0, 3.0, front=False)],
        "skipped": {"other": SCRIPT},
        "graphs": {"small": {"file": "points/2.onnx", "bytes": 3_500_000}, SCRIPT: {"bytes": 4_000_000}},
        "test": {"n": 50, "difference": GAP},
        "answers": {"n": 50, "wrong_before": 5, "wrong_after": 6, "gained": 2, "lost": 3},
        "classes": {"classes": [{"class": SCRIPT, "n": 9, "before": FIGURES, "after": FIGURES, "change": GAP}],
                    "worst": SCRIPT, "lost": SCRIPT},
        "groups": {"columns": {"place": {"in": {"n": 30, "difference": {**GAP, "value": 0.01}},
                                         SCRIPT: {"n": 20, "difference": GAP}}},
                   "worst": {"column": "place", "group": SCRIPT}, "clear": 0, "of": 2},
        "calibration": {when: {"ece": SHARE, "log_loss": SHARE} for when in ("before", "after")},
    },
}  # fmt: skip


def test_the_page_says_what_is_gained_and_lost():
    page = page_of(EVIDENCE, "my small")
    assert page.title == "Answers come 2.0 times as fast, the network is 2.0 times smaller"
    assert page.sentence.startswith("Of 50 test pictures 1 more is answered wrong: 6, where it was 5.")
    assert [(each.name, each.command) for each in page.picks] == [
        ("small", "headstart compress 'my small' --pick 2 --out NEW")
    ]
    assert [each.cells[-2:] for each in page.points[2:]] == [("4.0", "30.0"), ("4.0", "–")] and page.memory == "76.7"
    assert "7.5 MB in all" in page.kept and "That may be chance." in page.tested
    assert page.costs.groups[0].rows[0][:2] == (SCRIPT, "20")  # that lost most first
    assert "lost most" in page.costs.group_says and "No group of 2 lost more than chance" in page.costs.group_says
    assert [row[0] for row in page.costs.calibration] == ["Calibration error (ECE)", "Log-loss"]


def test_a_loss_beyond_chance_on_the_test_is_no_plain_success():
    costly = copy.deepcopy(EVIDENCE)
    costly["compression"]["test"]["difference"]["high"] = -0.01
    assert (page_of(EVIDENCE).verdict.tone, page_of(costly).verdict.tone) == ("good", "unclear")


def test_faster_is_left_better_is_up_and_the_front_is_a_line():
    points = EVIDENCE["compression"]["points"]
    plot = pareto_plot(points, SCRIPT, 2.0)
    base, chosen, small, worse = (next(m for m in plot.marks if m.text.startswith(f"{n},")) for n in range(4))
    assert small.x < chosen.x < worse.x < base.x and base.y < chosen.y < worse.y < small.y
    assert chosen.x - small.x == pytest.approx(base.x - chosen.x, abs=0.02)  # twice the time is always as far
    assert (base.style, chosen.style, small.style, worse.style) == ("base", "chosen", "front", "beaten")
    assert [tuple(map(float, each.split(","))) for each in plot.front.split()] == [
        (each.x, each.y) for each in (small, chosen, base)
    ]
    assert plot.zero == base.y < plot.allowed < worse.y
    assert pareto_plot(points[:1], None, None) is None


def test_who_pays_more_than_the_others_is_named():
    unequal = copy.deepcopy(EVIDENCE)
    groups = unequal["compression"]["groups"]
    assert "That one group pays more than the others is not shown." in page_of(unequal).costs.group_says
    groups["columns"]["place"][SCRIPT]["beyond"] = {"value": -0.07, "low": -0.12, "high": -0.02}
    groups["unequal"] = [{"column": "place", "group": SCRIPT, "p_corrected": 0.01}]
    costs = page_of(unequal).costs
    assert "pays more than the other examples: −7.0 points against theirs (−12.0 to −2.0)." in costs.group_says
    assert costs.groups[0].rows[0][4:] == ("−7.0", "−12.0 to −2.0")


def test_of_a_refusal_the_point_that_came_nearest_is_shown_on_held_out_examples(tmp_path):
    refused = copy.deepcopy(EVIDENCE)
    section = refused["compression"]
    section["chosen"] = None
    costs = {name: section.pop(name) for name in ("answers", "classes", "groups", "calibration")}
    section["held_out"] = {"name": SCRIPT, "n": 90, "difference": GAP, **costs}
    del section["test"]
    page = page_of(refused)
    assert "on 90 held-out pictures" in page.tested and "The test was not read. 3 that were right" in page.tested
    assert page.costs.groups and page.judged == "held-out examples"
    text = render_compression(tmp_path / "report.html", refused).read_text()
    assert SCRIPT not in text and "On the held-out examples. Found" in text


@pytest.mark.parametrize("gone", ["points", "graphs", "test", "answers", "classes", "groups", "calibration", "chosen"])
def test_what_is_missing_is_left_out_and_names_stay_text(tmp_path, gone):
    evidence = copy.deepcopy(EVIDENCE)
    del evidence["compression"][gone]
    page = render_compression(tmp_path / "report.html", evidence).read_text()
    assert SCRIPT not in page
    assert ("The model stays as it is" in page) == (gone in ("chosen", "points"))
    assert ('id="groups"' in page) == (gone != "groups") and ('id="pick"' in page) == (gone != "graphs")


def test_by_whom_students_were_taught_and_judged_stands_on_the_page(tmp_path):
    found = copy.deepcopy(EVIDENCE)
    section = found["compression"]
    assert page_of(found).students == ""
    section["taught"] = {"small": {"labelled": 75}}
    section["points"][2] |= {"knobs": {"student": True}, "n": 25}
    assert "from 75 pictures. Students are judged on the 25 held-out ones" in page_of(found).students
    section["unlabelled"] = {"n": 300, "left_out": 2}
    assert "from 75 pictures and 300 without labels." in page_of(found).students
    assert "never taught them" in render_compression(tmp_path / "report.html", found).read_text()


def test_of_many_inputs_at_once_their_time_is_drawn():
    evidence = copy.deepcopy(EVIDENCE)
    for each in evidence["compression"]["points"]:
        each["milliseconds"]["batch"] = each["milliseconds"]["alone"] / 2
    assert page_of(evidence).time == "one input"
    evidence["compression"]["asked"]["by"] = "throughput"
    page = page_of(evidence)
    assert page.time == "one input among 32"
    assert any("1.00 ms" in mark.text for mark in page.plot.marks)
    assert any("1.00 ms an input, 32 at once, instead of 2.00" in fact.remark for fact in page.facts)
