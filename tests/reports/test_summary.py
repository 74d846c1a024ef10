import pytest

from headstart.reports import summary_html
from reports.helpers_reports import EVIDENCE, classification
from reports.test_page import HOSTILE, Page


@pytest.mark.parametrize("make", EVIDENCE.values(), ids=EVIDENCE)
def test_a_summary_is_a_small_table_with_the_verdict(make):
    page = Page(summary_html(make()))
    assert (page.faults, page.open) == ([], [])
    assert len(page.all("table")) == 1
    assert "Does transfer help?" in page.text


def test_the_first_row_is_the_metric_that_decides():
    evidence = {**classification(), "primary": "macro_f1"}
    text = summary_html(evidence)
    assert text.index("Macro-F1") < text.index("Accuracy")


def test_hostile_text_stays_text():
    for name in HOSTILE:
        page = Page(summary_html({**classification(), "sentence": name, "warnings": [name]}))
        assert not {tag for tag, _, _ in page.tags} & {"script", "img", "style"}
