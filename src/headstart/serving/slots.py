"""Which bundle answers: the current one, taken into use anew when its folder changes, and perhaps one beside it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

from headstart.core.errors import HeadstartError
from headstart.serving.logs import log
from headstart.serving.models import Model, load, version_of
from headstart.serving.settings import ServeConfig


class Slots:
    """The bundles in memory.

    Attributes:
        current: What answers.
        beside: What is compared with it, or None.
        failure: Why the newest bundle in the folder is not in use, or None.
    """

    def __init__(self, run: Path, config: ServeConfig, told: Callable[[str, Model | None], None]) -> None:
        self._run, self._config, self._told = run, config, told
        self.current = load(run, config)
        self.beside = load(config.beside, config) if config.beside else None
        self.failure: str | None = None
        self._random = random.Random()  # noqa: S311 - who answers is no secret

    def pick(self) -> tuple[Model, Model | None]:
        """Who answers a request, and who is asked too so that both can be compared."""
        if self.beside is None:
            return self.current, None
        if self._random.random() < self._config.share:
            return self.beside, self.current
        return self.current, self.beside

    def refresh(self) -> bool:
        """Take the bundle in the folder into use if it is another; blocks for as long as loading takes.

        A request that began with the former one ends with it. A bundle that cannot be loaded leaves the former in use.

        Returns:
            Whether another is in use now.
        """
        folder = self.current.shipped.folder
        try:
            if version_of(folder) == self.current.version:
                return False
            model = load(self._run, self._config)
        except (HeadstartError, OSError) as error:
            self._refuse(folder, error)
            return False
        if model.version == self.current.version:
            return False
        self.current, self.failure = model, None
        self._told("taken", model)
        log("another bundle is in use", model=model.name, version=model.version)
        return True

    def _refuse(self, folder: Path, error: Exception) -> None:
        """Keep the former; a folder that is just being written is looked at again."""
        if self.failure is None:
            log("a new bundle is not taken into use", logging.WARNING, reason=str(error))
            self._told("refused", None)
        self.failure = str(error)
