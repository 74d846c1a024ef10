"""What the page of an adaptation says of classes that the domains do not share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, is_number, percent
from headstart.reports.run_files import listing, mapping
from headstart.reports.sections.result import Fact
from headstart.reports.table_section import Row, TableSection

LONGEST, MOST = 80, 100
ANSWERED_BY = {"run": "The model as it is", "ships": "What ships"}


def setting_facts(setting: Mapping[str, Any]) -> tuple[Fact, ...]:
    """One fact where the setting is not the closed one, from the section ``adaptation.setting``."""
    if setting.get("name") == "partial":
        absent = absent_names(setting)
        told = shorten(", ".join(absent), LONGEST) or "all classes seem to be in the new domain"
        return (Fact("Classes left out", count(len(absent)), told),)
    unknown = Interval.of(setting.get("unknown"))
    if setting.get("name") == "open" and unknown is not None:
        seen = "two kinds of examples are plain to see" if setting.get("seen") else "no second kind is plain to see"
        return (Fact("Answered unknown", percent(unknown.value, 0), seen),)
    return ()


def absent_names(setting: Mapping[str, Any]) -> tuple[str, ...]:
    """Classes that are taken for absent, or were not named."""
    return tuple(str(name) for name in listing(setting.get("absent")))


def absent_table(setting: Mapping[str, Any]) -> TableSection | None:
    """Which classes the new domain is taken to lack, and how sure that is; None in another setting."""
    if setting.get("name") != "partial":
        return None
    title, absent = "Which classes are absent?", absent_names(setting)
    if listing(setting.get("given")):
        says = f"Named with --classes: {', '.join(map(str, listing(setting.get('given'))))}. The others are never "
        says += f"the answer: {', '.join(absent)}." if absent else "the answer, and there is none."
        return TableSection("absent", title, "", (), (), (), says=says)
    found = [mapping(each) for each in listing(setting.get("classes"))]
    found.sort(key=lambda each: (not each.get("absent"), float(each["high"]) if is_number(each.get("high")) else 1.0))
    read = (
        "A class counts as absent where two heads hardly ever answer it, and the new examples are many enough to be "
        "sure. It is then never the answer. If you know that one of them is there, name the classes with --classes."
    )
    titles = ("Class", "Learned from", "Now, estimated", "At most", "Taken for")
    says = f"{count(len(absent))} of {count(len(found))} classes are taken for absent." if absent else (
        "None: all classes seem to be there, or the new examples are too few to be sure."
    )  # fmt: skip
    return TableSection("absent", title, read, titles, tuple(map(_class, found[:MOST])), (1, 2, 3), says=says)


def _class(each: Mapping[str, Any]) -> Row:
    figures = (percent(float(each[name])) if is_number(each.get(name)) else NO_VALUE for name in
               ("learned", "now", "high"))  # fmt: skip
    return shorten(str(each.get("class")), 60), *figures, "absent" if each.get("absent") else "there"


def open_table(open_set: Mapping[str, Any]) -> TableSection | None:
    """How many examples of known classes are right and how many of none are found, on labelled examples."""
    found = {name: mapping(open_set.get(name)) for name in ANSWERED_BY if open_set.get(name)}
    if not found:
        return None
    n = [*listing(next(iter(found.values())).get("n")), None, None][:2]
    read = (
        f"On {count(n[0])} labelled examples of classes that the model knows and {count(n[1])} of others. The H-score "
        "is the harmonic mean of both shares: to answer everything with a class, or nothing, gives 0. In brackets 95 % "
        "intervals; those of the H-score hold where both shares lie within theirs."
    )
    titles = ("Way", "Known, answered with their class", "Unknown, answered so", "H-score")
    rows = tuple(
        (ANSWERED_BY[name], _share(each.get("known")), _share(each.get("unknown")), _score(each.get("h_score")))
        for name, each in found.items()
    )
    return TableSection("open", "Are new classes told from known ones?", read, titles, rows, (1, 2, 3))


def _share(raw: Any) -> str:
    found = Interval.of(raw)
    if found is None:
        return NO_VALUE
    low, high = found.bounds or (None, None)
    told = "" if low is None or high is None else f" ({decimal(100 * low, 0)} to {decimal(100 * high, 0)})"
    return percent(found.value, 0) + told


def _score(raw: Any) -> str:
    found = Interval.of(raw)
    if found is None:
        return NO_VALUE
    low, high = found.bounds or (None, None)
    return decimal(found.value, 2) + (
        "" if low is None or high is None else f" ({decimal(low, 2)} to {decimal(high, 2)})"
    )
