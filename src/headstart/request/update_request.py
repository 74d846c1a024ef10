"""The request of an update: that of the run it goes on from, resolved, with new data below the run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError
from headstart.core.run_folder import RunFolder
from headstart.request.fit_config import FitConfig, merge, parse_settings, read_config

NEW = ("data", "test", "add", "update", "accept", "allow_bad", "device", "threads", "cache", "cache_size", "examples",
       "checkpoint_minutes", "tensorboard")  # what may be named beside the run  # fmt: skip
CLEARED: Mapping[str, Any] = {"minutes": None, "compare": (), "resplit": False}
NOT_ON_DISK = "<"  # how a source that was no path is written into config.yaml
SETTINGS = "card."  # what --set may change: the texts of the model card


def update_request(
    named: Mapping[str, Any], *, config: str | Path | None, settings: Sequence[str] | Mapping[str, Any]
) -> FitConfig:
    """``config.yaml`` of the run in ``named["update"]``, with ``named["add"]`` as its newest addition.

    What decided the run stays as it was found then: network, method and its settings, runtime, seed. So kept
    activations are found again, and what differs between the two models is what they learned from.

    Raises:
        ConfigError: there is no finished run, nothing to add, or an option that belongs to the run.
    """
    run, add = Path(str(named["update"])), named.get("add")
    if add is None:
        raise ConfigError("--update must come with new labelled data; none were named. Name them with --add DATA.")
    if config is not None:
        raise ConfigError(
            "--update takes its options from the run's config.yaml; --config names another one. Leave one out: "
            "`fit --config` with the config.yaml of an updated run repeats that update."
        )
    further = [f"--set {key}" for key in parse_settings(settings) if not key.startswith(SETTINGS)]
    given = sorted(name for name, value in named.items() if value is not None and name not in NEW)
    if others := [*(f"--{name.replace('_', '-')}" for name in given), *further]:
        raise ConfigError(
            f"--update keeps the run's own options, so that what it learned from is all that differs; got "
            f"{', '.join(others)}. Leave them out, or fit all data anew."
        )
    folder = RunFolder(run)
    if not folder.config.is_file() or not folder.is_finished:
        raise ConfigError(f"--update must name a finished run folder; {run} is none. Name one that `fit` printed.")
    if folder.evidence.exists() and "compression" in folder.read_evidence():
        raise ConfigError(
            f"--update fits a run anew; {run} was compressed. Update the run that it was made from, and compress that."
        )
    values = read_config(folder.config, "Take another run.")
    earlier = [*values.get("added", ()), *([values["add"]] if values.get("add") else [])]
    base = {**values, **CLEARED, "added": earlier, "update": None, "add": None}
    new = {name: value for name, value in named.items() if value is not None}
    new["accept"] = (*values.get("accept", ()), *new.get("accept", ()))
    return merge({**base, **new}, settings=settings)


def require_on_disk(request: FitConfig, named: Mapping[str, Any]) -> None:
    """Raise ConfigError where the run's own data were handed over in Python and are not handed over again."""
    for option, source in (("data", request.data), ("test", request.test)):
        if named.get(option) is None and (source or "").startswith(NOT_ON_DISK):
            raise ConfigError(
                f"the {option} of a run that is updated must be there; they were given in Python as {source}. Give the "
                f"same again: headstart.fit({'data' if option == 'data' else 'test=data'}, update=..., add=...)"
            )
    for each in request.added:
        if each.data.startswith(NOT_ON_DISK):
            raise ConfigError(
                f"what a run was updated with must be on disk for another update; {each.data} was given in Python. "
                "Write it to a file, and update the first run with that."
            )
