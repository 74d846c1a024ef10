"""``adapt``: a fitted model moved to another domain, where that is likely to help; kept as it was where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.adaptation_result import Adaptation
from headstart.api.threads import require_threads
from headstart.api.two_domains import Given, SourceRows, TargetRows, source_rows, target_rows
from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.adaptation.domains import Domains
    from headstart.adaptation.train_adapter import TrainerRequest
    from headstart.bundle import Bundle, Predictor
    from headstart.core.learning import Floats

AUTO, STATISTICS = "auto", "network_statistics"
OF_METHOD = "method."
KEPT_CLOSE = (
    "No example with a known class says whether the training diverges: it is only stepped back where it leaves most of "
    "the run's own answers."
)
OWN_DATA = 0.5  # share of the target's examples that the run knows already, above which there is nothing to adapt to
SEED = 0


def adapt(
    run: str | Path,
    to: Any,
    *,
    input: str | Sequence[str] | None = None,
    method: str = AUTO,
    setting: str = "closed",
    classes: str | Sequence[str] = (),
    labels: Any = None,
    evaluate: Any = None,
    target: str | None = None,
    sources: str | None = None,
    order: str | None = None,
    out: str | Path | None = None,
    examples: bool = True,
    settings: Sequence[str] | Mapping[str, Any] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Adaptation:
    """Try every adapter on features that are computed once, estimate without labels which helps, and ship that one.

    Args:
        run: A run folder. Where its data are not where they were, or only a bundle is there, source-free adapters alone
            and methods can be named.
        to: Examples of the other domain, as ``predict`` or ``fit`` take them. Targets that they may have are not read.
        input: Columns with the inputs, for a table that calls them otherwise.
        method: "auto", or the name of an adapter, or of a method that trains the network (``headstart methods``): then
            no guard holds it back.
        setting: "closed": both domains have the same classes; "partial": the target lacks some, which are never the
            answer; "open": it has others besides, which are answered "unknown".
        classes: Names of the target's classes in the partial setting; none: estimated.
        labels: Labelled examples among those of ``to``, drawn at random: they check the estimates, and
            20 or more teach heads, each of them checked by those that did not teach it.
        evaluate: Labelled examples of the other domain, which choose nothing: every way is measured on them.
        target: Column with the targets of ``labels`` and ``evaluate``.
        sources: Column of the run's data with the domain that each example is of (shop, speaker, hospital).
        order: Column of ``to`` with numbers or dates along which the new domain moves. Its last window is then the new
            domain, and those before are the path there (``gradual_self_training``).
        out: Folder of the new run, new or empty.
        examples: Whether the page shows some of the examples whose answers change; a run that was fitted without
            showing any shows none here either.
        settings: Of a method that trains the network, as ``method.epochs=5`` or as a mapping.
        threads: Processor threads.
        progress: Told of steps.

    Raises:
        ConfigError: no run there, no such adapter.
        DataError: another kind of input, too few examples, the run's own data, targets that are no classes.
        GateError: no adapter is likely enough to help. With ``out`` the evidence and its page are written all the same.
    """
    from headstart import bundle
    from headstart.api.adaptation_files import may_show
    from headstart.api.adaptation_measured import measured_on
    from headstart.api.adaptation_setting import asked_for
    from headstart.api.adapted import carried_out
    from headstart.api.adapted_by_statistics import settled_as_asked
    from headstart.api.adapted_by_training import trained_for
    from headstart.api.few_labels import few_labels
    from headstart.api.ordered import last_window, order_cells
    from headstart.api.several_sources import require_source
    from headstart.api.unread_texts import unread_notes
    from headstart.core.files import require_new_folder
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    require_threads(threads)
    listener = progress or Silent()
    place = Path(out) if out is not None else None
    if place is not None:
        require_new_folder(place)
    _require_adapter(method)
    asked = _train_request(method, settings)
    sets = asked_for(setting, classes, _solves_heads(), method)
    shipped = bundle.read(run)
    predictor = shipped.predictor(threads=threads)
    cells = None if order is None else order_cells(to, order, shipped)
    source = source_rows(RunFolder(Path(run)), shipped, predictor, column=sources, threads=threads, progress=listener)
    require_source(source, sources)
    aim = target_rows(to, input, shipped, predictor, threads=threads, progress=listener)
    if isinstance(source, str):
        _require_source_free(method, source)
        told = f"Adapted without the run's own data ({source}): nothing is calibrated, and no estimate was made."
        notes = [told, *([] if asked is None else [KEPT_CLOSE])]
        notes += _about(aim)
    else:
        notes = _notes(source, aim)
    ours = None if isinstance(source, str) else source
    notes += unread_notes(predictor, None if ours is None else ours.dataset, aim.dataset)
    windows = None
    if order is not None and cells is not None:
        aim, windows = last_window(aim, cells, order, shipped)
        notes += windows.notes
    domains = domains_of(shipped, predictor, ours, aim)
    if windows is not None:
        domains = replace(domains, path=windows.path)
    shows = examples and may_show(RunFolder(Path(run)))
    given = Given(shipped, predictor, domains, ours, aim, tuple(notes), shows, windows)
    measured = None
    if evaluate is not None:
        measured = measured_on(evaluate, target, input, given, threads=threads, progress=listener, setting=setting)
    if method == STATISTICS:
        return settled_as_asked(given, measured, place, threads, listener)
    if asked is not None:
        return trained_for(given, asked, measured, place, threads, listener)
    few = None if labels is None else few_labels(labels, target, input, given, threads, setting)
    return carried_out(given, method, measured, few, place, threads, listener, sets)


def domains_of(shipped: Bundle, predictor: Predictor, source: SourceRows | None, aim: TargetRows) -> Domains:
    """What adapters and validators see.

    Raises:
        DataError: the targets are no classes, or features of a network are not finite.
    """
    from headstart.adaptation.domains import Domains, Labeled, Unlabeled
    from headstart.core.learning import Targets

    start, task = predictor.outputs_of(aim.features), shipped.task()
    held_out: Floats = np.zeros((0, start.shape[1]))
    targets = Targets(np.zeros(0, np.int64), task.kind, start.shape[1])
    labeled = None
    if source is not None:
        held = np.flatnonzero(source.fresh)
        labeled = Labeled(source.features, source.targets, source.groups, source.fresh, source.origin)
        held_out, targets = source.held_out[held], source.targets.take(held)
    return Domains(labeled, Unlabeled(aim.features), start, held_out, targets, shipped.fitted())


def _require_source_free(method: str, why: str) -> None:
    from headstart.adaptation.contract import ADAPTERS, SOURCE
    from headstart.adaptation.train_adapter import SOURCE_FREE, TRAINERS
    from headstart.core import plugins

    free = [name for name in plugins.names(ADAPTERS) if SOURCE not in plugins.load(ADAPTERS, name).needs]
    free += [name for name in plugins.names(TRAINERS) if SOURCE_FREE in plugins.load(TRAINERS, name).needs]
    if method not in free:
        raise ConfigError(
            f"adapt needs the data that the run learned from; {why}. "
            + (f"Without them name one of these with --method: {', '.join(free)}." if free else "Put them back.")
        )


def _require_adapter(method: str) -> None:
    from headstart.adaptation.contract import ADAPTERS
    from headstart.adaptation.taught import TITLES
    from headstart.adaptation.train_adapter import TRAINERS
    from headstart.core import plugins

    known = [AUTO, STATISTICS, *TITLES, *plugins.names(ADAPTERS), *plugins.names(TRAINERS)]
    if method not in known:
        raise ConfigError(choice_message("method", method, known))


def _solves_heads() -> dict[str, bool]:
    """By method whether it leaves the network as it is."""
    from headstart.adaptation.train_adapter import TRAINERS
    from headstart.core import plugins

    return dict.fromkeys((STATISTICS, *plugins.names(TRAINERS)), False)


def _train_request(method: str, settings: Sequence[str] | Mapping[str, Any]) -> TrainerRequest | None:
    """The train method with its settings; None for an adapter, which has none.

    Raises:
        ConfigError: a setting that is none of the method's.
    """
    from headstart.adaptation.train_adapter import TRAINERS, TrainerRequest
    from headstart.core import plugins
    from headstart.request.fit_config import parse_settings

    found = parse_settings(settings)
    options = {key.removeprefix(OF_METHOD): value for key, value in found.items() if key.startswith(OF_METHOD)}
    other = sorted(key for key in found if not key.startswith(OF_METHOD))
    if other or (options and method not in plugins.names(TRAINERS)):
        raise ConfigError(
            f"--set must name settings of a method that trains, as method.epochs=5, beside --method with one of "
            f"{plugins.names(TRAINERS)}; got {other or sorted(found)} beside {method}."
        )
    if method not in plugins.names(TRAINERS):
        return None
    asked = TrainerRequest(method, options)
    asked.config()
    return asked


def _notes(source: SourceRows, aim: TargetRows) -> list[str]:
    """What people should know before they read a figure; raises DataError where there is nothing to adapt to."""
    ours = {key.tobytes() for each in (source.dataset, source.test) for key in each.keys}
    shared = sum(key.tobytes() in ours for key in aim.dataset.keys)
    if shared > OWN_DATA * len(aim.ids):
        raise DataError(
            f"--to must be another domain; {shared:,} of {len(aim.ids):,} examples are the run's own, so there is no "
            "shift to adapt to. Name examples from where the model is to be used."
        )
    return [*([f"{shared:,} of {len(aim.ids):,} examples are the run's own."] if shared else []), *_about(aim)]


def _about(aim: TargetRows) -> list[str]:
    notes = []
    if aim.has_targets:
        notes.append("The new examples have targets. They were not read; headstart evaluate measures on them.")
    if aim.unusable:
        notes.append(f"{aim.unusable:,} examples could not be used.")
    return notes
