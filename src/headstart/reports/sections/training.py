"""What training the network further brought: losses by epoch, what was trained, how, and what it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.reports.loss_curves import Drawing, drawings
from headstart.reports.measures import measure
from headstart.reports.names import quoted, readable
from headstart.reports.numbers import NO_VALUE, count, duration, is_number, number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section
from headstart.reports.task_facts import predicts_numbers
from headstart.reports.trials import Epoch, Trial, loss_text, trials

FEW_STAGES = 12  # more are folded


@dataclass(frozen=True)
class Stage:
    """A part of the network, in order."""

    name: str
    state: str
    is_trained: bool
    parameters: str


@dataclass(frozen=True)
class TrialRow:
    """A training in one line."""

    label: str
    start: str
    best: str
    epoch: str
    kept: str
    made: str
    predicted: str
    measured: str
    is_main: bool


@dataclass(frozen=True)
class EpochTable:
    """The numbers behind a line, as text."""

    label: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Training:
    """Drawings, then tables; every part may be empty."""

    drawings: tuple[Drawing, ...]
    trials: tuple[TrialRow, ...]
    stages: tuple[Stage, ...]
    total: str
    are_stages_folded: bool
    settings: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    tables: tuple[EpochTable, ...]
    score: str
    has_seconds: bool


def build(run: RunFiles) -> Section | None:
    """None when no network was trained."""
    found = trials(run)
    if not found:
        return None
    main = found[0]
    words = _Words(run)
    content = _content(run, found, words)
    says = " ".join(part for part in (words.result(main), words.beside(found), words.not_chosen(found)) if part)
    read = _read(main, has_drawing=bool(content.drawings), is_log_loss=not words.is_regression)
    return Section("training", "What did training bring?", "Training", says, read, content)


class _Words:
    """Losses as text, in the unit of the task, and the sentences made of them."""

    def __init__(self, run: RunFiles) -> None:
        self.run = run
        self.is_regression = predicts_numbers(run.evidence.get("task"))
        self.loss = loss_text(run)

    def result(self, trial: Trial) -> str:
        """What the training brought."""
        if trial.best_epoch is None:
            return "How far the training came was not written down."
        if trial.best_epoch == 0:
            return self._without_a_better_epoch(trial)
        epoch = _of_all(trial)
        if trial.kept is None:
            return f"The best point was epoch {epoch}; its validation loss was not written down."
        if trial.start is None:
            return (
                f"The start, {trial.origin}, had no finite validation loss; the best point was epoch {epoch}, with "
                f"{self.loss(trial.kept)}."
            )
        way = f"Validation loss went from {self.loss(trial.start)} ({trial.origin}) to {self.loss(trial.kept)}"
        if trial.has_moved:
            return f"{way}: the best epoch, {epoch}, reached {self.loss(trial.best)}, and {_mix(trial)} did better."
        return f"{way}; the best point was epoch {epoch}."

    def _without_a_better_epoch(self, trial: Trial) -> str:
        known = f" (validation loss {self.loss(trial.start)})" if trial.start is not None else ""
        lead = f"No epoch was better than {trial.origin}{known}"
        if trial.has_moved:
            reached = f" with {self.loss(trial.kept)}" if trial.kept is not None else ""
            return f"{lead}, but {_mix(trial)} was{reached}."
        return f"{lead}, so {'they were' if trial.is_random else 'the probe was'} kept."

    def beside(self, found: Sequence[Trial]) -> str:
        """How far the same network came from random weights."""
        main, *others = found
        other = next((each for each in others if each.is_random and each.kept is not None), None)
        if other is None or main.is_random:
            return ""
        return f"The same network, trained from random weights, came to {self.loss(other.kept)}."

    def not_chosen(self, found: Sequence[Trial]) -> str:
        """A training that did not make the model of the page."""
        chosen = self.run.section("guard").get("chosen")
        if not chosen or chosen in [each.name for each in found]:
            return ""
        return f"The model of this page is another one all the same: {quoted(readable(chosen))}."


def _of_all(trial: Trial) -> str:
    """The best epoch among those that were made."""
    last = trial.last_epoch
    return f"{trial.best_epoch} of {last}" if last >= (trial.best_epoch or 0) and last else str(trial.best_epoch)


def _mix(trial: Trial) -> str:
    """What was made after the last epoch: of several trainings, or by the method."""
    if trial.together:
        return f"the averaged {'outputs' if trial.is_ensemble else 'weights'} of {trial.together} trainings"
    share, ingredients = trial.told.get("share"), listing(trial.told.get("ingredients"))
    if is_number(share):
        return f"a mix, {percent(share, 0)} of the way from the start to the end of the training,"
    if ingredients:
        return f"the mean of {len(ingredients)} points of the training"
    return "what the method made of them afterwards"


def _made(trial: Trial) -> str:
    """The same in a word, beside the number that was kept."""
    if not trial.has_moved:
        return ""
    if trial.together:
        return f"of {trial.together} together"
    return "a mean" if listing(trial.told.get("ingredients")) else "a mix"


def _read(trial: Trial, *, has_drawing: bool, is_log_loss: bool) -> str:
    n = trial.report.get("n_val")
    examples = f"{count(n)} training examples" if is_number(n) else "Some training examples"
    text = (
        f"{examples} were set apart for validation: nothing is learned from them, and the loss says how wrong the "
        "predictions for them are; lower is better. An epoch is one pass over the others."
    )
    if is_log_loss:
        text += (
            " Confidence is fitted to them first, so these losses can lie a little below those of "
            "\u201cWhy this model?\u201d."
        )
    if has_drawing and is_log_loss:
        text += (
            " Where the training loss goes on falling while the validation loss rises, the network learns its examples "
            "by heart; that is why the best point is kept, not the last one."
        )
    return text


def _content(run: RunFiles, found: Sequence[Trial], words: _Words) -> Training:
    main = found[0]
    stages = tuple(_stages(main))
    return Training(
        drawings=drawings(found, words.loss, with_training=not words.is_regression),
        trials=tuple(_trial_row(each, words, is_main=each is main) for each in found),
        stages=stages,
        total=_total(main),
        are_stages_folded=len(stages) > FEW_STAGES,
        settings=tuple(_settings(main)),
        notes=tuple(note for each in found for note in _notes(each, is_alone=len(found) == 1)),
        tables=tuple(_table(run, each, words) for each in found if each.epochs),
        score=measure(run.primary).label,
        has_seconds=any(each.predicted is not None or each.seconds for each in found),
    )


def _trial_row(trial: Trial, words: _Words, *, is_main: bool) -> TrialRow:
    return TrialRow(
        label=trial.label,
        start=words.loss(trial.start),
        best=words.loss(trial.best),
        epoch={None: "", 0: "the start"}.get(trial.best_epoch, f"epoch {trial.best_epoch}"),
        kept=words.loss(trial.kept),
        made=_made(trial),
        predicted=duration(trial.predicted),
        measured=duration(sum(trial.seconds) / len(trial.seconds)) if trial.seconds else NO_VALUE,
        is_main=is_main,
    )


def _stages(trial: Trial) -> Iterator[Stage]:
    for each in map(mapping, listing(trial.report.get("stages"))):
        parameters = each.get("parameters")
        is_trained = each.get("trained") is True and parameters != 0
        state = "nothing to train" if parameters == 0 else "trained" if is_trained else "frozen"
        yield Stage(str(each.get("stage") or NO_VALUE), state, is_trained, count(parameters))


def _total(trial: Trial) -> str:
    """How much of the network was trained."""
    stages = [mapping(each) for each in listing(trial.report.get("stages"))]
    sizes = [(each.get("trained") is True, each.get("parameters")) for each in stages]
    known = [(is_trained, size) for is_trained, size in sizes if is_number(size)]
    trained = sum(size for is_trained, size in known if is_trained)
    return f"{count(trained)} of {count(sum(size for _, size in known))} parameters were trained" if known else ""


def _settings(trial: Trial) -> Iterator[tuple[str, str]]:
    """Those that matter, in plain words."""
    settings = trial.settings
    if trial.planned is not None:
        done = len(trial.epochs)
        cycles = settings.get("cycles")
        text = f"{trial.planned}" + (f" in {count(cycles)} cycles" if is_number(cycles) and cycles > 1 else "")
        yield "Epochs", text + (f", of which {done} were made" if done != trial.planned else "")
    if is_number(settings.get("batch_size")):
        yield "Examples per step", count(settings["batch_size"])
    rate = trial.report.get("lr", settings.get("lr"))
    if is_number(rate):
        yield "Learning rate", f"{number(rate)} at its largest"
    precision = trial.report.get("precision") or settings.get("precision")
    if isinstance(precision, str):
        yield "Precision", precision
    if isinstance(settings.get("augmentation"), str):
        yield "Augmentation", _augmentation(settings["augmentation"])
    if is_number(settings.get("views")):
        yield "Views", _views(settings)
    if is_number(settings.get("freeze")):
        yield "Frozen stages", _frozen(trial)


def _augmentation(strength: str) -> str:
    return "none" if strength == "none" else f"{strength}: examples are changed a little from epoch to epoch"


def _views(settings: Mapping[str, Any]) -> str:
    views = settings["views"]
    if views == 0:
        return "each example as it is"
    if settings.get("keep") is True:
        return f"{count(views)} of each example, computed once and kept"
    return "a new one of each example in every epoch"


def _frozen(trial: Trial) -> str:
    frozen, stages = int(trial.settings["freeze"]), listing(trial.report.get("stages"))
    if frozen == 0:
        return "none"
    if not 0 < frozen <= len(stages):
        return number(frozen)
    return f"{frozen} of {len(stages)}, up to {mapping(stages[frozen - 1]).get('stage')}"


def _notes(trial: Trial, *, is_alone: bool) -> Iterator[str]:
    """What the training said, as sentences."""
    lead = "" if is_alone else f"{trial.label}: "
    stopped = trial.report.get("stopped")
    if isinstance(stopped, str) and stopped:
        yield _sentence(lead, f"it ended early: {stopped}")
    for message in listing(trial.report.get("messages")):
        if isinstance(message, str):
            yield _sentence(lead, message)


def _sentence(lead: str, text: str) -> str:
    text = text.rstrip(".")
    return f"{lead}{text}." if lead else f"{text[:1].upper()}{text[1:]}."


def _table(run: RunFiles, trial: Trial, words: _Words) -> EpochTable:
    shown = measure(run.primary)
    seconds = trial.seconds if len(trial.seconds) == len(trial.epochs) else ()

    def row(place: int, epoch: Epoch) -> tuple[str, ...]:
        return (
            str(epoch.number),
            words.loss(epoch.train_loss),
            words.loss(epoch.val_loss),
            NO_VALUE if epoch.val_score is None else shown.text(epoch.val_score),
            number(epoch.lr),
            duration(seconds[place]) if seconds else NO_VALUE,
        )

    return EpochTable(trial.label, tuple(row(place, epoch) for place, epoch in enumerate(trial.epochs)))
