"""Train methods that were asked for: one, a race of several, or some to compare with; and what cannot go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message

if TYPE_CHECKING:
    from headstart.core.training import TrainMethod
    from headstart.request.fit_config import FitConfig

METHODS = "methods"
AFTER_THE_PROBE = "lp_ft"  # what --minutes tries


@dataclass(frozen=True)
class TrainRequest:
    """A train method that was asked for.

    Attributes:
        name: Of the method and of its candidate.
        options: As asked, "auto" where they were not.
        can_ship: Whether it may be chosen; what is only compared may not.
        trial: What it is called in a race, "lp_ft#2"; "" outside of one.
    """

    name: str
    options: dict[str, Any]
    can_ship: bool = True
    trial: str = ""

    @property
    def label(self) -> str:
        """Under which it is decided, logged and kept."""
        return self.trial or self.name

    def config(self, settings: dict[str, Any] | None = None) -> Any:
        """Its config, from the options or from resolved settings; raises ConfigError for what it does not have."""
        values = self.options if settings is None else settings
        return plugins.load(METHODS, self.name).config.parse(values, f"method {self.name}")

    def method(self, config: Any) -> TrainMethod:
        """Built from a config."""
        method: TrainMethod = plugins.load(METHODS, self.name).build(config)
        return method

    @property
    def is_random(self) -> bool:
        """Whether it starts from random weights."""
        return bool(plugins.load(METHODS, self.name).build(self.config()).start == "random")


def is_train_method(name: str) -> bool:
    """Whether this is the name of a method that trains a network."""
    return name in plugins.names(METHODS) and plugins.load(METHODS, name).kind == "train"


def train_request(options: dict[str, Any]) -> TrainRequest | None:
    """The train method of a request; None where it names none."""
    name = str(options["name"])
    if not is_train_method(name):
        return None
    asked = TrainRequest(name, {key: value for key, value in options.items() if key != "name"})
    asked.config()
    return asked


def is_raced(request: FitConfig) -> bool:
    """Whether trainings compete: with time or a number of trials, and no method that was named with all settings."""
    name = str(request.method["name"])
    if is_train_method(name):
        return request.tune is not None
    return name == "auto" and (request.minutes is not None or request.tune is not None)


def is_tuned_alone(request: FitConfig) -> bool:
    """Whether a solved method was named whose settings are searched: it declares a space, and trials are asked for."""
    return request.tune is not None and bool(solved_space(request))


def solved_space(request: FitConfig) -> dict[str, Any]:
    """What a search may vary of a solved method that was named, without what was set; empty for other requests."""
    name = str(request.method["name"])
    if name not in plugins.names(METHODS) or is_train_method(name):
        return {}
    space = plugins.load(METHODS, name).config.space
    return {setting: values for setting, values in space.items() if setting not in request.method}


def require_search(request: FitConfig) -> None:
    """Raise ConfigError for --tune or --storage beside a method that has nothing to search: told before the work."""
    name = str(request.method["name"])
    if name == "auto" or is_train_method(name) or (request.tune is None and request.storage is None):
        return
    option = "--storage" if request.tune is None else "--tune"
    if not solved_space(request):
        able = [other for other in plugins.names(METHODS) if plugins.load(METHODS, other).config.space]
        raise ConfigError(
            f"{option} must stand beside a method whose settings can be searched; {name} has none that were left open: "
            f"what it needs is found on the folds. Leave {option} out, or name one of {able}."
        )
    if request.tune is None:
        raise ConfigError(f"--storage keeps a search; none was asked for. Add --tune N, or leave {option} out.")


def compared(wanted: tuple[str | dict[str, Any], ...], asked: TrainRequest | None) -> list[TrainRequest]:
    """Train methods to compare with, with as many epochs as were asked for; ConfigError for a name that is none.

    Args:
        wanted: Names, or a name with settings, as a resolved config has them.
        asked: The method that they are compared with.
    """
    known = [name for name in plugins.names(METHODS) if plugins.load(METHODS, name).kind == "train"]
    same = {key: asked.options[key] for key in ("epochs",) if asked and key in asked.options}
    found: dict[str, TrainRequest] = {}
    for each in wanted:
        options = {"name": each, **same} if isinstance(each, str) else dict(each)
        name = str(options.pop("name", ""))
        if name not in known:
            raise ConfigError(choice_message("train method for --compare", name, known))
        found[name] = TrainRequest(name, options, can_ship=False)
        found[name].config()
    return [request for name, request in found.items() if not asked or name != asked.name]


def require_combinable(request: FitConfig) -> None:
    """Raise ConfigError where there is nothing to combine, or something that does not train: told before the work."""
    if request.ensemble and not is_raced(request):
        raise ConfigError(
            "--ensemble combines the trainings of a race, so there must be one; neither --minutes nor --tune asks for "
            f"it with the method {request.method['name']}. Give --minutes N or --tune N, or leave --ensemble out."
        )
    if request.combine is None or is_raced(request):
        return
    for each in (request.method, *request.combine.others):
        name = str(each.get("name", ""))
        if not is_train_method(name):
            raise ConfigError(
                f"combine must name train methods, in `method` and in each of its `others`; got {name!r}. Take the "
                "config.yaml of a run as it is, or leave combine out."
            )
        train_request(each)
