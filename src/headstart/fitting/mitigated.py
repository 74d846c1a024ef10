"""The chosen model, changed for its worst-off group where that was asked for, and what each way would give and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import ConfigError
from headstart.core.resources import one_blas_thread
from headstart.features.sources import joined
from headstart.fitting.last_layer import VALIDATION, Base, base_of
from headstart.request.mitigation_request import COMPARE

if TYPE_CHECKING:
    from headstart.core.learning import Fitted, Ints, Solution
    from headstart.data.dataset import Dataset
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.mitigation.sweep import Swept
    from headstart.solving.candidates import Candidate
    from headstart.solving.work import Solved, Work

LEAST = 10  # examples of a group that is looked at
PLAIN = "without_mitigation"  # the model as it was, which the evidence compares with
ANY_METHOD = ("reweighting",)  # the others change the weights of a linear model
STRENGTHS = (0.5, 1.0)


def mitigated(work: Work, solved: Solved, choice: Choice) -> tuple[Solved, Mapping[str, Any]]:
    """The solved with the chosen contender changed as asked, and the section ``mitigation``, empty without a request.

    Everything is chosen and judged on held-out folds: of the training examples, or, where a network was trained, of its
    validation examples. The model as it was stays among the contenders, where it cannot ship: the evidence compares the
    two on the test.

    Raises:
        ConfigError: the targets are no classes, or the mitigation cannot change the model that was chosen.
        DataError: fewer than two groups have enough examples.
    """
    asked, learning = work.job.request.mitigation, solved.learning
    if asked is None:
        return solved, {}
    if learning.targets.kind != "class":
        raise ConfigError(
            f"a mitigation is for classes; the targets are of kind {learning.targets.kind!r}. Leave it out."
        )
    candidate = next(each for each in solved.candidates if each.name == choice.name)
    chosen = next(each for each in solved.contenders if each.name == choice.name)
    base = base_of(solved, candidate, chosen)
    groups, names = numbered_groups(learning.train.take(base.rows).slices, base.what)
    with one_blas_thread():
        swept = _swept(work, solved, base, chosen, groups, names)
    section = {
        "asked": asked.model_dump(mode="json"), "columns": list(learning.train.slices), "from": base.what,
        **swept.curve,
    }  # fmt: skip
    work.job.folder.decide("mitigation", section, f"held-out folds of the {base.what}, by group")
    if asked.name == COMPARE:
        return solved, {**section, "ships": "none"}
    solution = swept.solutions[asked.name, asked.strength]
    done = changed(solved, candidate, chosen, base, solution, asked.name, "for the group it served worst")
    plain = replace(chosen, name=PLAIN, what=f"{chosen.what} As it was before {asked.name}.", can_ship=False)
    contenders = [done if each is chosen else each for each in solved.contenders]
    return replace(solved, contenders=[*contenders, plain]), {**section, "ships": asked.name}


def require_groups(work: Work, solved: Solved) -> None:
    """Raise ConfigError before anything is trained where a mitigation would have no groups to work with."""
    learning, request = solved.learning, work.job.request
    if request.mitigation is None or not (work.train_request or request.minutes or request.tune):
        return
    from headstart.training.rows import validation_rows

    rows = validation_rows(solved, learning.seed).val
    numbered_groups(learning.train.take(rows).slices, VALIDATION)


def numbered_groups(columns: Mapping[str, Any], what: str = "training examples") -> tuple[Ints, list[str]]:
    """``(N,)`` numbers of the values of all columns together, -1 where one is missing or the group is small; names."""
    from headstart.evaluation.fairness.groups import MISSING, together

    grouping = together(dict(columns), LEAST)
    if grouping.refused:
        raise ConfigError(f"a mitigation needs groups, here of the {len(_any(columns)):,} {what}. {grouping.refused}")
    known = [MISSING not in values for values in grouping.values]
    place = np.cumsum(known) - 1
    code = np.array([place[k] if k >= 0 and known[k] else -1 for k in grouping.code], dtype=np.int64)
    return code, [name for name, is_known in zip(grouping.group_names, known, strict=True) if is_known]


def _any(columns: Mapping[str, Any]) -> Any:
    return next(iter(columns.values()))


def _swept(work: Work, solved: Solved, base: Base, chosen: Contender, groups: Ints, names: list[str]) -> Swept:
    from headstart.mitigation.grouped import Grouped
    from headstart.mitigation.sweep import suited, sweep

    learning, asked = solved.learning, work.job.request.mitigation
    assert asked is not None  # noqa: S101 - it was looked at
    able = suited("class", learning.targets.width, group_at_prediction=False)
    if chosen.solution.fitted.spec.get("form") != "linear":
        able = [name for name in able if name in ANY_METHOD]
    if asked.name not in (*able, COMPARE):
        raise ConfigError(
            f"{asked.name} changes a linear model; {chosen.candidate} was chosen, which {' or '.join(able)} can "
            "change. Name one of them, or --method linear_probe with --set guard=false."
        )
    weights = None if learning.weights is None else learning.weights[base.rows]
    given = Grouped(base.features, learning.targets.take(base.rows), groups, base.folds, weights)
    return sweep(
        given, base.method(given), able, names,
        strengths=sorted({*STRENGTHS, asked.strength}), by=asked.worst, class_names=learning.task.class_names,
        seed=learning.seed,
    )  # fmt: skip


def changed(
    solved: Solved, candidate: Candidate, chosen: Contender, base: Base, solution: Solution, name: str, purpose: str
) -> Contender:
    """The chosen contender with another solution; ``name`` did it and ``purpose`` says for what, both in words."""
    learning = solved.learning

    def outputs(fitted: Fitted, examples: Dataset) -> Any:
        return candidate.method.predict(fitted, joined(candidate.sources, examples))

    out_of_fold = np.full((len(learning.train), learning.targets.width), np.nan)
    out_of_fold[base.rows] = solution.out_of_fold
    if base.is_trained:  # a penalty would ask for a learning curve of a probe
        solution = replace(solution, report={**chosen.report, "mitigation": solution.report["mitigation"]})
    apart = chosen.apart
    if apart is not None:
        apart = replace(apart, outputs=outputs(solution.fitted, learning.train.take(apart.rows)))
    return replace(
        chosen,
        candidate=f"{chosen.candidate} + {name}",
        what=f"{chosen.what} Changed by {name} {purpose}.",
        n_train=chosen.n_train + (len(base.rows) if base.is_trained else 0),
        solution=replace(solution, out_of_fold=out_of_fold),
        test_outputs=outputs(solution.fitted, learning.test),
        task=learning.task.settle(learning.targets, out_of_fold),
        apart=apart,
    )
