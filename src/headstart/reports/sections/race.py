"""What was tried in a race of trainings: how many, how far each came, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.drawn_settings import dimension, in_words
from headstart.reports.measures import measure
from headstart.reports.names import readable, shorten
from headstart.reports.numbers import NO_VALUE, count, duration, is_number, number, percent
from headstart.reports.race_drawing import Course, RaceDrawing, draw
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section
from headstart.reports.trials import Trial, loss_text, trials

MATTERS = 0.2  # share of a setting's importance from which it is named
MOST_NAMED = 2
MANY = 20  # trainings from which importances are more than a hint
LONGEST = 200  # letters of a reason
SOLVED_READ = (
    "Each was solved on the same folds of the training examples and judged on examples that it had not seen; the best "
    "of many looks a little better there than it is."
)


@dataclass(frozen=True)
class Row:
    """A trial in one line."""

    number: str
    method: str
    settings: str
    loss: str
    score: str
    cycles: str
    seconds: str
    note: str
    is_best: bool


@dataclass(frozen=True)
class Race:
    """A drawing, then a table; both may be missing."""

    drawing: RaceDrawing | None
    origin: str
    rows: tuple[Row, ...]
    score: str


def build(run: RunFiles) -> Section | None:
    """None without a race."""
    race = run.section("race")
    if not race:
        return None
    tried = [mapping(each) for each in listing(race.get("trials"))]
    best = next((each for each in tried if each.get("name") == race.get("best")), None)
    began = _began(run, best)
    text = loss_text(run)
    come = _best_solved(run, best) if _is_solved(race) else _best(run, best, began)
    parts = [_many(race, tried), come, _together(run, race, began), _ended(run, race, tried), _mattered(race, tried)]
    rows = tuple(_row(run, each, place, is_best=each is best) for place, each in enumerate(tried, 1))
    courses = [Course(str(i), _points(each), each is best) for i, each in enumerate(tried, 1)]
    start = None if began is None or began.is_random else began.start
    content = Race(draw(courses, start, text), "the linear probe", rows, measure(run.primary).label)
    says = " ".join(part for part in parts if part)
    read = (SOLVED_READ if _is_solved(race) else _read(began)) if rows else ""
    title = "Which settings were tried?" if _is_solved(race) else "Which trainings were tried?"
    return Section("race", title, "Race", says, read, content, is_wide=not rows)


def _is_solved(race: Mapping[str, Any]) -> bool:
    """Whether settings of something that is solved on folds were tried; nothing was trained by epochs."""
    return race.get("kind") == "solved"


def _best_solved(run: RunFiles, best: Mapping[str, Any] | None) -> str:
    if best is None:
        return "None was better than the defaults."
    loss = best.get("val_loss")
    return (
        f"The best, number {_number(best)}, came to a held-out loss of {loss_text(run)(loss)}."
        if is_number(loss)
        else ""
    )


def _began(run: RunFiles, best: Mapping[str, Any] | None) -> Trial | None:
    """The training of the evidence that is the best trial."""
    return next((each for each in trials(run) if best and each.name == best.get("method")), None)


def _many(race: Mapping[str, Any], tried: list[Mapping[str, Any]]) -> str:
    if not tried:
        return "No network was trained further."
    seconds = race.get("seconds")
    time = f" in {duration(seconds)}" if is_number(seconds) else ""
    if _is_solved(race):
        name = readable(race.get("method"))
        return f"{len(tried)} settings of {name[:1].lower()}{name[1:]} were tried{time}."
    if len(tried) == 1:
        return f"One training was made{time}."
    return f"{len(tried)} trainings with different settings were made{time}."


def _best(run: RunFiles, best: Mapping[str, Any] | None, began: Trial | None) -> str:
    """How far the best one came, beside what it began from."""
    loss = None if best is None else best.get("val_loss")
    if best is None or not is_number(loss):
        return ""
    text = loss_text(run)
    lead = f"The best, number {_number(best)}," if _number(best) else "The best one"
    if began is None or began.start is None:
        return f"{lead} came to a validation loss of {text(loss)}."
    if loss >= began.start:
        return f"{lead} was no better than {began.origin} it began from, with a validation loss of {text(loss)}."
    way = f"{lead} brought the validation loss from {text(began.start)} ({began.origin}) to {text(loss)}"
    not_chosen = "" if began.together else _not_chosen(run, began)  # of several together the next sentence says it
    return f"{way}{_scores(run, best, began)}.{not_chosen}"


def _not_chosen(run: RunFiles, began: Trial | None) -> str:
    chosen = run.section("guard").get("chosen")
    return " All the same it was not chosen." if chosen and began is not None and chosen != began.name else ""


def _together(run: RunFiles, race: Mapping[str, Any], began: Trial | None) -> str:
    """What several trainings came to together, or why none were combined."""
    told = mapping(race.get("combined"))
    members, loss, single = listing(told.get("members")), told.get("val_loss"), told.get("single")
    if len(members) > 1 and is_number(loss) and is_number(single):
        *others, last = (shorten(_number({"name": name}), 60) for name in members)
        what, price = "weights", "one network, which is as fast as each of them"
        if told.get("how") == "ensemble":
            what, price = "outputs", f"{len(members)} networks, each of which takes its time at every prediction"
        return (
            f"The averaged {what} of numbers {', '.join(others)} and {last} came to {loss_text(run)(loss)} instead of "
            f"{loss_text(run)(single)}: {price}.{_not_chosen(run, began)}"
        )
    why = shorten(str(told.get("why") or "").rstrip("."), LONGEST)
    return f"Nothing was combined: {why}." if told.get("why") else ""


def _number(trial: Mapping[str, Any]) -> str:
    return str(trial.get("name") or "").rpartition("#")[2]


def _scores(run: RunFiles, best: Mapping[str, Any], began: Trial) -> str:
    before, after = mapping(began.report.get("start")).get("val_score"), best.get("val_score")
    if not (is_number(before) and is_number(after)):
        return ""
    shown = measure(run.primary)
    return f", and {shown.inline} there from {shown.text(before)} to {shown.text(after)}"


def _ended(run: RunFiles, race: Mapping[str, Any], tried: list[Mapping[str, Any]]) -> str:
    if not race.get("stopped"):
        return ""
    why = shorten(str(race["stopped"]).rstrip("."), LONGEST + 100)
    if tried:
        return f"The race ended since {why}."
    least = run.plan.get("minimum")
    more = f" About {number(least)} minutes would have been enough." if is_number(least) else ""
    return f"The reason: {why}.{more}"


def _mattered(race: Mapping[str, Any], tried: list[Mapping[str, Any]]) -> str:
    shares = {name: share for name, share in mapping(race.get("importance")).items() if is_number(share)}
    most = sorted(shares, key=lambda name: -shares[name])[:MOST_NAMED]
    said = [f"{dimension(name)} ({percent(shares[name], 0)})" for name in most if shares[name] >= MATTERS]
    if not said:
        return ""
    hint = ", as far as so few trainings tell" if len(tried) < MANY else ""
    return f"What mattered most{hint}: {', then '.join(said)}."


def _read(began: Trial | None) -> str:
    n = None if began is None else began.report.get("n_val")
    examples = f"the same {count(n)} examples" if is_number(n) else "the same examples"
    return (
        "Each training is paused where its learning rate has come down to nothing, so what is paused is finished and "
        "could ship; only the best third goes on for another cycle, and the time of the others goes to new settings. "
        f"All are compared on {examples}, which none of them learned from and which are no test examples. The best of "
        "many looks a little better there than it is."
    )


def _row(run: RunFiles, trial: Mapping[str, Any], place: int, *, is_best: bool) -> Row:
    text, shown = loss_text(run), measure(run.primary)
    loss, score, cycles, kept = (trial.get(name) for name in ("val_loss", "val_score", "cycles", "kept"))
    notes = []
    if is_number(kept) and is_number(cycles) and 0 < kept < cycles:
        notes.append(f"Best after its {_ordinal(kept)} cycle.")
    if trial.get("over"):
        over = shorten(str(trial["over"]).rstrip("."), LONGEST)
        notes.append(f"{over[:1].upper()}{over[1:]}.")
    return Row(
        number=_number(trial) or str(place),
        method=shorten(readable(trial.get("method")), 60),
        settings=shorten(in_words(mapping(trial.get("drawn"))), LONGEST),
        loss=text(loss) if is_number(loss) else NO_VALUE,
        score=shown.text(score) if is_number(score) else NO_VALUE,
        cycles=count(cycles) if cycles else NO_VALUE,
        seconds=duration(trial.get("spent", trial.get("seconds"))),
        note=" ".join(notes),
        is_best=is_best,
    )


def _ordinal(value: float) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(int(value), f"{value:.0f}th")


def _points(trial: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    pairs = [each for each in listing(trial.get("curve")) if isinstance(each, list) and len(each) == 2]
    return tuple((float(x), float(y)) for x, y in pairs if is_number(x) and is_number(y) and x >= 0 and y >= 0)
