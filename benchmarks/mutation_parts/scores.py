"""Counts and lists of a room's mutants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .reasons import Reason, of
from .verdicts import Mutant

CONTEXT = 16  # letters shown on each side of a change


def document(mutants: Sequence[Mutant], reasons: Sequence[Reason]) -> dict[str, Any]:
    """What results/mutation.json holds of a room: counts of each file and of all, and the survivors.

    Where a run was stopped some mutants have no verdict; they are named by file and count nowhere else.
    """
    judged = [each for each in mutants if each.verdict is not None]
    files = {file: counts([each for each in judged if each.file == file], reasons) for file in _files(judged)}
    survivors = [_survivor(each, of(each, reasons)) for each in judged if each.verdict == "survived"]
    waiting = Counter(each.file for each in mutants if each.verdict is None)
    return {"all": counts(judged, reasons), "files": files, "not_judged": dict(waiting), "survivors": survivors}


def counts(mutants: Sequence[Mutant], reasons: Sequence[Reason]) -> dict[str, Any]:
    """How many were killed, ran into the time limit and survived; of these, how many cannot be told apart."""
    verdicts = [each.verdict for each in mutants]
    survivors = [of(each, reasons) for each in mutants if each.verdict == "survived"]
    equivalent = sum(reason is not None and reason.kind == "equivalent" for reason in survivors)
    caught = verdicts.count("killed") + verdicts.count("timeout")
    return {
        "mutants": len(mutants),
        "killed": verdicts.count("killed"),
        "timeouts": verdicts.count("timeout"),
        "survived": len(survivors),
        "equivalent": equivalent,
        "unexplained": sum(reason is None for reason in survivors),
        "score": share(caught, len(mutants)),
        "score_without_equivalent": share(caught, len(mutants) - equivalent),
    }


def share(part: int, whole: int) -> float | None:
    """To four digits; None of nothing.

    >>> share(1, 3), share(0, 0)
    (0.3333, None)
    """
    return round(part / whole, 4) if whole else None


def narrowed(was: str, becomes: str) -> tuple[str, str]:
    """Both lines cut to where they differ, with a few letters around.

    >>> narrowed("count = np.bincount(place, minlength=BINS)", "count = np.bincount(place, minlength=None)")
    ('..., minlength=BINS)', '..., minlength=None)')
    """
    ahead = next((i for i, (a, b) in enumerate(zip(was, becomes, strict=False)) if a != b), min(len(was), len(becomes)))
    rest = min(len(was), len(becomes)) - ahead
    behind = next((i for i in range(rest) if was[-1 - i] != becomes[-1 - i]), rest)
    start, end = max(0, ahead - CONTEXT), max(0, behind - CONTEXT)
    left, right = "..." if start else "", "..." if end else ""
    first, second = (left + text[start : len(text) - end].strip() + right for text in (was, becomes))
    return first, second


def _files(mutants: Sequence[Mutant]) -> list[str]:
    return sorted({each.file for each in mutants})


def _survivor(mutant: Mutant, reason: Reason | None) -> dict[str, Any]:
    return {
        "file": mutant.file,
        "function": mutant.function,
        "was": mutant.was,
        "becomes": mutant.becomes,
        "kind": reason.kind if reason else "unexplained",
        "why": reason.why if reason else "",
    }
