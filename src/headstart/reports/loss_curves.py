"""Losses by epoch, as lines in a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.numbers import count
from headstart.reports.trials import Trial

Place = tuple[int, float | None]  # epoch and loss
Text = Callable[[float], str]
HIGHEST = 3.0  # times the usual loss; what lies above would press everything else to the floor
APART = 2.0  # times the height of one training's drawing: others that need more get a drawing of their own
MOST_DOTS = 40
OVERVIEW = "Validation loss beside the other trainings"
OTHER_STYLES = 4  # as many as style.css tells apart


@dataclass(frozen=True)
class Line:
    """A line with gaps; positions in percent, y from the top. ``dots`` are its points, where they are drawn."""

    label: str
    style: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Mark:
    """A place that is named in the drawing: the anchor and shift keep its text inside and off the lines."""

    x: float
    y: float
    text: str
    anchor: str
    dx: int
    dy: int


@dataclass(frozen=True)
class Drawing:
    """Lines over epochs, the start as a level, the best point; ``caption`` only where there is a second drawing."""

    name: str
    caption: str
    summary: str
    lines: tuple[Line, ...]
    x_axis: Axis
    y_axis: Axis
    level: float | None
    level_name: str
    marks: tuple[Mark, ...]
    best: tuple[float, float] | None
    note: str


@dataclass(frozen=True)
class Curve:
    """A line before it is placed."""

    label: str
    style: str
    places: tuple[Place, ...]
    has_dots: bool = False

    @property
    def losses(self) -> list[float]:
        """Those that are known."""
        return [loss for _, loss in self.places if loss is not None]


def drawings(found: Sequence[Trial], text: Text, *, with_training: bool = True) -> tuple[Drawing, ...]:
    """One drawing, or two where the other trainings lie far from the first; none without a known loss of an epoch.

    Args:
        found: The training the page is about, then the others.
        text: Writes a loss.
        with_training: Whether training losses have the unit of validation losses.
    """
    main = found[0]
    others = [each for each in found[1:] if any(epoch.val_loss is not None for epoch in each.epochs)]
    own = _own_curves(main, with_training=with_training)
    beside = [
        _validation(each, f"other o{i % OTHER_STYLES + 1}", f"Validation loss: {each.label}")
        for i, each in enumerate(others)
    ]
    if not any(loss is not None for curve in own for epoch, loss in curve.places if epoch):
        return ()
    if not beside or _height([*own, *beside]) <= APART * _height(own):
        return (_draw("losses", "", main, [*own, *beside], text),)
    overview = [
        replace(curve, label=trial.label) for curve, trial in zip([own[0], *beside], [main, *others], strict=True)
    ]
    return (
        _draw("losses", main.label, main, own, text),
        _draw("losses-beside", OVERVIEW, main, overview, text, is_overview=True),
    )


def _own_curves(main: Trial, *, with_training: bool) -> list[Curve]:
    curves = [_validation(main, "own", "Validation loss")]
    training = Curve("Training loss", "thin", tuple((each.number, each.train_loss) for each in main.epochs))
    return [*curves, training] if with_training and training.losses else curves


def _validation(trial: Trial, style: str, label: str) -> Curve:
    places = ((0, trial.start), *((each.number, each.val_loss) for each in trial.epochs))
    return Curve(label, style, places, has_dots=style == "own" and len(places) <= MOST_DOTS)


def _ceiling(curves: Iterable[Curve]) -> float:
    """What is drawn at most: a diverged epoch must not hide the others."""
    usual = max((median(curve.losses) for curve in curves if curve.losses), default=0.0)
    return HIGHEST * usual or float("inf")


def _height(curves: Sequence[Curve]) -> float:
    top = _ceiling(curves)
    drawn = [loss for curve in curves for loss in curve.losses if loss <= top]
    return max(drawn) - min(drawn)


def _draw(
    name: str, caption: str, main: Trial, curves: Sequence[Curve], text: Text, *, is_overview: bool = False
) -> Drawing:
    top = _ceiling(curves)
    last = max(epoch for curve in curves for epoch, _ in curve.places)
    x_axis = linear_axis((0, last), _epoch_text, within=(0, last), steps=min(last, 6))
    drawn = [loss for curve in curves for loss in curve.losses if loss <= top]
    y_axis = linear_axis(drawn, _tick, within=(0, float("inf")))
    level = main.start if main.start is not None and main.start <= top else None
    best = None if is_overview else _best_place(main, top)
    at = None if level is None else round(100 - y_axis.at(level), 2)
    point = None if best is None else (x_axis.at(best[0]), round(100 - y_axis.at(best[1]), 2))
    marks = () if is_overview else tuple(_marks(main, at, point, text))
    return Drawing(
        name=name,
        caption=caption,
        summary=f"Loss by epoch: {', '.join(curve.label for curve in curves)}",
        lines=tuple(_line(curve, x_axis, y_axis, top) for curve in curves),
        x_axis=x_axis,
        y_axis=y_axis,
        level=at,
        level_name=f"Start: {main.origin}" if at is not None else "",
        marks=marks,
        best=point,
        note=_gaps(curves, top, text),
    )


def _best_place(main: Trial, top: float) -> tuple[int, float] | None:
    if main.best_epoch is None:
        return None
    losses = {0: main.start, **{each.number: each.val_loss for each in main.epochs}}
    loss = losses.get(main.best_epoch)
    return None if loss is None or loss > top else (main.best_epoch, loss)


def _line(curve: Curve, x_axis: Axis, y_axis: Axis, top: float) -> Line:
    pieces = [[(x_axis.at(x), round(100 - y_axis.at(y), 2)) for x, y in piece] for piece in _pieces(curve.places, top)]
    alone = [piece[0] for piece in pieces if len(piece) == 1]
    return Line(
        curve.label,
        curve.style,
        tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        tuple(point for piece in pieces for point in piece) if curve.has_dots else tuple(alone),
    )


def _pieces(places: Iterable[Place], top: float) -> Iterator[list[tuple[int, float]]]:
    """Stretches of neighbouring epochs whose loss is known and drawn."""
    piece: list[tuple[int, float]] = []
    for epoch, loss in places:
        is_drawn = loss is not None and loss <= top
        if piece and not (is_drawn and epoch == piece[-1][0] + 1):
            yield piece
            piece = []
        if loss is not None and is_drawn:
            piece.append((epoch, loss))
    if piece:
        yield piece


def _marks(main: Trial, level: float | None, best: tuple[float, float] | None, text: Text) -> Iterator[Mark]:
    """Names of the start and of the best point; one for both where they are the same."""
    if level is not None and main.start is not None:
        first = next((each.val_loss for each in main.epochs if each.val_loss is not None), None)
        rises = first is None or first > main.start
        kept = ", kept" if main.best_epoch == 0 and not main.has_moved else ""
        # the line leaves the start on one side of the level; its name stands on the other
        yield Mark(0, level, f"start{kept}: {text(main.start)}", "start", 8, 18 if rises and level < 88 else -9)
    if best is not None and main.best_epoch and main.best is not None:
        x, y = best
        anchor = "start" if x < 25 else "end" if x > 75 else "middle"
        yield Mark(x, y, f"best: epoch {main.best_epoch}, {text(main.best)}", anchor, 0, 24 if y < 82 else -14)


def _gaps(curves: Iterable[Curve], top: float, text: Text) -> str:
    """Why a line is interrupted."""
    notes = []
    for curve in curves:
        unknown = [epoch for epoch, loss in curve.places if loss is None]
        above = [epoch for epoch, loss in curve.places if loss is not None and loss > top]
        if unknown:
            notes.append(f"{curve.label}: no finite number {_where(unknown)}.")
        if above:
            notes.append(f"{curve.label}: above {text(top)}, and not drawn, {_where(above)}.")
    return " ".join(notes)


def _where(epochs: Sequence[int]) -> str:
    numbers = ["the start" if epoch == 0 else str(epoch) for epoch in epochs[:5]]
    more = f" and {len(epochs) - 5} more" if len(epochs) > 5 else ""
    is_start = epochs[0] == 0
    if is_start and len(epochs) == 1:
        return "at the start"
    return f"in epoch{'s' if len(epochs) > 1 and not is_start else ''} {', '.join(numbers)}{more}"


def _epoch_text(value: float) -> str:
    return "start" if value == 0 else count(value)


def _tick(value: float) -> str:
    return count(value) if 1000 <= value < 1e7 else f"{value:.6g}"
