"""What a race tries first: settings that won on other data, so that a short race is no worse than a good guess.

From ``benchmarks/results/fine_tuning.md`` and the project's measurements: the default of ``lp_ft``; then a network of
which more moves, which pays where the data are unlike the pretraining; then classes drawn together, which pays with few
examples of each; then a longer leash with stronger views.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

METHODS = ("lp_ft", "fine_tune", "bitfit", "sup_con")  # that a race without a named method varies
WITHOUT_TRANSFER = "from_scratch"  # competes where the pretrained features lost to a baseline
AS_MEASURED = {"lr": 1.0, "freeze": 0, "augmentation": "auto", "label_smoothing": 0.0, "stage_decay": 1.0}
FIRST: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("lp_ft", AS_MEASURED),
    (WITHOUT_TRANSFER, {name: value for name, value in AS_MEASURED.items() if name != "freeze"}),
    ("lp_ft", {**AS_MEASURED, "freeze": -2}),
    ("sup_con", {**AS_MEASURED, "freeze": -2, "share": 0.9}),
    ("lp_ft", {**AS_MEASURED, "freeze": -1, "lr": 1.7, "augmentation": "strong", "label_smoothing": 0.1}),
)


def first_of(methods: tuple[str, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    """What is tried first among some methods; of one that is not in the list its defaults."""
    found = [(name, values) for name, values in FIRST if name in methods]
    return found or [(methods[0], AS_MEASURED)]
