"""What the page of an adaptation says of classes that the domains do not share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, count, percent
from headstart.reports.run_files import listing
from headstart.reports.sections.result import Fact

LONGEST = 80


def setting_facts(setting: Mapping[str, Any]) -> tuple[Fact, ...]:
    """One fact where the setting is not the closed one, from the section ``adaptation.setting``."""
    if setting.get("name") == "partial":
        absent = [str(name) for name in listing(setting.get("absent"))]
        told = shorten(", ".join(absent), LONGEST) or "all classes seem to be in the new domain"
        return (Fact("Classes left out", count(len(absent)), told),)
    unknown = Interval.of(setting.get("unknown"))
    if setting.get("name") == "open" and unknown is not None:
        seen = "two kinds of examples are plain to see" if setting.get("seen") else "no second kind is plain to see"
        return (Fact("Answered unknown", percent(unknown.value, 0), seen),)
    return ()
