"""From two domains to a run: everything is tried, one adapter is chosen, and what ships is written as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.adaptation_result import Adaptation
from headstart.api.adaptation_setting import (
    AS_IT_IS,
    CLOSED,
    answering_unknown,
    head_as_it_is,
    relabelled,
    settled,
    with_setting,
)
from headstart.core.errors import DataError, GateError

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Choice, Labels
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.adaptation.taught import Taught
    from headstart.adaptation.trying import Parts, Tried
    from headstart.api.adaptation_measured import Measured
    from headstart.api.adaptation_setting import Asked, Settled
    from headstart.api.adapted_by_statistics import Moved
    from headstart.api.two_domains import Given
    from headstart.bundle import Bundle
    from headstart.core.learning import Floats
    from headstart.core.progress import Progress

SEED = 0
AUTO, STATISTICS = "auto", "network_statistics"


def carried_out(
    given: Given,
    method: str,
    measured: Measured | None,
    labels: Labels | None,
    place: Path | None,
    threads: int | None,
    progress: Progress,
    asked: Asked,
) -> Adaptation:
    """Try, choose, write.

    Raises:
        GateError: the guard holds every adapter back; with ``place`` the evidence is there, and no bundle.
        DataError: the adapter that was named cannot be used on these data.
    """
    from headstart.adaptation.choosing import choose
    from headstart.api.adaptation_solver import solver_for
    from headstart.api.adapted_by_labels import chosen_with, heads_by_labels
    from headstart.api.adapted_by_statistics import settled_for
    from headstart.api.new_features import Decided

    solver = solver_for(given)
    setting = settled(given, asked, solver)
    search = _searched(setting.inner, method, asked, solver, measured, threads, progress)
    found, left_out = search.found, search.left_out
    heads = heads_by_labels(setting.inner, method, asked.setting, labels, solver, left_out)
    if method != AUTO and method in left_out:
        raise DataError(f"{method} cannot be used here: {left_out[method]}. Leave --method out, or name another one.")
    choice = with_setting(choose(found, None if method == AUTO else method, relabelled(labels, setting.kept)), setting)
    choice = chosen_with(choice, heads, found)
    if search.moved is not None and search.parts is not None and choice.name == STATISTICS:
        decided = Decided(found, left_out, choice)
        return settled_for(given, search.moved, search.parts, solver, measured, place, progress, decided)
    final = _to_ship(setting, search.parts, choice.name, heads, solver)
    given = setting.told(given)
    outputs = given.domains.start if final is None else final.outputs(solver, given.aim.features)
    if final is not None:
        final = answering_unknown(final, outputs, setting.hidden)
    evidence = _told(given, search, choice, final, outputs, measured, solver)
    evidence["adaptation"] |= {
        "setting": dict(setting.section),
        "few_labels": 0 if labels is None else len(labels.rows),
    }
    if place is not None:
        _write(place, given, evidence, final, outputs)
    if final is None:
        told = f" What was tried is in {place / 'report.html'}." if place is not None else ""
        why = " ".join(filter(None, (setting.note, choice.why)))
        raise GateError(f"{why} The model stays as it is.{told} To adapt all the same, name --method.")
    return Adaptation(evidence, place)


@dataclass(frozen=True)
class _Search:
    """What was tried.

    Attributes:
        parts: Source rows in two parts; None: the run's data are not there.
        found: The model as it is first, then every way; heads that labels teach are added.
        left_out: Why others could not be used, by name.
        moved: The network with the new domain's statistics, where that was tried.
    """

    parts: Parts | None
    found: list[Tried]
    left_out: dict[str, str]
    moved: Moved | None


def _searched(
    given: Given,
    method: str,
    asked: Asked,
    solver: Solver,
    measured: Measured | None,
    threads: int | None,
    progress: Progress,
) -> _Search:
    """Every way that these domains allow, or the one that was named; nothing is chosen yet."""
    from headstart.adaptation.trying import parts_of, tried, tried_without_source, usable
    from headstart.api.adapted_by_labels import adapters_of
    from headstart.core import plugins

    wanted = adapters_of(method, plugins.names("adaptation.adapters"))
    names, left_out = usable(wanted, given.domains, continuous=given.is_continuous, linear=given.is_linear)
    progress.step("try adapters", len(names))
    if given.source is None:
        parts, (found, failed) = None, tried_without_source(given.domains, solver, names, SEED)
    else:
        parts = parts_of(given.domains, solver, SEED, _asked_judges())
        found, failed = tried(parts, names, lambda name: progress.advance())
    left_out |= failed
    moved: Moved | None = None
    if method == AUTO and asked.setting != CLOSED:
        left_out[STATISTICS] = f"it ships another network, to which --setting {asked.setting} cannot be applied"
    elif method == AUTO and parts is not None:
        moved = _with_statistics(given, parts, found, left_out, measured, threads, progress)
    return _Search(parts, found, left_out, moved)


def _to_ship(
    setting: Settled, parts: Parts | None, name: str | None, heads: Mapping[str, Taught], solver: Solver
) -> Shipped | None:
    """What was chosen, ready to ship; None: nothing was."""
    from headstart.api.adapted_by_labels import taught_to_ship

    if name is None:
        return None
    return taught_to_ship(setting.inner, heads[name], solver) if name in heads else _final(setting, parts, name, solver)


def _told(
    given: Given,
    search: _Search,
    choice: Choice,
    final: Shipped | None,
    outputs: Floats,
    measured: Measured | None,
    solver: Solver,
) -> dict[str, Any]:
    """evidence.json: what was tried and chosen, the map, source domains, and what labelled examples say."""
    from headstart.api.adaptation_evidence import evidence_of
    from headstart.api.adaptation_map import map_of_heads
    from headstart.api.adaptation_measured import measured_section
    from headstart.api.adaptation_open import open_section
    from headstart.api.ordered import order_section
    from headstart.api.several_sources import sources_section

    found = search.found
    evidence = evidence_of(given, found, search.left_out, choice, final, outputs, solver)
    carry = next((each.carry for each in found if each.name == choice.name), None)
    task = None if final is None else final.task
    section = evidence["adaptation"]
    section |= {"map": map_of_heads(given, carry, task, outputs), **sources_section(given)}
    section |= order_section(given, found)
    if measured is not None:
        ships = None if final is None else final.outputs(solver, measured.features)
        section["labels"] = measured_section(
            measured,
            [each for each in found if each.name != STATISTICS],
            given.predictor.outputs_of(measured.features),
            ships,
            solver,
            given.shipped.task(),
            _elsewhere(found, search.moved),
            task,
        )
        section["labels"] |= open_section(measured, given, final, solver)
    return evidence


def _elsewhere(found: Sequence[Tried], moved: Moved | None) -> dict[str, Floats]:
    """What the network with moved statistics says of the examples that are measured on."""
    if moved is None or moved.evaluation is None:
        return {}
    return {each.name: each.predict(moved.evaluation) for each in found if each.name == STATISTICS}


def _with_statistics(
    given: Given,
    parts: Parts,
    found: list[Tried],
    left_out: dict[str, str],
    measured: Measured | None,
    threads: int | None,
    progress: Progress,
) -> Moved | None:
    """Try the network with the new domain's statistics beside the adapters, where the domains differ; else say why."""
    from headstart.adaptation.trying import also_judged, tried_elsewhere
    from headstart.api.adapted_by_statistics import is_worth_moving, moved_for

    if not is_worth_moving(parts):
        left_out[STATISTICS] = "the domains cannot be told apart, so there are no statistics to move"
        return None
    try:
        moved = moved_for(given, measured, threads, progress)
    except DataError as error:
        left_out[STATISTICS] = str(error)
        return None
    judges = tuple(_asked_judges(STATISTICS))
    found[0] = also_judged(parts, found[0], judges)
    judged = tried_elsewhere(replace(parts, validators=judges), moved.target, STATISTICS, found[0])
    found.append(replace(judged, seconds=judged.seconds + moved.seconds))
    return moved


def _asked_judges(way: str = AUTO) -> list[str]:
    """Validators that have a say about a way, "auto": about heads; the others would cost time for nothing."""
    from headstart.adaptation.choosing import learned_chooser
    from headstart.adaptation.contract import VALIDATORS
    from headstart.core import plugins

    return [name for name in plugins.names(VALIDATORS) if name in learned_chooser().of(way).coefficients]


def _final(setting: Settled, parts: Parts | None, name: str, solver: Solver) -> Shipped:
    """The chosen adapter with all source rows, ready to ship."""
    from headstart.adaptation.shipping import BEYOND, NOT_THERE, uncalibrated, with_looks, with_new_head, with_shift
    from headstart.adaptation.trying import adapted_by

    given = setting.inner
    shipped, domains = given.shipped, given.domains
    task = shipped.task()
    if name == AS_IT_IS:
        found = head_as_it_is(setting, task, _bare(shipped))
        return with_looks(
            found, given.aim.features, found.outputs(solver, given.aim.features), given.aim.dataset.table, SEED
        )
    final = adapted_by(name, domains, solver, SEED)
    if final.fitted is None:
        assert final.shift is not None  # noqa: S101 - an adapter changes one of the two
        found = with_shift(domains.head, _bare(shipped), task, final.shift, {})
        found = replace(found, held_outputs=domains.held_out, held_targets=domains.held_out_targets)
    elif parts is None or final.is_beyond:
        found = uncalibrated(final.fitted, task, NOT_THERE if parts is None else BEYOND)
    else:
        before = adapted_by(name, parts.domains, solver, SEED)
        found = with_new_head(final, before, parts, task)
        if final.shift is not None:
            moved = with_shift(found.fitted, found.postprocessing, found.task, final.shift, found.facts)
            found = replace(moved, held_outputs=found.held_outputs, held_targets=found.held_targets)
    outputs = found.outputs(solver, given.aim.features)
    return with_looks(found, given.aim.features, outputs, given.aim.dataset.table, SEED)


def _bare(shipped: Bundle) -> Any:
    """Postprocessing of the run without what its own domain looks like."""
    from headstart.postprocessing.postprocessing import CALIBRATOR, Postprocessing

    post = shipped.postprocessing()
    own = {name: array for name, array in post.arrays.items() if name.startswith(CALIBRATOR)}
    return Postprocessing(post.record.model_copy(update={"out_of_domain": None}), own)


def _write(place: Path, given: Given, evidence: dict[str, Any], final: Shipped | None, outputs: Floats) -> None:
    """evidence.json, what is said of the new domain, the bundle where one ships, and the page."""
    from headstart.api.adaptation_files import write_page
    from headstart.bundle import rehead
    from headstart.bundle.prediction_table import write_table
    from headstart.core.run_folder import RunFolder
    from headstart.postprocessing.answers import Answers

    folder = RunFolder(place)
    task = given.shipped.task() if final is None else final.task
    post = given.shipped.postprocessing() if final is None else final.postprocessing
    said = Answers(task, post).said(outputs, post.domain_p(given.aim.features) if post.judges_domain else None)
    write_table(place / "predictions" / "target.parquet", {"id": list(given.aim.ids), **said})
    if final is not None:
        evidence |= rehead(
            folder.bundle, given.shipped, fitted=final.fitted, task=final.task,
            postprocessing=final.postprocessing, evidence=evidence,
        ).evidence()  # fmt: skip
    folder.write_evidence(evidence)
    write_page(folder, given, evidence)
