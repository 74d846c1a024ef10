"""Pictures in styles that were not seen: methods for new domains beat plain fine-tuning by a margin."""

from __future__ import annotations

import numpy as np

from engine.training.helpers_styles import NOISY, SHORTCUT, right_in_unseen_styles, trained

SEEDS = range(2)


def right(method, world, **settings):
    return np.mean([right_in_unseen_styles(trained(method, world, seed=seed, **settings), world) for seed in SEEDS])


def test_averaged_steps_are_right_more_often():
    settings = {"lr": 3e-3, "epochs": 8, "batch_size": 4}
    assert right("swad", NOISY, **settings) >= right("lp_ft", NOISY, interpolate=False, **settings) + 0.04


def test_mixed_styles_say_less_of_the_class():
    settings = {"lr": 2e-3, "epochs": 16, "interpolate": False}
    plain = right("lp_ft", SHORTCUT, **settings)
    assert right("mixstyle", SHORTCUT, **settings) >= plain + 0.1
    assert right("mixstyle", SHORTCUT, named=False, **settings) >= plain + 0.05
