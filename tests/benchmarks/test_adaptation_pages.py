"""Pages on adaptations: figures from the evidence, and no page that tells of another decision."""

from __future__ import annotations

import pytest
from adaptation_examples import Said
from jobs.adaptation_pages import PAGES

from docs.helpers_pages import ROOT

CHANGE = {"value": 0.02, "low": -0.01, "high": 0.05}
WAYS = {"run": 0.9, "coral": 0.8, "ships": 0.92, "target_labels": 0.95}
SECTION = {
    "method": "coral",
    "map": {"before": {"told_apart": {"auc": 0.91}}, "after": {"told_apart": {"auc": 0.6}}},
    "changed": {"n": 3, "of": 40, "moves": [{"before": "a", "after": "b", "n": 3}]},
    "labels": {
        "methods": [{"name": name, "value": {"value": each}, "difference": CHANGE} for name, each in WAYS.items()],
        "by_class": {"lost": "b", "classes": [{"class": "b", "change": CHANGE}]},
    },
}


def test_a_page_has_what_was_printed_and_the_figures_of_the_report():
    name = "adapt_a_new_voice"
    text = PAGES[name].text(name, [Said("headstart fit x", "printed", 4)], {"adaptation": SECTION})
    assert "$ headstart fit x\nprinted\n(exit code 4)\n" in text
    assert "Told apart 0.91, 0.60 after" in text and "3 of 40: a → b (3)" in text
    assert "right on 90.0%, what ships on 92.0% (a difference of +2.0 (-1.0 to +5.0) points)" in text
    assert "1 of 1 ways would have been worse than the model as it is; coral is right on 80.0%" in text


def test_a_guard_that_decides_otherwise_makes_no_page():
    with pytest.raises(ValueError, match="decided otherwise"):
        PAGES["adapt_held_back"].text("adapt_held_back", [], {"adaptation": SECTION})


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_in_the_docs_show_their_commands(name):
    text = (ROOT / "docs" / "examples" / f"{name}.md").read_text()
    assert all(f"$ {command}\n" in text for command in PAGES[name].commands) and PAGES[name].concluded in text
