"""When an export of an INT8 network is near enough: as good on the run's tests, and alike on the mean.

Each runtime merges and rounds a quantized graph in its own way, so that single probabilities differ by more than
rounding explains, up and down alike. What counts is that the file is as often right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.core.errors import GateError
from headstart.exporting.comparing import Apart

MEAN = 0.03  # difference of probabilities over the inputs; of numbers, in standard deviations of the predictions
LOST = 0.01  # of accuracy, and at least one answer; or share by which an error of numbers may grow
ROUNDED = 1e-9  # of shares


def int8_limits() -> dict[str, float]:
    """JSON of what may differ."""
    return {"mean_difference": MEAN, "lost_on_tests": LOST}


def require_alike(found: Mapping[str, Apart], tests: Mapping[str, Any] | None, format_name: str) -> None:
    """Raise GateError unless the file answers alike on the mean, and as well on the run's tests where these are there.

    Args:
        found: By what was compared, in words.
        tests: JSON of :func:`headstart.exporting.own_tests.own_tests`.
        format_name: For the message.
    """
    for what, each in found.items():
        if not each.mean <= MEAN:  # so that NaN fails
            raise GateError(
                f"an exported model in 8-bit integers must answer as the run does on the mean, within {MEAN:g}. As "
                f"{format_name}, {what}, the mean difference is {each.mean:.3g}. Nothing was written. Choose another "
                "--format, or export the run that was compressed."
            )
    if tests is None:
        return
    figure = "rmse" if "rmse" in tests else "accuracy"
    file, run = tests[figure]["file"], tests[figure].get("run", tests[figure]["bundle"])
    lost = LOST if figure == "rmse" else max(LOST, 1 / tests["n"]) + ROUNDED  # of fewer than a hundred one is more
    is_worse = not file <= run * (1 + lost) if figure == "rmse" else not file >= run - lost
    if is_worse:
        raise GateError(
            f"an exported model in 8-bit integers must be as good as the run reported on its test examples, within "
            f"{LOST * 100:g} points or one answer. As {format_name} the {figure} on {tests['n']} of them is "
            f"{file:.4g}, of the run {run:.4g}. Nothing was written. Choose another --format, or compress with that "
            "format's --runtime."
        )
