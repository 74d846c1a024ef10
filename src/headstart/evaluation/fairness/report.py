"""Everything about groups in one section: figures, comparisons under one correction, gaps, and a verdict per column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.fairness.against_rest import ERROR, comparisons, corrected
from headstart.evaluation.fairness.gaps import gaps
from headstart.evaluation.fairness.groups import LEAST, LEAST_TOGETHER, Grouping, groupings
from headstart.evaluation.fairness.judged import Judged
from headstart.evaluation.fairness.measures import measures
from headstart.evaluation.fairness.words import overall, verdict
from headstart.evaluation.fairness.worst import worst_and_best
from headstart.evaluation.intervals import LEVEL


def report(
    columns: Mapping[str, NDArray[Any]],
    judged: Judged,
    *,
    least: int = LEAST,
    least_together: int | None = LEAST_TOGETHER,
    positive: str = "positive",
    seed: int = 0,
) -> dict[str, Any]:
    """A section of evidence, as JSON.

    Args:
        columns: By name, ``(N,)`` values each: who an example is about.
        judged: Of the same N examples, from ``judge_classes``, ``judge_numbers`` or ``judge_labels``.
        least: Examples that a group of one column needs, and that must count in an aspect that groups are compared in.
        least_together: Examples that a group of several columns needs; None looks at each column alone.
        positive: What the positive class is called in sentences.
        seed: Of permutations and of the interval of the calibration error; the same seed gives the same section.

    Returns:
        - ``sentence``: where differences were found.
        - ``primary``: name of the aspect that says who is worst off; ``level`` 0.95; ``least``.
        - ``correction``: ``method`` "holm", ``comparisons`` (how many), ``error`` 0.05, ``controls`` (a sentence).
        - ``columns``: by name, of columns together joined by " & ":
            ``columns`` (their names), ``refused`` (a sentence, or None; then the rest is empty), ``verdict``,
            ``differs`` (whether any difference is claimed; None where nothing was compared),
            ``groups`` (see ``measures.measures``), ``too_few`` (``{group: n}``), ``worst``, ``best``, ``bound`` (see
            ``worst.worst_and_best``), ``gaps`` (see ``gaps.gaps``), ``against_rest`` (see ``against_rest.corrected``).
        - ``notes``: sentences about what was left out.

    Raises:
        ShapeError: columns and judged examples differ in number.
        ConfigError: no column, or ``least`` below 2.
    """
    every = groupings(columns, least, least_together)
    found = [grouping for grouping in every if not grouping.repeats]
    if len(found[0].code) != len(judged):
        raise ShapeError(
            f"columns and judged examples must be of the same rows; got {len(found[0].code)} and {len(judged)}."
        )
    compared = [comparisons(grouping, judged.aspects, least, seed) for grouping in found if not grouping.refused]
    written = corrected([one for of_grouping in compared for one in of_grouping])
    sections = {
        grouping.name: _section(
            grouping, judged, [each for each in written if each["column"] == grouping.name], least, seed,
            positive, len(written),
        )
        for grouping in found
    }  # fmt: skip
    return {
        "sentence": overall({name: section["differs"] for name, section in sections.items()}),
        "primary": judged.primary.name,
        "level": LEVEL,
        "least": least,
        "correction": _correction(len(written)),
        "columns": sections,
        "notes": _notes(every),
    }


def _section(
    grouping: Grouping,
    judged: Judged,
    found: Sequence[Mapping[str, Any]],
    least: int,
    seed: int,
    positive: str,
    total: int,
) -> dict[str, Any]:
    is_refused = bool(grouping.refused)
    return {
        "columns": list(grouping.columns),
        "refused": grouping.refused or None,
        "verdict": grouping.refused or verdict(grouping.name, found, judged, positive, total),
        "differs": any(each["differs"] for each in found) if found else None,
        "groups": measures(grouping, judged, seed),
        "too_few": dict(grouping.too_few),
        **worst_and_best(grouping, judged, least),
        "gaps": {} if is_refused else gaps(grouping, judged.aspects, least, seed),
        "against_rest": list(found),
    }


def _correction(total: int) -> dict[str, Any]:
    return {
        "method": "holm",
        "comparisons": total,
        "error": round(ERROR, 12),
        "controls": (
            f"{total} comparisons of a group with all other examples were made. If none of them differed in truth, a "
            "difference would be claimed anywhere in at most 5 of 100 such reports; the same holds for those among "
            "them that do not differ. p-values of gaps are not corrected, and nothing is claimed from them."
        ),
    }


def _notes(found: Sequence[Grouping]) -> list[str]:
    notes = [grouping.refused for grouping in found if grouping.refused]
    notes += [
        f"{grouping.name} gives the groups of {grouping.repeats} again, and is not looked at for itself."
        for grouping in found
        if grouping.repeats
    ]
    for grouping in found:
        if grouping.too_few and not grouping.repeats:
            many, examples = len(grouping.too_few), sum(grouping.too_few.values())
            groups = "group has" if many == 1 else "groups have"
            notes.append(
                f"{many} {groups} fewer than {grouping.least} examples and no figures, though their {examples} "
                f"examples count among the others: {grouping.name}."
            )
    return notes
