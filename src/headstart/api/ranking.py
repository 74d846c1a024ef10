"""``rank``: which pretrained networks promise most for a data set, measured on its training part."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headstart.api.results import Ranking
from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError
from headstart.core.files import require_new_folder, write_json
from headstart.core.progress import Progress, Silent
from headstart.core.resources import one_blas_thread
from headstart.data.pairs import separated
from headstart.evidence.cost import Stopwatch
from headstart.features.network_in_pass import Workshop, require_runnable
from headstart.features.reading import commas, names, read_sources, shown
from headstart.features.workshop import open_workshop
from headstart.ranking.data import Described, require_one_input, training_part, without_test
from headstart.ranking.document import Facts, ranking_document
from headstart.ranking.entrant_features import EntrantFeatures, fetch, network_features
from headstart.ranking.entrant_scores import Scored, TrainingPart, scored
from headstart.ranking.entrants import Entrant, NamedCandidate, entrants_of, matching, named_candidates
from headstart.ranking.fitted_entrants import fitted_features
from headstart.request.fit_config import FitConfig, merge
from headstart.selection import where as filters


def rank(
    data: Any,
    *,
    models: str | Sequence[str] | None = None,
    where: str | None = None,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    task: str | None = None,
    groups: str | None = None,
    id: str | None = None,
    drop: str | Sequence[str] | None = None,
    test: Any = None,
    resplit: bool | None = None,
    seed: int | None = None,
    threads: int | None = None,
    device: str | None = None,
    cache: str | None = None,
    cache_size: str | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Order pretrained networks by a cross-validated probe on their features, with what each one costs.

    Only the training part of the split that a fit would make is looked at: its features are computed as a fit computes
    them and kept, so that ranking again takes seconds and a fit afterwards finds them.

    Args:
        data: As for :func:`headstart.fit`; one picture, text or recording makes an example. So are the options from
            ``target`` on.
        models: Candidates: ``NAME``, ``NAME:160`` (pictures at that size), ``NAME@blocks.4`` (averaged outputs of a
            stage), ``random(NAME)`` (without pretraining), or a baseline without a network (``tfidf``). Default: all
            models on this machine, the baselines, and the default network with random weights.
        where: A filter instead of names, ``"parameters < 10M and licence = apache-2.0"``.
        out: Folder for ranking.json, new or empty.
        progress: Told of the steps.

    Raises:
        ConfigError: a name or filter that fits nothing; several inputs in an example.
        DataError: as for ``fit``.
    """
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    watch = Stopwatch()
    request = merge(
        {
            "data": shown(data), "target": target, "input": commas(input), "task": task, "test": shown(test),
            "groups": groups, "id": id, "drop": names(drop), "resplit": resplit, "device": device,
            "threads": threads, "seed": seed, "cache": cache, "cache_size": cache_size,
        }
    )  # fmt: skip
    folder = None if out is None else Path(out)
    if folder:
        require_new_folder(folder)
    field = _Field(_named(models, where), None if where is None else filters.parse(where), where or "")
    require_runnable(request.runtime, request.device)
    if request.task != "auto":
        plugins.load("tasks", request.task)  # a wrong name is told before the work, not after it
    document = _ranked(request, (data, test), field, watch, progress or Silent())
    if folder:
        write_json(folder / "ranking.json", document)
    return Ranking(document, folder)


@dataclass(frozen=True)
class _Field:
    """Who may enter: those named, or those that a filter lets in."""

    named: list[NamedCandidate]
    condition: filters.Condition | None
    text: str

    def entrants(self, modality: str) -> tuple[list[Entrant], list[str]]:
        """For inputs of a kind, and names of models that are not on this machine."""
        if self.named:
            return entrants_of(self.named, modality), []
        return matching(self.condition, modality, self.text)


def _ranked(
    request: FitConfig, sources: tuple[Any, Any], field: _Field, watch: Stopwatch, progress: Progress
) -> dict[str, Any]:
    """ranking.json."""
    progress.step("read", 0)
    reading, had_test = without_test(read_sources(request, sources), request)
    reading = replace(reading, dataset=separated(reading.dataset))
    require_one_input(reading.dataset)
    entrants, not_here = field.entrants(reading.dataset.modality)
    fetch(entrants)
    with open_workshop(request, dry_run=False) as workshop:
        part, described, reading = training_part(request, reading, had_test, workshop, progress)
        found = _features(entrants, part, described, workshop, progress)
        scores = _scores(found, part, workshop.threads, progress)
    failed = [one for one in found if one.failure]
    return ranking_document(scores, Facts(request, reading, part, not_here, failed, watch))


def _scores(found: Sequence[EntrantFeatures], part: TrainingPart, threads: int, progress: Progress) -> list[Scored]:
    """Of all that have features, in order; several are scored side by side, each in one thread."""
    usable = [one for one in found if not one.failure]
    if not usable:
        first = found[0]
        raise DataError(f"at least one candidate must give features; {first.entrant.name} does not: {first.failure}.")
    progress.step("score", len(usable))
    scores = []
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        for one in pool.map(lambda each: scored(each, part), usable):
            scores.append(one)
            progress.advance()
    return scores


def _named(models: str | Sequence[str] | None, where: str | None) -> list[NamedCandidate]:
    named = [each.strip() for each in (models.split(",") if isinstance(models, str) else models or ())]
    if models is not None and where is not None:
        raise ConfigError("--models names candidates, --where filters those on this machine; got both. Leave one out.")
    if models is not None and not any(named):
        raise ConfigError("--models must name at least one candidate; got none. Leave it out to rank what there is.")
    return named_candidates([each for each in named if each])


def _features(
    entrants: Sequence[Entrant], part: TrainingPart, described: Described, workshop: Workshop, progress: Progress
) -> list[EntrantFeatures]:
    """Of all entrants, in order."""
    networks = {one.entrant.name: one for one in network_features(entrants, part.train, workshop, progress)}
    return [
        networks[one.name]
        if one.card is not None
        else fitted_features(one, part.train, described.lane, workshop, described.network)
        for one in entrants
    ]
