"""The base of every config: frozen, unknown keys refused, all problems reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.core.errors import ConfigError, choice_message
from headstart.core.search import Space


class Config(BaseModel):
    """A frozen record of settings. It names plugins and holds plain values, never import paths.

    Field descriptions feed the command line's help and the reference pages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    space: ClassVar[Space] = {}  # what a search may vary, by field

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str = "config") -> Self:
        """Validate ``values``; raises one :class:`ConfigError` that lists every problem."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            lines = [cls._explain(where, problem) for problem in error.errors()]
            raise ConfigError("; ".join(lines)) from None

    @classmethod
    def _explain(cls, where: str, problem: Any) -> str:
        path = ".".join([where, *(str(part) for part in problem["loc"])])
        if problem["type"] == "extra_forbidden":
            return choice_message(f"a key of {where}", str(problem["loc"][-1]), cls.model_fields)
        return f"{path}: {problem['msg']}; got {problem['input']!r}"
