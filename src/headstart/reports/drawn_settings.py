"""Settings of a training that a race drew, in words: relative to what was measured, as they were drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headstart.reports.numbers import is_number, number

AS_MEASURED = "as measured on these examples"
DIMENSIONS = {
    "method": "the method",
    "freeze": "how many stages stay frozen",
    "lr": "the learning rate",
    "augmentation": "how strongly views are changed",
    "label_smoothing": "label smoothing",
    "stage_decay": "how much slower lower stages learn",
}


def in_words(drawn: Mapping[str, Any]) -> str:
    """What differs from what was measured.

    >>> in_words({"freeze": -2, "lr": 1.7, "augmentation": "strong", "label_smoothing": 0.0, "alpha": 0.05})
    '2 stages fewer frozen, rate \u00d7 1.7, stronger views, alpha 0.05'
    """
    said = [WORDS[name](value) if name in WORDS else _plain(name, value) for name, value in _ordered(drawn)]
    return ", ".join(each for each in said if each) or AS_MEASURED


def dimension(name: object) -> str:
    """What a setting is about, inside a sentence; also with a method in front, "lp_ft.lr"."""
    last = str(name).rpartition(".")[2]
    return DIMENSIONS.get(last, last.replace("_", " "))


def _ordered(drawn: Mapping[str, Any]) -> list[tuple[str, Any]]:
    known = [(name, drawn[name]) for name in WORDS if name in drawn]
    return known + [(str(name), value) for name, value in drawn.items() if name not in WORDS]


def _freeze(value: Any) -> str:
    if not is_number(value) or value == 0:
        return ""
    stages = f"{abs(value):.0f} stage{'s' if abs(value) != 1 else ''}"
    return f"{stages} {'more' if value > 0 else 'fewer'} frozen"


def _factor(value: Any) -> str:
    return "" if not is_number(value) or value == 1 else f"rate \u00d7 {value:.2g}"


def _augmentation(value: Any) -> str:
    return {"auto": "", "strong": "stronger views", "none": "no changed views"}.get(str(value), f"{value} views")


def _smoothing(value: Any) -> str:
    return "" if not is_number(value) or value == 0 else f"labels smoothed by {value:g}"


def _decay(value: Any) -> str:
    return "" if not is_number(value) or value == 1 else f"each lower stage slower (\u00d7 {value:g})"


def _plain(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {number(value) if is_number(value) else value}"


WORDS: Mapping[str, Callable[[Any], str]] = {
    "freeze": _freeze,
    "lr": _factor,
    "augmentation": _augmentation,
    "label_smoothing": _smoothing,
    "stage_decay": _decay,
}
