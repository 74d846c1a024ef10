"""The page of the monitor."""

from __future__ import annotations

import pytest

from headstart.reports.monitor_page import page_of, render_monitor
from reports.helpers_reports import gap

FINDING = {"family": "quality", "name": "brightness", "alarm": True, "distance": 0.31, "p": 1e-9, "p_corrected": 6e-8,
           "before": "118", "now": "64", "since": 120.0}  # fmt: skip
DOCUMENT = {
    "schema": 1, "headstart_version": "0.1.0", "model": {"name": "photos", "version": "abc"}, "source": "data",
    "verdict": "worse", "alarm": True, "sentence": "It is dark.", "level": 0.005,
    "window": {"examples": 300, "unusable": 4, "reference_examples": 550, "smallest_change": 0.21},
    "findings": [FINDING,
                 {**FINDING, "family": "classes", "name": "predicted class", "alarm": False, "p_corrected": 1.0}],
    "accuracy": {"metric": "accuracy", "held_out": {**gap(0.83, 0.03), "n": 550}, "measured": None,
                 "estimated": {"confidence": gap(0.7, 0.05), "threshold": gap(0.66, 0.06)}, "cost": gap(13.0, 3.0)},
    "classes": [
        {"name": "hat", "predicted_before": 0.1, "predicted_now": 0.4, "share_before": 0.1, "share_now": gap(0.35, 0.1),
         "right_before": gap(0.9, 0.05), "right_estimated": 0.7, "right_measured": None},
        {"name": "shoe", "predicted_before": 0.9, "predicted_now": 0.6, "share_before": 0.9, "share_now": None,
         "right_before": None, "right_estimated": 0.8, "right_measured": None},
    ],
    "latency": {"requests": 10, "p99_seconds_at_most": 0.05},
    "advice": [{"do": "label some examples", "why": "they tell.", "ids": ["a.jpg", "<b>.jpg"]}],
    "windows": [{"begin": 0.0, "end": 149.0, "examples": 150, "families": [], "accuracy_estimated": gap(0.8, 0.1)},
                {"begin": 150.0, "end": 299.0, "examples": 150, "families": ["quality"], "accuracy_estimated": None}],
    "why_not": {"features": "they are sparse"}, "notes": ["2 damaged lines were passed over."],
}  # fmt: skip


def test_the_page_says_what_changed_what_it_costs_and_what_to_do(tmp_path):
    page = render_monitor(tmp_path / "p.html", DOCUMENT).read_text()
    for text in (
        "The model is worse than when it was fitted", "It is dark.", "brightness", "118", "64", "121", "31", "6e-08",
        "4 could not be read", "83.0", "70.0", "a.jpg", "&lt;b&gt;.jpg", "they are sparse", "2 damaged lines", "50",
        "quality of the inputs",
    ):  # fmt: skip
        assert text in page, text
    page = page.replace("http://www.w3.org/2000/svg", "")  # the name of a kind of element, which nobody asks for
    assert "http://" not in page and "https://" not in page
    assert "<b>.jpg" not in page


def test_times_of_a_log_are_dates_and_those_of_a_data_set_numbers_of_examples():
    log = page_of({**DOCUMENT, "source": "log"})
    assert (log.change_titles[-1], log.changes[0][-1]) == ("Since (UTC)", "1970-01-01 00:02:00")
    data = page_of(DOCUMENT)
    assert (data.change_titles[-1], data.changes[0][-1]) == ("Since example", "121")
    assert [row[:2] for row in data.windows] == [("1", "150"), ("151", "300")]


def test_alarms_stand_before_what_is_none_and_classes_that_moved_most_first():
    page = page_of(DOCUMENT)
    assert [row[0] for row in page.changes] == ["brightness"]
    assert [row[0] for row in page.others] == ["predicted class"]
    moved = [{**DOCUMENT["classes"][0], "predicted_now": 0.1}, DOCUMENT["classes"][1]]
    assert [row[0] for row in page_of({**DOCUMENT, "classes": moved}).classes] == ["shoe", "hat"]


def test_the_dashed_line_stands_at_the_held_out_accuracy():
    page = page_of(DOCUMENT)
    assert page.zero == page.accuracy[0].at
    assert [row.name.split()[0] for row in page.accuracy] == ["When", "Estimated", "Estimated"]


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}])
@pytest.mark.parametrize("key", [key for key in DOCUMENT if key != "schema"])
def test_every_key_may_be_missing_or_odd(key, odd, tmp_path):
    assert render_monitor(tmp_path / "p.html", {**DOCUMENT, key: odd}).stat().st_size > 1000
