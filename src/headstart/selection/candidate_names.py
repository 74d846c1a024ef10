"""How a candidate is named: ``NAME``, ``NAME:160``, ``NAME@blocks.4``, ``NAME:160@blocks.4``, ``random(NAME)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from headstart.core.errors import ConfigError

SIZE = re.compile(r"(\d+)(?:x(\d+))?")
RANDOM = re.compile(r"random\s*\((.*)\)", re.IGNORECASE)
FORMS = "NAME, NAME:SIZE (of pictures, for example :160), NAME@STAGE, NAME:SIZE@STAGE or random(NAME)"


@dataclass(frozen=True)
class CandidateName:
    """What a name asks for.

    Attributes:
        model: A pretrained network or a fitted baseline.
        size: Height and width of pictures; None: those of the model.
        stage: Name, or number of stages from the input, whose output is averaged; None: the network's own features.
        is_random: The same network with random weights.
    """

    model: str
    size: tuple[int, int] | None = None
    stage: str | int | None = None
    is_random: bool = False

    def __str__(self) -> str:
        size = "" if self.size is None else f":{size_text(self.size)}"
        inner = f"{self.model}{size}{'' if self.stage is None else f'@{self.stage}'}"
        return f"random({inner})" if self.is_random else inner


def parse(text: str, is_model: Callable[[str], bool] = lambda name: False) -> CandidateName:
    """Read one name.

    Args:
        text: As typed.
        is_model: Whether a text is the whole name of a model or a path that exists: such a one is never taken apart.

    Raises:
        ConfigError: a part is missing or no size.

    >>> parse("efficientnet_lite0:160@blocks.4")
    CandidateName(model='efficientnet_lite0', size=(160, 160), stage='blocks.4', is_random=False)
    """
    given = text.strip()
    match = RANDOM.fullmatch(given)
    if match is None and (given.lower().startswith("random(") or given.count("(") != given.count(")")):
        raise _wrong(text, "a bracket is not closed")
    inner = match[1].strip() if match else given
    if is_model(inner):
        return CandidateName(inner, is_random=match is not None)
    rest, at, stage = inner.rpartition("@")
    named, size = _sized(rest.strip() if at else inner, text, is_model)
    if not named:
        raise _wrong(text, "the name of the model is missing")
    if at and not stage.strip():
        raise _wrong(text, "the stage after @ is missing")
    stage = stage.strip()
    return CandidateName(named, size, (int(stage) if stage.isdecimal() else stage) if at else None, match is not None)


def size_text(size: tuple[int, int]) -> str:
    """``160`` or ``160x128``."""
    height, width = size
    return str(height) if height == width else f"{height}x{width}"


def _sized(text: str, whole: str, is_model: Callable[[str], bool]) -> tuple[str, tuple[int, int] | None]:
    if is_model(text):
        return text, None
    named, colon, size = text.rpartition(":")
    if not colon:
        return text, None
    match = SIZE.fullmatch(size.strip())
    if match is None:
        if is_model(named.strip()):
            raise _wrong(whole, f"the size {size.strip()!r} is no number of pixels")
        return text, None  # a colon may be part of a hub name
    return named.strip(), (int(match[1]), int(match[2] or match[1]))


def _wrong(text: str, problem: str) -> ConfigError:
    return ConfigError(f"a candidate must be written {FORMS}; got {text!r}: {problem}. Correct it.")
