"""Why survivors may live: what was said of them when somebody looked."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .verdicts import Mutant

FILE = Path(__file__).with_name("reasons.toml")
KINDS = (
    "equivalent",
    "wording",
    "untested",
)  # nothing can tell it apart; a message's words; a test would not be worth it


@dataclass(frozen=True)
class Reason:
    """One sentence about the survivors that it fits.

    Attributes:
        why: The sentence.
        kind: Of KINDS.
        file: Pattern of files.
        function: Pattern of functions.
        was: Must stand in the lines that were changed.
        becomes: Must stand in what they became.
    """

    why: str
    kind: str
    file: str = "*"
    function: str = "*"
    was: str = ""
    becomes: str = ""

    def fits(self, mutant: Mutant) -> bool:
        """Whether it speaks of a mutant."""
        return (
            fnmatch.fnmatchcase(mutant.file, self.file)
            and fnmatch.fnmatchcase(mutant.function, self.function)
            and self.was in mutant.was
            and self.becomes in mutant.becomes
        )


def read(path: Path = FILE) -> list[Reason]:
    """In the order of the file: special ones stand before general ones."""
    reasons = [Reason(**entry) for entry in tomllib.loads(path.read_text()).get("reason", ())]
    wrong = [reason.why for reason in reasons if reason.kind not in KINDS]
    if wrong:
        raise SystemExit(f"a reason's kind must be one of {', '.join(KINDS)}; that of {wrong[0]!r} is not")
    return reasons


def of(mutant: Mutant, reasons: Sequence[Reason]) -> Reason | None:
    """The first that fits."""
    return next((reason for reason in reasons if reason.fits(mutant)), None)
