"""What an audit without a fit looks at: features and a probe of all examples, and a pool without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.auditing.examination import Computed, Learned, examined
from headstart.auditing.suggesting import read_pool, suggestions
from headstart.core.errors import ConfigError
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.features.compute import Features, compute_features
from headstart.features.duplicate_examples import duplicate_groups
from headstart.features.model_names import the_only_model
from headstart.features.networks import ModelOptions, Networks, find_networks, named_card
from headstart.features.reading import read_sources
from headstart.features.sources import joined
from headstart.solving.candidates import Ingredients, candidates_of, method_named
from headstart.solving.meaning import meaning_of
from headstart.solving.parting import problem_of
from headstart.solving.splitting import kept_together

if TYPE_CHECKING:
    from headstart.core.learning import Solution
    from headstart.core.progress import Progress
    from headstart.core.run_folder import RunFolder
    from headstart.data.dataset import Dataset
    from headstart.data.read import Reading
    from headstart.features.network_in_pass import Workshop
    from headstart.inspection.examined import Examined
    from headstart.request.fit_config import FitConfig


@dataclass(frozen=True)
class Looked:
    """What an audit has seen.

    Attributes:
        seen: What the checks look at.
        learned: The probe of all examples, each judged by a model that did not see it.
        solution: That it came from.
        networks: That the examples were seen by.
        pool: Rows without a target that were set aside; None where there are none.
    """

    seen: Examined
    learned: Learned
    solution: Solution
    networks: Networks
    pool: Dataset | None


@dataclass(frozen=True)
class Auditor:
    """Computes what an audit needs.

    Attributes:
        place: Holds the runtime's choice, so that a pool is seen by the same one; gone afterwards.
    """

    request: FitConfig
    workshop: Workshop
    place: RunFolder
    progress: Progress

    def look(self, sources: Sequence[Any], *, with_pool: bool) -> Looked:
        """Read, compute and solve.

        Args:
            sources: Data, and test data or None.
            with_pool: Whether rows without a target are set aside for suggestions; they are an error otherwise.
        """
        request, progress = self.request, self.progress
        progress.step("read", 0)
        options = the_only_model(ModelOptions.parse(request.model, "model"))
        named = named_card(options)
        data, test = sources
        reading, pool = _without_pool(read_sources(request, (data, test), target_optional=with_pool))
        meaning = meaning_of(reading.dataset, request.task, resplit=request.resplit)
        networks = find_networks(options, named, reading.dataset.schema)
        features = self._features(reading.dataset, networks, meaning.strata)
        reading = reading.without(features.failures, request.allow_bad)
        progress.step("audit", 0)
        duplicates = duplicate_groups(reading.dataset, networks, features, self.workshop.store)
        computed = Computed(reading, networks, features, self.workshop, duplicates)
        learned, solution = _learned(computed, meaning.task_name, request)
        seen = examined(computed, learned, resplit=request.resplit, seed=request.seed)
        return Looked(seen, learned, solution, networks, pool)

    def suggest(self, looked: Looked, unlabelled: Any, count: int) -> list[dict[str, Any]]:
        """Examples without a label whose labels would help most, the most useful first.

        Args:
            looked: At the labelled examples.
            unlabelled: Folder or table of others; None: those that were set aside.
            count: How many.

        Raises:
            ConfigError: there is no example without a label.
        """
        pool = looked.pool
        if unlabelled is not None:
            pool = read_pool(unlabelled, looked.learned.dataset.schema, self.workshop.threads)
        if pool is None or not len(pool):
            raise ConfigError(
                "--suggest needs examples without a label: rows without a target, or --unlabelled FOLDER; there are "
                "none. Name some."
            )
        features = self._features(pool, looked.networks, None)
        good = np.asarray([row for row in range(len(pool)) if row not in features.failures], np.int64)
        return suggestions(looked.learned, looked.solution, pool.take(good), count, self.request.seed)

    def _features(self, dataset: Any, networks: Networks, strata: Any) -> Features:
        return compute_features(
            dataset, networks, self.workshop, self.place, strata=strata, resplit=self.request.resplit,
            progress=self.progress, with_twin=False,
        )  # fmt: skip


def _without_pool(reading: Reading) -> tuple[Reading, Dataset | None]:
    """Examples with a target, and those without."""
    dataset = reading.dataset
    has_target = np.asarray([target is not None for target in dataset.targets], bool)
    if has_target.all():
        return reading, None
    return replace(reading, dataset=dataset.take(has_target)), dataset.take(~has_target).without_targets()


def _learned(computed: Computed, task_name: str, request: FitConfig) -> tuple[Learned, Solution]:
    """A probe on folds of all examples."""
    dataset = computed.reading.dataset
    problem = problem_of(dataset, task_name, kept_together(dataset, computed.duplicates), request)
    name, method = method_named({"name": "auto"})
    given = Ingredients(computed.networks, computed.features, computed.workshop.store, dataset, problem.task.kind)
    candidate = candidates_of(given, name, method)[0]
    with one_blas_thread():
        solution = candidate.method.fit(
            joined(candidate.sources, dataset),
            problem.targets,
            problem.folds,
            generator(request.seed, candidate.name),
            None,
        )
    rows = np.arange(len(dataset))
    learned = Learned(dataset, rows, problem.task, problem.targets, problem.folds, candidate, solution.out_of_fold)
    return learned, solution
