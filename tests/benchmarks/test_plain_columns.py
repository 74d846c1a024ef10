"""The table of plain columns, from records."""

from __future__ import annotations

import plain_columns


def run(blend_loss, before, now, weight=0.25, auc=(0.7, 0.8)):
    return {
        "loss": {"linear_probe": 0.5, "boosting": 0.4, "blend": blend_loss},
        "loss_name": "log-loss",
        "primary": "accuracy",
        "weight": {"blend": weight},
        "chosen": {"before": before, "now": now},
        "test": {
            "before": {"accuracy": 0.75, "roc_auc": auc[0]},
            "now": {"accuracy": 0.5, "roc_auc": auc[1]},
        },
    }


def test_a_row_holds_means_over_splits_and_how_often_the_blend_ships():
    runs = [run(0.3, "boosting", "blend"), run(0.5, "boosting", "boosting", weight=1.0)]
    cells = dict(zip(plain_columns.HEADER[:9], plain_columns.row("made", runs), strict=False))
    assert cells["blend"] == "0.4000"  # (0.3 + 0.5) / 2
    assert (cells["weight of the trees"], cells["blend ships"]) == ("0.25 to 1.00", "1 of 2")
    assert plain_columns.row("made", runs)[-4:] == ("0.7500", "0.5000", "0.7000", "0.8000")


def test_a_metric_that_a_set_does_not_have_is_a_dash():
    assert plain_columns.row("made", [run(0.3, "boosting", "blend", auc=(None, None))])[-2:] == ("-", "-")
