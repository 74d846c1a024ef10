"""The section on domains: each that was held out, their mean, what is set apart, and the ways compared."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.domains import MOST, build


def way(name, mean, worst, gain=0.0, **more):
    return {"name": name, "mean": mean, "worst": worst, "loss_gain": gain, "standard_error": 0.02, **more}


def each(domain, value, **more):
    return {"domain": domain, "n": 40, "value": value, **more}


SECTION = {
    "column": "site", "metric": "accuracy", "metric_reason": "some domains lack classes",
    "each": [each("a", 0.9, plain=0.8), each("b", 0.6, plain=0.6), each("c", 0.9, plain=0.9)],
    "mean": {"value": 0.8, "low": 0.37, "high": 1.0, "level": 0.95},
    "worst": {"domain": "b", "value": 0.6}, "chance_of_worse": 0.25,
    "methods": [
        way("none", 0.7667, 0.6),
        way("group_dro", 0.8, 0.6, 0.05, difference={"value": 0.033, "low": -0.11, "high": 0.18, "level": 0.95}),
    ],
    "ships": "group_dro", "why": "It has a smaller loss.", "choice_held_out": 0.78, "never_held_out": ["z"],
    "one_class": ["z"], "ordinary": 0.95, "test": [each("d", 0.85)],
}  # fmt: skip


def section_of(section):
    return build(RunFiles("run", {"primary": "macro_f1", "domains": section}))


def drawn(section):
    return draw("sections/domains.html", content=section_of(section).content)


def test_the_mean_stands_first_then_the_domains_worst_first_then_what_had_no_part_in_it():
    mean, *rows = section_of(SECTION).content.lines
    assert (mean.name, mean.n, mean.value, mean.is_chosen) == ("Mean over domains", "120", "80.0\u202f%", True)
    assert mean.mark.low < mean.mark.at < mean.mark.high
    assert [row.name for row in rows] == ["b", "a", "c", "d", "Folds that ignore domains"]
    assert [row.note for row in rows] == ["worst", "", "", "test", "the same domains again"]
    assert [row.is_hollow for row in rows] == [False, False, False, True, True]
    assert rows[1].span == "plain 80.0\u202f%" and rows[0].mark.at < rows[1].mark.at


def test_the_sentence_says_what_to_expect_and_what_to_be_prepared_for():
    section = section_of(SECTION)
    assert (
        "expect accuracy 80.0\u202f% (95\u202f% interval over domains 37.0 to 100.0\u202f%): the mean of 3"
        in section.says
    )
    assert "with 60.0\u202f%; about 1 new one in 4 is worse still." in section.says
    assert "ignore domains say 95.0\u202f%" in section.says and section.says.endswith("It has a smaller loss.")
    assert section.glance.endswith("accuracy 80.0\u202f% in the mean, 60.0\u202f% in the worst.")


def test_ways_are_compared_with_the_plain_one_and_what_ships_is_marked():
    plain, dro = section_of(SECTION).content.ways
    assert (plain.name, plain.change, plain.gain, plain.ships) == ("the plain model", "", "", False)
    assert (dro.name, dro.change, dro.change_span) == ("Group DRO", "+3.3", "\u221211.0 to +18.0")
    assert (dro.gain, dro.ships) == ("+0.050 \u00b1 0.020", True)
    assert drawn(SECTION).count(">ships<") == 1
    assert "Ways to prepare" not in drawn({**SECTION, "methods": SECTION["methods"][:1]})


def test_of_errors_the_largest_is_worst():
    values = [each("a", 2.0), each("b", 9.0), each("c", 4.0)]
    rows = section_of({**SECTION, "metric": "rmse", "each": values, "mean": 5.0}).content.lines
    assert [row.name for row in rows[1:4]] == ["b", "c", "a"] and rows[1].note == "worst"


def test_of_hundreds_of_domains_the_worst_are_drawn_and_the_page_says_so():
    many = [each(f"d{number}", number / 300) for number in range(300)]
    content = section_of({**SECTION, "each": many, "test": []}).content
    assert [line.name for line in content.lines[1:3]] == ["d0", "d1"] and len(content.lines) == MOST + 2
    assert content.notes[0] == f"{MOST} of 300 domains held out are drawn; evidence.json has all."


def test_names_of_domains_are_text_whatever_they_hold():
    page = drawn({**SECTION, "column": "<b>", "each": [each("<script>", 0.5), each("b", 0.6)]})
    assert "<script>" not in page and "&lt;script&gt;" in page and "<bdi>&lt;b&gt;</bdi>" in page


@pytest.mark.parametrize("value", [None, {}, [], "text", {"each": []}, {"each": [{"domain": "a"}], "mean": 0.5}])
def test_without_figures_there_is_no_section(value):
    assert section_of(value) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1]])
@pytest.mark.parametrize("key", [key for key in SECTION if key not in ("each", "mean")])
def test_every_key_may_be_missing_or_odd(key, odd):
    assert "Mean over domains" in drawn({**SECTION, key: odd})
