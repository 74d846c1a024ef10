"""Foreign text made fit to stand in an HTML file, and numbers in JSON made fit to be written."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from typing import Any

# Controls except tab and newline, lone surrogates (file names that are not UTF-8) and the two non-characters cannot
# stand in an HTML file; marks that switch the writing direction could make a name read as another one.
UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"


def showable(value: Any) -> Any:
    """The same JSON value with unshowable characters replaced and numbers beyond all floats turned into None."""
    if isinstance(value, str):
        return UNSHOWABLE.sub(REPLACEMENT, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if abs(value) <= sys.float_info.max else None
    if isinstance(value, Mapping):
        return {showable(str(key)): showable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [showable(item) for item in value]
    return value
