"""The grid that ``regret.py`` lets an oracle pick from: what a specialist would try, at most MOST for each modality.

Rates are absolute, a decade and a half around the usual ones; depth is relative to what the first training measured
(``deeper`` frozen stages more, fewer where negative), since stages of one network are not those of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MOST = 24
FIRST = "lp_ft"  # the training whose measured depth, rate and precision the others start from


@dataclass(frozen=True)
class Entry:
    """One candidate.

    Attributes:
        name: In the records.
        how: "given": a fit without any training has it, under this name; "solved": another method or other settings on
            the features of ``beside``; "trained".
        method: Of the candidate.
        options: Of the method; what is not said is measured once, or the method's own.
        deeper: Stages frozen beside the measured depth.
        longer: Times the epochs of the first training; 0: the method's own.
        network: "": the default one of the modality.
        beside: The given candidate whose features are used.
    """

    name: str
    how: Literal["given", "solved", "trained"]
    method: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    deeper: int = 0
    longer: int = 0
    network: str = ""
    beside: str = ""


def _trained(name: str, method: str, deeper: int = 0, longer: int = 0, **options: Any) -> Entry:
    return Entry(name, "trained", method, options, deeper, longer)


def _on_network(name: str, network: str, **options: Any) -> Entry:
    return Entry(name, "trained", "lp_ft", options, network=network)


def _boosting(name: str, **options: Any) -> Entry:
    return Entry(name, "solved", "boosting", options, beside="boosting")


# Of pictures a training takes half a minute to a minute, and the whole is to take minutes: left out are rates below the
# usual one and, since it ends far below the probe on so few (docs/train_methods.md), training from random weights.
PICTURES = (
    Entry("linear_probe", "given"),
    Entry("knn", "given"),
    Entry("pixel_histograms", "given"),
    Entry("linear_probe, lite1", "given", "linear_probe", network="efficientnet_lite1"),
    Entry("linear_probe, lite2", "given", "linear_probe", network="efficientnet_lite2"),
    _trained(FIRST, "lp_ft"),
    _trained("lp_ft, 1e-3", "lp_ft", lr=1e-3),
    _trained("lp_ft, 3e-3", "lp_ft", lr=3e-3),
    _trained("lp_ft, 2 stages more, 3e-4", "lp_ft", -2, lr=3e-4),
    _trained("lp_ft, 2 stages more, 1e-3", "lp_ft", -2, lr=1e-3),
    _trained("lp_ft, 2 stages fewer, 1e-3", "lp_ft", 2, lr=1e-3),
    _trained("lp_ft, strong views, 1e-3, smoothed", "lp_ft", lr=1e-3, augmentation="strong", label_smoothing=0.1),
    _trained("fine_tune, 1e-3", "fine_tune", longer=1, lr=1e-3),
    _trained("bitfit, 1e-3", "bitfit", lr=1e-3),
    _trained("sup_con, 2 stages more, 3e-4", "sup_con", -2, longer=1, lr=3e-4),
    _on_network("lp_ft, lite2, 1e-3", "efficientnet_lite2", lr=1e-3),
)
TEXTS = (
    Entry("linear_probe", "given"),
    Entry("knn", "given"),
    Entry("tfidf", "given"),
    _trained(FIRST, "lp_ft"),
    _trained("lp_ft, 3e-5", "lp_ft", lr=3e-5),
    _trained("lp_ft, 3e-4", "lp_ft", lr=3e-4),
    _trained("lp_ft, 1e-3", "lp_ft", lr=1e-3),
    _trained("lp_ft, 2 stages more, 1e-4", "lp_ft", -2, lr=1e-4),
    _trained("lp_ft, 2 stages more, 3e-4", "lp_ft", -2, lr=3e-4),
    _trained("lp_ft, 1 stage fewer, 3e-4", "lp_ft", 1, lr=3e-4),
    _trained("lp_ft, all stages, 5e-5", "lp_ft", lr=5e-5, freeze=0),
    _trained("lp_ft, 3 times as long, 1e-4", "lp_ft", longer=3, lr=1e-4),
    _trained("fine_tune, 1e-4", "fine_tune", lr=1e-4),
    _trained("fine_tune, 3e-4", "fine_tune", lr=3e-4),
    _trained("fine_tune, 3 times as long, 3e-4", "fine_tune", longer=3, lr=3e-4),
    _trained("fine_tune, all stages, 3 times as long, 1e-4", "fine_tune", longer=3, lr=1e-4, freeze=0),
    _trained("bitfit, 3e-4", "bitfit", lr=3e-4),
    _trained("bitfit, 1e-3", "bitfit", lr=1e-3),
    _trained("lora, 5e-4", "lora", lr=5e-4),
    _trained("lora, 2 stages more, 1e-3", "lora", -2, lr=1e-3),
    _trained("sup_con, 1e-4", "sup_con", lr=1e-4),
    _trained("sup_con, 3e-4", "sup_con", lr=3e-4),
    _trained("sup_con, 2 stages more, 1e-4", "sup_con", -2, lr=1e-4),
    _trained("sup_con, 2 stages more, 3e-4", "sup_con", -2, lr=3e-4),
)
TABLES = (
    Entry("linear_probe", "given"),
    Entry("knn", "solved", "knn", beside="linear_probe"),
    Entry("boosting", "given"),
    _boosting("boosting, 4 leaves, rate 0.1", leaves=(4,), learning_rate=0.1),
    _boosting("boosting, 4 leaves, rate 0.03, 600 rounds", leaves=(4,), learning_rate=0.03, rounds=600),
    _boosting("boosting, 8 leaves, rate 0.1", leaves=(8,), learning_rate=0.1),
    _boosting("boosting, 8 leaves, rate 0.02, 600 rounds", leaves=(8,), learning_rate=0.02, rounds=600),
    _boosting("boosting, 8 leaves, 5 rows", leaves=(8,), least_rows=5),
    _boosting("boosting, 8 leaves, 40 rows", leaves=(8,), least_rows=40),
    _boosting("boosting, 8 leaves, l2 0", leaves=(8,), l2=0.0),
    _boosting("boosting, 8 leaves, l2 10", leaves=(8,), l2=10.0),
    _boosting("boosting, 8 leaves, 40 rows, l2 30", leaves=(8,), least_rows=40, l2=30.0),
    _boosting("boosting, 16 leaves, rate 0.1", leaves=(16,), learning_rate=0.1),
    _boosting("boosting, 16 leaves, rate 0.02", leaves=(16,), learning_rate=0.02),
    _boosting("boosting, 16 leaves, 40 rows, l2 10", leaves=(16,), least_rows=40, l2=10.0),
    _boosting("boosting, 31 leaves, rate 0.1", leaves=(31,), learning_rate=0.1),  # the default of LightGBM
    _boosting("boosting, 31 leaves, rate 0.03", leaves=(31,), learning_rate=0.03),
    _boosting("boosting, 31 leaves, rate 0.03, l2 10", leaves=(31,), learning_rate=0.03, l2=10.0),
    _boosting("boosting, 64 leaves, rate 0.05, 5 rows", leaves=(64,), least_rows=5),
)
GRIDS: dict[str, tuple[Entry, ...]] = {"pictures": PICTURES, "texts": TEXTS, "table": TABLES}
