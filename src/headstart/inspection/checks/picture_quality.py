"""Pictures that are dark, blown out, empty, blurred, tiny or of an odd shape.

The bounds are absolute where the eye is the judge, and were set so that none of 2,000 pictures of seven sets
(photographs, product pictures, frames of a webcam, blood smears, brain scans, magnetic tiles) is called poor; the
nearest is named beside each. Blur is told against the set as well: pictures of 32 pixels are all smooth once they are
enlarged, and then no one of them is poorer than the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.quality import lowest_first, poor_inputs
from headstart.inspection.examined import Examined, Facts, percent
from headstart.inspection.finding import Finding

EMPTY = 3.0  # standard deviation of brightness in grey levels (0-255); the evenest magnetic tile has 5.5
DARK = 50  # the brightest 1 % of a picture lies below it; in the darkest tile at 68
BRIGHT = 220  # the darkest 1 % lies above it; in the palest product picture at 212
# Sharpness (see data.picture_facts): the smoothest photograph has 0.03; one blurred with a radius of 3 of 224 pixels
# has 0.005 to 0.03, a twentieth to a hundredth of what it had.
BLURRED = 0.02
BLURRED_OF_MEDIAN = 0.1
TINY = 32  # pixels of the shorter side: a thumbnail
SMALL, SMALL_OF_MEDIAN = 112, 0.25  # half of the 224 that most networks see, and a quarter of what the others have
ODD = 4.0  # times as long as wide: a square crop shows a quarter of it at most


class PictureQuality:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """Up to six findings; nothing where there are no facts of pictures."""
        facts = examined.facts.get("image")
        if facts is None:
            return []
        of_pixels = _Pixels(examined, facts) if "brightness" in facts else None
        return [*(of_pixels.findings() if of_pixels else []), *_tiny(examined, facts), *_odd(examined, facts)]


@dataclass(frozen=True)
class _Pixels:
    """What is said of the prepared pixels: each picture is called one of these at most."""

    examined: Examined
    facts: Facts

    def findings(self) -> list[Finding]:
        """Empty, else dark, else bright, else blurred."""
        facts = self.facts
        empty = facts["contrast"] < EMPTY
        dark = ~empty & (facts["brightest"] < DARK)
        bright = ~empty & ~dark & (facts["darkest"] > BRIGHT)
        told = facts["sharpness"][~empty]
        middle = float(np.median(told)) if len(told) else 0.0
        smooth = (facts["sharpness"] < BLURRED) & (facts["sharpness"] < BLURRED_OF_MEDIAN * middle)
        blurred = ~empty & ~dark & ~bright & smooth
        return [*self._empty(empty), *self._dark(dark), *self._bright(bright), *self._blurred(blurred, middle)]

    def _empty(self, chosen: np.ndarray) -> list[Finding]:
        contrast, brightness = self.facts["contrast"], self.facts["brightness"]
        rows = lowest_first(chosen, contrast)
        return poor_inputs(
            self.examined,
            "picture_quality/empty",
            "picture",
            rows,
            [f"one shade all over: brightness {brightness[row]:.0f} ± {contrast[row]:.1f} of 255" for row in rows],
            "show next to nothing: their brightness hardly changes from one place to another.",
            "Look at them; a failed camera or a broken export gives such pictures, and they teach nothing.",
        )

    def _dark(self, chosen: np.ndarray) -> list[Finding]:
        rows = lowest_first(chosen, self.facts["brightest"])
        return poor_inputs(
            self.examined,
            "picture_quality/dark",
            "picture",
            rows,
            [f"almost nothing is brighter than {self.facts['brightest'][row]:.0f} of 255" for row in rows],
            f"are very dark: 99 % of each lies below {DARK} of 255 grey levels.",
            "Look whether they can be recognised at all; if not, leave them out or take them again.",
        )

    def _bright(self, chosen: np.ndarray) -> list[Finding]:
        rows = lowest_first(chosen, -self.facts["darkest"])
        return poor_inputs(
            self.examined,
            "picture_quality/bright",
            "picture",
            rows,
            [f"almost nothing is darker than {self.facts['darkest'][row]:.0f} of 255" for row in rows],
            f"are washed out: 99 % of each lies above {BRIGHT} of 255 grey levels.",
            "Look whether they can be recognised at all; if not, leave them out or take them again.",
        )

    def _blurred(self, chosen: np.ndarray, middle: float) -> list[Finding]:
        sharpness = self.facts["sharpness"]
        rows = lowest_first(chosen, sharpness)
        return poor_inputs(
            self.examined,
            "picture_quality/blurred",
            "picture",
            rows,
            [f"{percent(float(sharpness[row]) / middle)} of the usual fine detail" for row in rows],
            "are blurred: they have less than a tenth of the fine detail of the others.",
            "Look at them; leave out what cannot be recognised, and keep blur that will come in use too.",
            evidence={"median_sharpness": round(middle, 6)},
        )


def _tiny(examined: Examined, facts: Facts) -> list[Finding]:
    if "height" not in facts:
        return []
    height, width = facts["height"], facts["width"]
    shorter = np.minimum(height, width)
    chosen = (shorter < TINY) | (shorter < min(SMALL, SMALL_OF_MEDIAN * float(np.median(shorter))))
    rows = lowest_first(chosen, shorter)
    return poor_inputs(
        examined,
        "picture_quality/tiny",
        "picture",
        rows,
        [f"{width[row]:.0f} x {height[row]:.0f} pixels" for row in rows],
        f"are tiny (down to {shorter.min():.0f} pixels on the shorter side; half of all pictures "
        f"have {np.median(shorter):.0f} or more).",
        "Use the originals if these are thumbnails; enlarging brings no detail back.",
        evidence={"median_shorter_side": float(np.median(shorter))},
    )


def _odd(examined: Examined, facts: Facts) -> list[Finding]:
    if "height" not in facts:
        return []
    height, width = facts["height"], facts["width"]
    ratio = np.maximum(height, width) / np.maximum(np.minimum(height, width), 1)
    rows = lowest_first(ratio > ODD, -ratio)
    return poor_inputs(
        examined,
        "picture_quality/odd_shape",
        "picture",
        rows,
        [f"{width[row]:.0f} x {height[row]:.0f} pixels, {ratio[row]:.1f} to 1" for row in rows],
        f"are more than {ODD:.0f} times as long as wide, so most of each is cut off or squeezed.",
        "Cut out what matters, or add --set model.resize=pad so that all of it is seen.",
    )


def _build(config: Config) -> PictureQuality:
    return PictureQuality()


PLUGIN = Plugin(build=_build)
