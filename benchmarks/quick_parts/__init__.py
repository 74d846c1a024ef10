"""The ratios of ``quick.py``, one kind in a file."""

from __future__ import annotations

from quick_parts.fits import AGAIN, COLD, KEPT_EPOCH
from quick_parts.ratio import Ratio
from quick_parts.solve import SOLVE
from quick_parts.start import START

RATIOS: dict[str, Ratio] = {each.name: each for each in (COLD, AGAIN, KEPT_EPOCH, SOLVE, START)}
