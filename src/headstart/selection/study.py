"""The search space and the memory of a race, held by Optuna: any of its storages lets several machines share one race.

Akiba, Sano, Yanase, Ohta & Koyama, KDD 2019, arXiv:1907.10902. New trials are drawn by its tree-structured Parzen
estimator (Bergstra, Bardenet, Bengio & Kegl, NeurIPS 2011), after the settings that won elsewhere were tried.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from headstart.core.errors import ConfigError, MissingExtraError
from headstart.core.search import Choice, Dimension, Shift, Space
from headstart.core.seeding import derive_seed

STARTUP = 5  # trials before the estimator is used
METHOD = "method"
LEAST_COMPARED = 4  # trials from which anything can be said of what mattered
SEEDS = 2**32  # how many NumPy's older generators know

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawn:
    """A point of the space: the number of its trial, the method, and what was drawn for it."""

    number: int
    method: str
    values: Mapping[str, Any]


class Study:
    """A race's memory.

    Args:
        spaces: By method.
        first: What is tried first, in order: method and values (names that are missing are drawn).
        storage: Optuna's address, for example ``sqlite:///runs/race.db``.
        name: Runs of one name in one storage share what they learn; their spaces must be the same.
        seed: Of the draws. A draw depends on it and on the number of its trial alone, so a race that was interrupted
            draws what it would have drawn, and two machines of one seed do not draw the same.

    Raises:
        MissingExtraError: Optuna is not installed.
        ConfigError: The storage cannot be reached; every method raises it too.
    """

    def __init__(
        self,
        spaces: Mapping[str, Space],
        first: Sequence[tuple[str, Mapping[str, Any]]],
        storage: str,
        name: str,
        seed: int,
    ) -> None:
        self._optuna = _optuna()
        self._spaces = dict(spaces)
        self._storage = storage
        self._seed = seed
        with reached(storage):
            self._study = self._optuna.create_study(
                storage=storage, study_name=name, load_if_exists=True, direction="minimize", sampler=self._sampler(0)
            )
            if not self._study.trials:
                for method, values in first:
                    self._study.enqueue_trial({METHOD: method, **_prefixed(method, values)})

    def ask(self) -> Drawn:
        """The next trial to make."""
        with reached(self._storage):
            trial = self._study.ask()
            self._study.sampler = self._sampler(trial.number)
            method = trial.suggest_categorical(METHOD, sorted(self._spaces))
            values = {
                name: self._suggest(trial, f"{method}.{name}", dimension)
                for name, dimension in sorted(self._spaces[method].items())
            }
        return Drawn(trial.number, method, values)

    def tell(self, number: int, loss: float) -> None:
        """What came out; a loss that is not finite counts as failed. A trial that was told stays as it was."""
        with reached(self._storage):
            if number >= len(self._study.trials):
                return
            if math.isfinite(loss):
                self._study.tell(number, loss, skip_if_finished=True)
            else:
                self._study.tell(number, state=self._optuna.trial.TrialState.FAIL, skip_if_finished=True)

    def add(self, method: str, values: Mapping[str, Any], loss: float) -> int:
        """A finished trial that was not asked for here; returns its number."""
        known = {name: value for name, value in values.items() if name in self._spaces[method]}
        distributions = {
            METHOD: self._optuna.distributions.CategoricalDistribution(sorted(self._spaces)),
            **{f"{method}.{name}": self._distribution(self._spaces[method][name]) for name in known},
        }
        with reached(self._storage):
            self._study.add_trial(
                self._optuna.trial.create_trial(
                    params={METHOD: method, **_prefixed(method, known)}, distributions=distributions, value=loss
                )
            )
            return len(self._study.trials) - 1

    @property
    def losses(self) -> list[tuple[str, float]]:
        """Method and loss of every finished trial, those of other machines too."""
        done = self._optuna.trial.TrialState.COMPLETE
        with reached(self._storage):
            return [(each.params[METHOD], each.value) for each in self._study.trials if each.state == done]

    def importance(self) -> dict[str, float]:
        """How much each dimension mattered (0-1, they sum to 1), over methods that share it; empty for few trials.

        Compared are the finished trials that have every dimension of the method that was tried most.
        """
        done = self._optuna.trial.TrialState.COMPLETE
        with reached(self._storage):
            trials = [each for each in self._study.trials if each.state == done]
        if len(trials) < LEAST_COMPARED:
            return {}
        methods = [each.params[METHOD] for each in trials]
        wanted = set(self._spaces[max(sorted({*methods}), key=methods.count)])
        alike = [each for each in trials if wanted <= {name.partition(".")[2] for name in each.params}]
        varied = {each.params[METHOD] for each in alike}
        names = wanted | ({METHOD} if len(varied) > 1 else set())
        return self._importance(alike, names) if len(alike) >= LEAST_COMPARED else {}

    def _importance(self, trials: Sequence[Any], names: set[str]) -> dict[str, float]:
        """Of the named dimensions, whatever the method in front of their name."""
        compared = self._optuna.create_study()
        for each in trials:
            params = {name.rpartition(".")[2]: value for name, value in each.params.items()}
            kinds = {name.rpartition(".")[2]: kind for name, kind in each.distributions.items()}
            known = {name: params[name] for name in names}
            compared.add_trial(
                self._optuna.trial.create_trial(
                    params=known, distributions={name: kinds[name] for name in known}, value=each.value
                )
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # few trials: the quantiles it compares may be the same
                found = self._optuna.importance.get_param_importances(compared)
        except (RuntimeError, ValueError):  # all alike, or nothing in common
            return {}
        return {name: round(float(value), 3) for name, value in found.items()}

    def _sampler(self, number: int) -> Any:
        seed = derive_seed(self._seed, "race", str(number)) % SEEDS
        return self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)

    def _distribution(self, dimension: Dimension) -> Any:
        known = self._optuna.distributions
        if isinstance(dimension, Choice):
            return known.CategoricalDistribution(list(dimension.values))
        if isinstance(dimension, Shift):
            return known.IntDistribution(dimension.low, dimension.high)
        return known.FloatDistribution(dimension.low, dimension.high, log=True)

    def _suggest(self, trial: Any, name: str, dimension: Dimension) -> Any:
        if isinstance(dimension, Choice):
            return trial.suggest_categorical(name, list(dimension.values))
        if isinstance(dimension, Shift):
            return trial.suggest_int(name, dimension.low, dimension.high)
        return trial.suggest_float(name, dimension.low, dimension.high, log=True)


def _prefixed(method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{method}.{name}": value for name, value in values.items()}


def require_storage(storage: str) -> None:
    """Raise ConfigError where the storage cannot be reached, MissingExtraError without Optuna."""
    optuna = _optuna()
    with reached(storage):
        optuna.storages.get_storage(storage)


@contextmanager
def reached(storage: str) -> Iterator[None]:
    """Errors of a storage's driver become a ConfigError that says so."""
    try:
        yield
    except Exception as error:  # whatever the driver raises
        raise ConfigError(
            f"the storage of the race must be reachable; {_without_password(storage)} is not "
            f"({type(error).__name__}). Leave it out for a file in the run folder, or correct the address."
        ) from None


def _without_password(storage: str) -> str:
    """The address without what must not be shown."""
    head, mark, tail = storage.partition("://")
    return f"{head}{mark}...@{tail.rpartition('@')[2]}" if "@" in tail else storage


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingExtraError("optuna", "race", "trying several settings (--minutes beyond lp_ft, --tune)") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
