"""Settings of ``adapt`` in which both domains do not have the same classes: which rows and classes adapters get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, DataError, choice_message

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Choice, Labels
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.api.two_domains import Given
    from headstart.core.learning import Floats, Task

CLOSED, PARTIAL, OPEN = "closed", "partial", "open"
SETTINGS = (CLOSED, PARTIAL, OPEN)
AS_IT_IS = "as_it_is"  # method of an adapted run whose head is the run's own
SEED = 0


@dataclass(frozen=True)
class Asked:
    """What the user said of the classes.

    Attributes:
        setting: Of SETTINGS.
        classes: Names of the classes that the target has; empty: to be estimated.
    """

    setting: str = CLOSED
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settled:
    """What a setting came to.

    Attributes:
        inner: What adapters and validators are given.
        kept: ``(m,)`` target rows that these are.
        section: Of the evidence.
        note: For people; "" without one.
        changes: Whether something is to ship even with the head as it is.
        hidden: Share of target rows that the shipped model is to answer as unknown; None: it answers all.
    """

    inner: Given
    kept: NDArray[np.bool_]
    section: Mapping[str, Any]
    note: str = ""
    changes: bool = False
    hidden: float | None = None

    def told(self, given: Given) -> Given:
        """Both domains as they were given, with the note."""
        return replace(given, notes=(*given.notes, self.note)) if self.note else given


def asked_for(setting: str, classes: str | Sequence[str], methods: Mapping[str, bool], method: str) -> Asked:
    """What the user said, checked before anything is read.

    Args:
        setting: Of SETTINGS.
        classes: Names, or one text of names with commas between them.
        methods: By name of a method whether it solves a head, and does not change the network.
        method: The one asked for.

    Raises:
        ConfigError: no such setting, ``classes`` without the partial setting, a method that changes the network.
    """
    names = classes.split(",") if isinstance(classes, str) else [str(name) for name in classes]
    names = [name.strip() for name in names if name.strip()]
    if setting not in SETTINGS:
        raise ConfigError(choice_message("setting", setting, SETTINGS))
    if names and setting != PARTIAL:
        raise ConfigError(f"--classes names the classes of the target in --setting partial; got --setting {setting}.")
    if setting != CLOSED and not methods.get(method, True):
        raise ConfigError(
            f"--setting {setting} goes with ways that solve the head again; {method} changes the network. Leave "
            "--method out, or name one of headstart adapt's ways to a head."
        )
    return Asked(setting, tuple(dict.fromkeys(names)))


def settled(given: Given, asked: Asked, solver: Solver) -> Settled:
    """The rows and classes for adapters, before any is tried.

    Raises:
        ConfigError: a class that the model does not have, fewer than two, or one called as the answer "unknown" is.
        DataError: classes that have to be estimated where the data of the run are not there, another kind of head.
    """
    everything = np.ones(len(given.aim.ids), bool)
    if asked.setting == CLOSED:
        return Settled(given, everything, {"name": CLOSED})
    if asked.setting == PARTIAL:
        return _partial(given, asked.classes, solver, everything)
    return _open(given, solver)


def _partial(given: Given, classes: Sequence[str], solver: Solver, everything: NDArray[np.bool_]) -> Settled:
    from headstart.adaptation.label_sets.absent import absent_classes
    from headstart.adaptation.label_sets.present import require_linear, restricted
    from headstart.adaptation.label_sets.second_look import second_look

    names, domains = list(given.shipped.class_names), given.domains
    require_linear(domains.head)
    if given.shipped.task().kind != "class":
        raise DataError("--setting partial leaves classes out; this model tells grades. Use --setting closed.")
    section: dict[str, Any] = {"name": PARTIAL, "given": list(classes)}
    if classes:
        present = _named(classes, names)
        section |= {"absent": [name for name, there in zip(names, present, strict=True) if not there], "classes": []}
    else:
        if not len(domains.held_out_targets):
            raise DataError(
                "which classes are absent is estimated on the run's own data, and they are not there. Name the "
                "classes of the new domain with --classes."
            )
        counts = np.bincount(domains.held_out_targets.values, minlength=len(names)) + 1.0
        learned = counts / counts.sum()
        found = absent_classes([domains.start, *second_look(domains, solver, SEED)[:1]], learned)
        present = found.present
        section |= {
            "absent": [name for name, there in zip(names, present, strict=True) if not there],
            "classes": found.rows(names, learned),
            "needed": found.needed,
        }
    if present.all():
        note = "All classes of the model seem to be in the new domain, or it has too few examples to be sure: none was "
        note += "left out." if classes or len(everything) >= section["needed"] else (
            f"left out. From about {section['needed']:,} examples on a class of average share can be found absent."
        )  # fmt: skip
        return Settled(given, everything, section, "All classes are named: none was left out." if classes else note)
    gone = section["absent"]
    inner = replace(given, domains=restricted(domains, present))
    whose = "named" if classes else "found"
    note = f"{len(gone)} of {len(names)} classes are {whose} to be absent and are never the answer: {', '.join(gone)}."
    return Settled(inner, everything, section, note, changes=True)


def _named(classes: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    for name in classes:
        if name not in names:
            raise ConfigError(choice_message("--classes", name, list(names)))
    present = np.isin(np.array(names, dtype=object), list(classes))
    if present.sum() < 2:  # noqa: PLR2004 - with one class there is nothing to tell
        raise ConfigError(f"--classes must name at least two classes of the model; got {', '.join(classes)}.")
    return np.asarray(present)


def _open(given: Given, solver: Solver) -> Settled:
    from headstart.adaptation.label_sets.second_look import second_look
    from headstart.adaptation.label_sets.unknown import unknown_rows
    from headstart.evaluation.conformal_report import share
    from headstart.postprocessing.unknown import UNKNOWN, knowledge

    if UNKNOWN in given.shipped.class_names:
        raise ConfigError(
            f"--setting open answers {UNKNOWN!r}, and this model has a class of that name. Call the class otherwise, "
            "or use --setting closed."
        )
    domains = given.domains
    heads = second_look(domains, solver, SEED)
    start, held_out = (heads[0], heads[1]) if heads else (domains.start, domains.held_out)
    found = unknown_rows(knowledge(start), knowledge(held_out) if len(held_out) else np.zeros(0))
    kept = ~found.flags
    fewest = 10
    if kept.sum() < fewest:
        raise DataError(
            f"only {int(kept.sum())} of {len(kept)} examples of the new domain are like a class of the model; "
            f"{fewest} are needed. It cannot be adapted to them."
        )
    aim = given.aim
    inner = replace(
        given,
        aim=replace(aim, dataset=aim.dataset.take(kept), features=aim.features[kept]),
        domains=replace(domains, target=domains.target.take(kept), start=domains.start[kept]),
    )
    section = {"name": OPEN, "unknown": share(found.flags), "seen": found.seen, "why": found.why}
    told = f"{int((~kept).sum()):,} of {len(kept):,} examples are taken for none of the classes, and adapted nothing."
    return Settled(inner, kept, section, f"{told} {found.why}", found.seen, float((~kept).mean()))


def relabelled(labels: Labels | None, kept: NDArray[np.bool_]) -> Labels | None:
    """Few labels of the rows that adapters see, numbered as there; None where none is left."""
    if labels is None or kept.all():
        return labels
    there = kept[labels.rows]
    if not there.any():
        return None
    return replace(labels, rows=(np.cumsum(kept) - 1)[labels.rows[there]], truth=labels.truth[there])


def with_setting(choice: Choice, found: Settled) -> Choice:
    """The choice; where no adapted head is likely to help, the head as it is with what the setting changes."""
    if choice.name is not None or not found.changes:
        return choice
    return replace(choice, name=AS_IT_IS, why=f"{choice.why} The head stays as it is; the setting is applied to it.")


def head_as_it_is(found: Settled, task: Task, bare: Any) -> Shipped:
    """The run's own head, ready to ship; absent classes are left out of it."""
    from headstart.adaptation.shipping import Shipped

    domains = found.inner.domains
    held = len(domains.held_out_targets) > 0
    return Shipped(
        domains.head, task, bare, {}, domains.held_out if held else None, domains.held_out_targets if held else None
    )


def answering_unknown(shipped: Shipped, outputs: Floats, hidden: float | None) -> Shipped:
    """Which answers "unknown" as often among the target rows as rows were told apart; None: never.

    Args:
        shipped: The head.
        outputs: ``(m, K)`` of all target rows, calibrated.
        hidden: Share of rows.
    """
    from headstart.postprocessing.postprocessing import Postprocessing
    from headstart.postprocessing.unknown import knowledge

    if hidden is None:
        return shipped
    below = float(np.quantile(knowledge(outputs), hidden))
    post = shipped.postprocessing
    record = post.record.model_copy(update={"unknown_below": below})
    return replace(shipped, postprocessing=Postprocessing(record, post.arrays))
