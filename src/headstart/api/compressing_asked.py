"""What the user asks of a compression, checked, and what can be advised where it cannot be had."""

from __future__ import annotations

from typing import Any

from headstart.compression.asked import Asked
from headstart.compression.points import BY
from headstart.core.errors import ConfigError, choice_message

MAX_DROP = 0.5


def asked_of(speedup: str | float | None, smaller: str | float | None, max_drop: float, by: str) -> Asked:
    """Numbers from what was typed; raises ConfigError for what makes no sense."""
    if not 0 <= max_drop < 100:
        raise ConfigError(f"--max-drop must be points from 0 to 100; got {max_drop:g}. Half a point is 0.5.")
    if by not in BY:
        raise ConfigError(choice_message("--by", by, BY))
    return Asked(max_drop, _times("--speedup", speedup), _times("--smaller", smaller), by)


def advice(asked: Asked) -> str:
    """What to do, and what of this processor may be why."""
    from headstart.compression.running import processor_notes

    wanted = [name for name, value in (("--speedup", asked.speedup), ("--smaller", asked.smaller)) if value]
    less = f", or ask for less with {' or '.join(wanted)}" if wanted else ""
    return " ".join([f"Allow a larger drop with --max-drop{less}.", *processor_notes()])


def require_no_search(**options: Any) -> None:
    """Raises ConfigError where a pick is given options of a search."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given:
        raise ConfigError(
            f"--pick ships a point of a search that was made, as it was made; got {', '.join(given)} too. Leave that "
            "out, or search again."
        )


def _times(option: str, asked: str | float | None) -> float | None:
    """4 and "4x" are 4.0.

    >>> _times("--speedup", "2.5x")
    2.5
    """
    if asked is None:
        return None
    try:
        found = float(str(asked).lower().removesuffix("x"))
    except ValueError:
        found = float("nan")
    if not found > 1:
        raise ConfigError(f"{option} must be a number above 1, as 2x or 4; got {asked}.")
    return found
