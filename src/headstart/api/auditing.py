"""``audit``: what is wrong with the data before anything is trained."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.audit_result import Audit
from headstart.auditing.document import audit_document
from headstart.auditing.examination import Computed, Learned, examined
from headstart.auditing.files import write_audit
from headstart.auditing.suggesting import read_pool, suggestions
from headstart.core.errors import ConfigError
from headstart.core.files import require_new_folder
from headstart.core.progress import Progress, Silent
from headstart.core.resources import one_blas_thread
from headstart.core.run_folder import RunFolder
from headstart.core.seeding import generator
from headstart.evidence.cost import Stopwatch
from headstart.features.compute import Features, compute_features
from headstart.features.duplicate_examples import duplicate_groups
from headstart.features.model_names import the_only_model
from headstart.features.network_in_pass import Workshop, require_runnable
from headstart.features.networks import ModelOptions, find_networks, named_card
from headstart.features.reading import commas, names, read_sources, shown
from headstart.features.sources import joined
from headstart.features.workshop import open_workshop
from headstart.inspection.audit import audit as run_checks
from headstart.inspection.audit import require_known
from headstart.request.fit_config import FitConfig, merge
from headstart.solving.candidates import Ingredients, candidates_of, method_named
from headstart.solving.meaning import meaning_of
from headstart.solving.solve import FOLDS

if TYPE_CHECKING:
    from headstart.core.learning import Solution
    from headstart.data.dataset import Dataset
    from headstart.data.read import Reading
    from headstart.inspection.examined import Examined


def audit(
    data: Any = None,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    task: str | None = None,
    model: str | None = None,
    test: Any = None,
    groups: str | None = None,
    id: str | None = None,
    drop: str | Sequence[str] | None = None,
    resplit: bool | None = None,
    accept: str | Sequence[str] | None = None,
    allow_bad: float | None = None,
    device: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    cache: str | None = None,
    cache_size: str | None = None,
    suggest: int | None = None,
    unlabelled: Any = None,
    out: str | Path | None = None,
    examples: bool | None = None,
    settings: Sequence[str] | Mapping[str, Any] = (),
    progress: Progress | None = None,
) -> Audit:
    """Look for what makes a result worse, or look better, than it is.

    All targets are looked at, those of a test split too: nothing is chosen here. A probe is solved on folds of all
    examples, so that each is judged by a model that did not see it.

    Args:
        data: As for :func:`headstart.fit`; so are the options down to ``cache_size``.
        accept: Ids of severe findings that are known and do not count.
        suggest: Name so many examples without a label whose labels would help most: rows without a target, or
            examples of ``unlabelled``.
        unlabelled: Folder or table of examples without labels.
        out: Folder for audit.json, suspects.csv, corrected.csv and audit.html, new or empty.
        examples: Whether the page may show the suspects themselves.
        settings: Dotted keys, as texts ``key=value`` or as a mapping.
        progress: Told of the steps.

    Returns:
        All findings; ``exit_code`` is 3 where a fit would refuse to go on.

    Raises:
        DataError, ConfigError: as for ``fit``.
    """
    from headstart.reports.audit_page import render_audit
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    watch = Stopwatch()
    request = merge(
        {
            "data": shown(data), "target": target, "input": commas(input), "task": task, "model": model,
            "test": shown(test), "groups": groups, "id": id, "drop": names(drop), "resplit": resplit,
            "accept": names(accept), "allow_bad": allow_bad, "device": device, "threads": threads, "seed": seed,
            "cache": cache, "cache_size": cache_size, "examples": examples,
        },
        settings=settings,
    )  # fmt: skip
    folder = None if out is None else Path(out)
    if folder:
        require_new_folder(folder)
    require_known(request.accept)
    require_runnable(request.runtime, request.device)
    with open_workshop(request, dry_run=False) as workshop, tempfile.TemporaryDirectory() as place:
        looked = _Looking(request, workshop, RunFolder(Path(place)), progress or Silent())
        seen = looked.at((data, test), with_pool=suggest is not None and unlabelled is None)
        found = run_checks(seen)
        document = audit_document(seen, found, request.accept, watch.read(None))
        if suggest is not None:
            document["suggestions"] = looked.suggestions(unlabelled, suggest)
        result = Audit(document, folder)
        if folder:
            write_audit(folder, result.document, seen, examples=request.examples)
            render_audit(folder)
        return result


class _Looking:
    """Features and a probe of all examples.

    Args:
        place: Holds the runtime's choice, so that the pool is seen by the same one; gone afterwards.
    """

    def __init__(self, request: FitConfig, workshop: Workshop, place: RunFolder, progress: Progress) -> None:
        self.request, self.workshop, self.place, self.progress = request, workshop, place, progress

    def at(self, sources: tuple[Any, Any], *, with_pool: bool) -> Examined:
        """What the checks look at; ``with_pool`` sets rows without a target aside for suggestions."""
        request, progress = self.request, self.progress
        progress.step("read", 0)
        options = the_only_model(ModelOptions.parse(request.model, "model"))
        named = named_card(options)
        reading, self.pool = _without_pool(read_sources(request, sources, target_optional=with_pool))
        meaning = meaning_of(reading.dataset, request.task, resplit=request.resplit)
        self.networks = find_networks(options, named, reading.dataset.schema)
        features = self._features(reading.dataset, meaning.strata)
        strata = np.delete(meaning.strata, sorted(features.failures))
        reading = reading.without(features.failures, request.allow_bad)
        progress.step("audit", 0)
        duplicates = duplicate_groups(reading.dataset, self.networks, features, self.workshop.store)
        computed = Computed(reading, self.networks, features, self.workshop, duplicates)
        self.learned, self.solution = _learned(computed, meaning.task_name, strata, request)
        return examined(computed, self.learned, resplit=request.resplit, seed=request.seed)

    def suggestions(self, unlabelled: Any, count: int) -> list[dict[str, Any]]:
        """The most useful first.

        Raises:
            ConfigError: there is no example without a label.
        """
        pool = self.pool
        if unlabelled is not None:
            pool = read_pool(unlabelled, self.learned.dataset.schema, self.workshop.threads)
        if pool is None or not len(pool):
            raise ConfigError(
                "--suggest needs examples without a label: rows without a target, or --unlabelled FOLDER; there are "
                "none. Name some."
            )
        features = self._features(pool, None)
        good = np.asarray([row for row in range(len(pool)) if row not in features.failures], np.int64)
        return suggestions(self.learned, self.solution, pool.take(good), count, self.request.seed)

    def _features(self, dataset: Any, strata: Any) -> Features:
        return compute_features(
            dataset, self.networks, self.workshop, self.place, strata=strata, resplit=self.request.resplit,
            progress=self.progress, with_twin=False,
        )  # fmt: skip


def _without_pool(reading: Reading) -> tuple[Reading, Dataset | None]:
    """Examples with a target, and those without."""
    dataset = reading.dataset
    has_target = np.asarray([target is not None for target in dataset.targets], bool)
    if has_target.all():
        return reading, None
    return replace(reading, dataset=dataset.take(has_target)), dataset.take(~has_target).without_targets()


def _learned(computed: Computed, task_name: str, strata: Any, request: FitConfig) -> tuple[Learned, Solution]:
    """A probe on folds of all examples."""
    from headstart.data.grouping import join_groups
    from headstart.data.splits import folds
    from headstart.tasks.choose import configured

    dataset = computed.reading.dataset
    task = configured(task_name, dataset.targets)
    targets = task.encode(dataset.targets)
    duplicates, groups = computed.duplicates, dataset.groups
    together = join_groups(duplicates) if groups is None else join_groups(duplicates, groups)
    fold = folds(strata, together, FOLDS, generator(request.seed, "folds"))
    name, method = method_named({"name": "auto"})
    given = Ingredients(computed.networks, computed.features, computed.workshop.store, dataset, task.kind)
    candidate = candidates_of(given, name, method)[0]
    with one_blas_thread():
        solution = candidate.method.fit(
            joined(candidate.sources, dataset), targets, fold, generator(request.seed, candidate.name), None
        )
    learned = Learned(dataset, np.arange(len(dataset)), task, targets, fold, candidate, solution.out_of_fold)
    return learned, solution
