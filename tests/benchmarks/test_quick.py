"""What is said of a ratio, and that every ratio can be found."""

from __future__ import annotations

import quick
from quick_parts import RATIOS
from quick_parts.ratio import Ratio


def test_a_ratio_is_worse_only_beyond_the_noise_of_both():
    assert quick.verdict([0.61, 0.9], [0.4, 0.55]) == "WORSE"  # 0.61 > 1.1 x 0.55 = 0.605
    assert quick.verdict([0.60, 0.9], [0.4, 0.55]) == "as before"
    assert quick.verdict([0.30, 0.35], [0.4, 0.55]) == "better"  # 0.385 < 0.4
    assert quick.verdict([0.30, 0.37], [0.4, 0.55]) == "as before"  # 0.407
    assert quick.verdict([0.3], None) == "new"


def test_the_table_names_what_is_worse(monkeypatch):
    monkeypatch.setattr(quick, "RATIOS", {name: Ratio(name, f"the {name}", lambda _: 1.0) for name in ("a", "b")})
    text, worse = quick.report(
        {"a": [2.0, 3.0], "b": [1.0]}, {"date": "2026-01-02", "ratios": {"a": [1.0, 1.5], "b": [1.0]}}
    )
    assert worse == ["a"] and "committed 2026-01-02" in text
    assert "| the a " in text and "2.5 (2 to 3)" in text and "WORSE" in text
    assert quick.report({"a": [2.0]}, {})[1] == []


def test_every_round_is_measured_in_a_folder_of_its_own(monkeypatch, tmp_path):
    seen = []
    ratio = Ratio("a", "the a", lambda folder: float(seen.append(folder.name) or len(seen)))
    monkeypatch.setattr(quick, "RATIOS", {"a": ratio})
    assert quick.measured(3, tmp_path, ["a"]) == {"a": [1.0, 2.0, 3.0]} and seen == ["a-0", "a-1", "a-2"]
    assert all(name == each.name for name, each in RATIOS.items())
