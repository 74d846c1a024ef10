"""The choice among networks in a fit: made on its training part, written down before use, replayed afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError
from headstart.features.duplicate_examples import groups_in_view
from headstart.features.lanes import Lane
from headstart.features.networks import Network, Networks
from headstart.ranking.data import described_inputs
from headstart.ranking.entrant_features import fetch
from headstart.ranking.entrant_scores import TrainingPart
from headstart.ranking.network_contest import Contest
from headstart.ranking.network_field import Field, Rival
from headstart.ranking.network_tried import Tried
from headstart.request.fit_config import FitConfig
from headstart.selection.candidate_names import CandidateName
from headstart.solving.parting import parted, problem_of

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.data.read import Reading
    from headstart.features.network_in_pass import Workshop
    from headstart.request.job import Job
    from headstart.solving.meaning import Meaning

DECISION = "networks"
RUNTIME = "runtime/backbone"  # as NetworkInPass decides it


@dataclass(frozen=True)
class NetworkChoice:
    """What a fit goes on with.

    Attributes:
        model: ``model`` of the request, as if the chosen one had been named.
        networks: The chosen one.
        document: What was compared, for evidence.json.
    """

    model: dict[str, Any]
    networks: Networks
    document: Mapping[str, Any] = field(default_factory=dict)


def choose_network(
    candidates: Field, job: Job, reading: Reading, meaning: Meaning, workshop: Workshop, progress: Progress
) -> NetworkChoice:
    """The best of several, as decided before or by comparing them now.

    Raises:
        DataError: none of them gives features, or nothing could be held out.
    """
    decided = job.folder.decision(DECISION)
    if decided is None:
        decided = _compared(candidates, job, reading, meaning, workshop, progress)
    rival = next(each for each in candidates.rivals if each.name == decided["document"]["chosen"])
    network = rival.network
    return NetworkChoice(decided["model"], {network.card.modality: network}, decided["document"])


def _compared(
    candidates: Field, job: Job, reading: Reading, meaning: Meaning, workshop: Workshop, progress: Progress
) -> dict[str, Any]:
    """Compare them and write down which one is taken, and how its features were computed, before that is used."""
    fetch([rival.entrant for rival in candidates.rivals])
    began = time.monotonic()
    view = candidates.rivals[0].network
    part = _training_part(view, job.request, reading, meaning, workshop, progress)
    contest = Contest(candidates, part, workshop, progress, began)
    best = contest.run()
    document = _document(contest, best)
    if best.features is not None and best.features.choice is not None:
        choice = best.features.choice
        job.folder.decide(RUNTIME, choice.model_dump(mode="json"), choice.reason)
    decided = {"model": _model(job.request, best.rival, candidates.rivals[0]), "document": document}
    job.folder.decide(DECISION, decided, document["sentence"])
    progress.note(document["sentence"])
    return decided


def _training_part(
    view: Network, request: FitConfig, reading: Reading, meaning: Meaning, workshop: Workshop, progress: Progress
) -> TrainingPart:
    """The training part of the fit and its folds; near-duplicates are looked for in the view of one network."""
    described, failures = described_inputs(Lane(view, (0,), reading.dataset), workshop, progress)
    reading = reading.without(failures, request.allow_bad)
    dataset = reading.dataset
    duplicates = groups_in_view(dataset, view, described.lane.fingerprint, workshop.store)
    parts = parted(dataset, duplicates, np.delete(meaning.strata, sorted(failures)), request)
    problem = problem_of(parts.train, meaning.task_name, parts.groups, request)
    if not (problem.folds >= 0).any():
        raise DataError(
            "at least one example must be held out once to compare networks; here every class has one example, or one "
            "group, alone. Name one network with --model, or add examples."
        )
    return TrainingPart(
        parts.train, problem.task, problem.targets, problem.folds, parts.groups, problem.weights, request.seed
    )


def _model(request: FitConfig, chosen: Rival, first: Rival) -> dict[str, Any]:
    """As if the chosen one had been named; where copies were looked for is said where it is not its own view."""
    size = chosen.options.image_size
    same_view = chosen.network.preparer.address() == first.network.preparer.address()
    return {
        **request.model,
        "name": chosen.options.name,
        "image_size": None if size is None else list(size),
        "stage": chosen.options.stage,
        "copies_by": None if same_view else _whole_name(first),
    }


def _whole_name(rival: Rival) -> str:
    """The whole network that a rival is, or is cut from, as one types it."""
    return str(CandidateName(rival.options.name, rival.options.image_size))


def _document(contest: Contest, best: Tried) -> dict[str, Any]:
    """The section ``networks`` of evidence.json."""
    part = contest.part
    tried = sorted(contest.tried, key=lambda one: (one.probe is None, contest.value(one) or 0.0))
    return {
        "chosen": best.rival.name,
        "metric": contest.measure.replace("-", "_"),
        "primary": part.task.primary,
        "rows": len(part.held),
        "folds": int(part.folds.max()) + 1,
        "seconds": round(contest.spent(), 2),
        "compared": [_row(contest, one) for one in tried],
        "sentence": _sentence(contest, best),
    }


def _row(contest: Contest, one: Tried) -> dict[str, Any]:
    card = one.rival.network.card
    return {
        "name": one.rival.name,
        "loss": contest.value(one),
        "score": None if one.probe is None else one.probe.value,
        "seconds": round(one.seconds, 2),
        "computed": 0 if one.features is None else one.features.computed,
        "parameters": card.parameters,
        "flops": card.flops,
        "feature_dim": card.feature_dim,
        "licence": card.licence,
        "why": one.why,
    }


def _sentence(contest: Contest, best: Tried) -> str:
    tried = [one for one in contest.tried if one.probe is not None]
    left_out = [one.rival.name for one in contest.tried if one.probe is None]
    others = sorted((one for one in tried if one is not best), key=lambda one: contest.value(one) or 0.0)
    text = f"{best.rival.name} was taken"
    if others:
        place = "next" if contest.above is None else "smallest"
        next_best = f"the {place} is {others[0].rival.name} with {contest.shown(others[0])}"
        figures = f"{contest.measure} {contest.shown(best)} on held-out folds of {len(contest.part.held):,} training"
        text += f" out of {len(tried)} networks: {figures} examples; {next_best}{_for_its_cost(contest, best)}"
    else:
        text += ", since no other one was tried"
    return f"{text}.{_not_tried(left_out)}"


def _for_its_cost(contest: Contest, best: Tried) -> str:
    """Why it is not the one of smallest loss, where it is not."""
    if contest.above is None:
        return ""
    return f". It was taken since {best.why}"


def _not_tried(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" Not compared: {', '.join(names)}."


def with_choice(job: Job, choice: NetworkChoice) -> Job:
    """The same job, as if the chosen network had been named."""
    return replace(job, request=job.request.model_copy(update={"model": choice.model}))
