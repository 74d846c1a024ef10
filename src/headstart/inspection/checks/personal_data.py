"""Personal data in texts and columns: e-mail addresses, phone numbers, payment cards, bank accounts, IP addresses.

What was found is never repeated: a finding is written to files and reports that others read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.personal import kinds_in
from headstart.inspection.checks.texts import text_column, texts_in
from headstart.inspection.examined import Examined, parts_of
from headstart.inspection.finding import Finding, Suspect

PLURALS = {
    "e-mail address": "e-mail addresses",
    "phone number": "phone numbers",
    "payment card number": "payment card numbers",
    "bank account (IBAN)": "bank accounts (IBAN)",
    "IP address": "IP addresses",
}


class PersonalData:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """One finding for all kinds."""
        found: dict[int, set[str]] = {}
        columns: set[str] = set()
        for name, texts in _sources(examined):
            for row, kinds in _kinds(texts):
                found.setdefault(row, set()).update(kinds)
                columns.add(name)
        if not found:
            return []
        counts = Counter(kind for kinds in found.values() for kind in kinds)
        n = len(examined.inputs)
        listed = ", ".join(f"{PLURALS[kind]} in {count:,}" for kind, count in counts.most_common())
        ids = examined.inputs.ids
        return [
            Finding(
                id="personal_data",
                severity="warning",
                what=f"{len(found):,} of {n:,} examples seem to hold personal data: {listed}.",
                action="Take them out or replace them by a word for their kind, unless you may use them; a model can "
                "give away what it learned from.",
                evidence={
                    "counts": dict(counts),
                    "columns": sorted(columns),
                    "share": round(len(found) / n, 6),
                },
                suspects=tuple(
                    Suspect(row, ids[row], ", ".join(sorted(kinds))) for row, kinds in sorted(found.items())
                ),
            )
        ]


def _sources(examined: Examined) -> Iterator[tuple[str, Iterable[tuple[int, str]]]]:
    for number in parts_of(examined, "text"):
        yield examined.inputs.parts[number].schema.name, texts_in(examined, number)
    for name in examined.inputs.table.columns:
        yield name, text_column(examined, name)


def _kinds(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, set[str]]]:
    known: dict[str, set[str]] = {}  # cells of a column repeat
    for row, text in texts:
        if text not in known:
            known[text] = kinds_in(text)
        if known[text]:
            yield row, known[text]


def _build(config: Config) -> PersonalData:
    return PersonalData()


PLUGIN = Plugin(build=_build)
