"""Recordings that are silent, clipped, mostly silence, or much shorter than the others."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.quality import lowest_first, poor_inputs
from headstart.inspection.examined import Examined, Facts, percent
from headstart.inspection.finding import Finding

# Share of samples at the ends of the range (see data.sound_facts). Of 150 clean recordings of spoken digits none has
# more than 0.02 %; made twice as loud as the range allows, half have more than 2 % and one in seven less than 1 %.
CLIPPED = 0.01
QUIET = 0.8  # share of windows of 10 ms 40 dB below the peak; the one in 150 recordings with most pauses has 0.79
SHORT_OF_MEDIAN = 0.2  # of 900 spoken digits by six speakers the shortest has a third of the median


class RecordingQuality:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """Up to four findings; nothing where there are no facts of recordings."""
        facts = examined.facts.get("sound")
        if facts is None:
            return []
        heard = [*_silent(examined, facts), *_clipped(examined, facts), *_quiet(examined, facts)]
        return [*heard, *_short(examined, facts)]


def _silent(examined: Examined, facts: Facts) -> list[Finding]:
    if "silence" not in facts:
        return []
    rows = np.flatnonzero(facts["silence"] >= 1)
    return poor_inputs(
        examined,
        "recording_quality/silent",
        "recording",
        rows,
        ["nothing is heard" for _ in rows],
        "are silent.",
        "Leave them out or record them again: whatever their target says, nothing in them can teach it.",
    )


def _clipped(examined: Examined, facts: Facts) -> list[Finding]:
    if "clipped" not in facts:
        return []
    clipped = facts["clipped"]
    rows = lowest_first(clipped >= CLIPPED, -clipped)
    return poor_inputs(
        examined,
        "recording_quality/clipped",
        "recording",
        rows,
        [f"{percent(float(clipped[row]))} of it is cut off at full scale" for row in rows],
        f"are clipped: their loudest parts, {percent(CLIPPED)} of them or more, were cut off "
        "because they were too loud for the device.",
        "Turn the device down for new recordings; keep these if recordings in use are clipped alike.",
    )


def _quiet(examined: Examined, facts: Facts) -> list[Finding]:
    if "silence" not in facts:
        return []
    silence = facts["silence"]
    rows = lowest_first((silence >= QUIET) & (silence < 1), -silence)
    return poor_inputs(
        examined,
        "recording_quality/mostly_silence",
        "recording",
        rows,
        [f"{percent(float(silence[row]))} of it is silence" for row in rows],
        f"are silence for {percent(QUIET)} of their time or more.",
        "Cut the silence off where what matters is short: the network averages over all it hears.",
        is_hint=True,
    )


def _short(examined: Examined, facts: Facts) -> list[Finding]:
    if "seconds" not in facts or not len(facts.values):
        return []
    seconds = facts["seconds"]
    middle = float(np.median(seconds))
    rows = lowest_first(seconds < SHORT_OF_MEDIAN * middle, seconds)
    return poor_inputs(
        examined,
        "recording_quality/short",
        "recording",
        rows,
        [f"{seconds[row]:.2f} s" for row in rows],
        f"are shorter than a fifth of the usual length ({middle:.2g} s).",
        "Listen to them: a recording that was broken off does not hold what its target says.",
        evidence={"median_seconds": round(middle, 3)},
    )


def _build(config: Config) -> RecordingQuality:
    return RecordingQuality()


PLUGIN = Plugin(build=_build)
