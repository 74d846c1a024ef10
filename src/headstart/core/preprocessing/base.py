"""What every preprocessing shares, and reading one back from JSON by its kind."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny

from headstart.core import plugins
from headstart.core.config import Config

ROOM = "core.preprocessing"


class Preprocessing(Config):
    """Base of all: ``kind`` is the name of the file it is described in, and of the modality that executes it."""

    kind: str


def parse_preprocessing(values: Any) -> Any:
    """The preprocessing that JSON describes; one that is built already stays as it is.

    Raises:
        ConfigError: no such kind, or values that do not fit it.
    """
    if isinstance(values, Preprocessing) or not isinstance(values, dict):
        return values
    plugin = plugins.load(ROOM, str(values.get("kind")))
    return plugin.config.parse(values, "preprocessing")


AnyPreprocessing = Annotated[SerializeAsAny[Preprocessing], BeforeValidator(parse_preprocessing)]
