"""The chosen model, prepared for a domain that nobody has seen where that is clearly better on domains held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from headstart.core import plugins
from headstart.core.errors import ConfigError
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evaluation.over_domains import FEWEST, Preferred, preferred, preferred_elsewhere
from headstart.evidence.domains import PLAIN, Domains, Tried, domains_section, losses_of, tested_domains
from headstart.fitting.last_layer import Base, base_of
from headstart.fitting.mitigated import changed
from headstart.request.generalising import AUTO, NONE, ROOM

if TYPE_CHECKING:
    from headstart.core.learning import Floats, Solution, Targets
    from headstart.data.dataset import LabeledDataset
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.solving.candidates import Candidate
    from headstart.solving.work import Solved, Work

TRIED = ("nuisance_projection", "reweighting", "group_dro")  # dfr takes minutes, and needs cells of many examples
WITHOUT = "without_generalising"  # the model as it was, which the evidence compares with


def generalised(work: Work, solved: Solved, choice: Choice) -> tuple[Solved, Mapping[str, Any]]:
    """The solved with the chosen contender changed where that helps, and the section ``domains``, empty without them.

    All is solved with each domain held out in turn, and chosen by the mean loss over domains. The model as it was stays
    among the contenders, where it cannot ship: the evidence compares the two on the test.

    Raises:
        ConfigError: a way was asked for that cannot change the model that was chosen.
    """
    request, learning = work.job.request, solved.learning
    if request.domains is None:
        return solved, {}
    candidate = next(each for each in solved.candidates if each.name == choice.name)
    chosen = next(each for each in solved.contenders if each.name == choice.name)
    domains = domains_of(learning.train, request.domains)
    base = base_of(solved, candidate, chosen)
    asked = NONE if request.mitigation is not None else request.generalise
    with one_blas_thread():
        is_kept = base.is_trained or asked == NONE != request.generalise  # a mitigation has changed it already
        solutions = {} if is_kept else _solutions(work, solved, base, chosen, domains, asked)
        ordinary = None if base.is_trained else _ordinary(solved, candidate, base)
    if asked not in (AUTO, NONE) and asked not in solutions:
        raise ConfigError(
            f"{asked} changes a linear model that was solved; {chosen.candidate} was chosen. Use --method linear_probe "
            "with --set guard=false, or leave generalise out."
        )
    tried = [
        Tried(PLAIN, chosen.task, chosen.solution.out_of_fold),
        *(
            Tried(name, learning.task.settle(learning.targets, one.out_of_fold), one.out_of_fold)
            for name, one in solutions.items()
        ),
    ]
    losses = losses_of(tried, learning.targets, domains)
    best = preferred(losses)
    ships = best.index if asked == AUTO else ([PLAIN, *solutions].index(asked))
    why = _why([each.name for each in tried], best, asked, losses.shape[1])
    section = domains_section(
        tried, ships, best, preferred_elsewhere(losses), learning.targets, domains, ordinary, why
    )  # fmt: skip
    work.job.folder.decide("domains", section, why)
    if not ships:
        return solved, section
    name = tried[ships].name
    done = changed(solved, candidate, chosen, base, solutions[name], name, "for a domain that it has not seen")
    plain = replace(chosen, name=WITHOUT, what=f"{chosen.what} As it was before {name}.", can_ship=False)
    contenders = [done if each is chosen else each for each in solved.contenders]
    return replace(solved, contenders=[*contenders, plain]), section


def with_test(section: Mapping[str, Any], solved: Solved, chosen: Contender, targets: Targets) -> dict[str, Any]:
    """The section with the domains of the test, whose targets are unsealed now."""
    test = domains_of(solved.reading.dataset.take(solved.parts.split.test), str(section["column"]))
    return {**section, "test": tested_domains(dict(section), chosen.task, targets, chosen.test_outputs, test)}


def domains_of(dataset: LabeledDataset, column: str) -> Domains:
    """Names and numbers; every example has one, as was seen to when the data were read."""
    assert dataset.groups is not None  # noqa: S101 - as was seen to
    names, code = np.unique([str(value) for value in dataset.groups.tolist()], return_inverse=True)
    return Domains(column, tuple(names.tolist()), code.astype(np.int64))


def _solutions(
    work: Work, solved: Solved, base: Base, chosen: Contender, domains: Domains, asked: str
) -> dict[str, Solution]:
    """By name, of those that can change the chosen model."""
    learning = solved.learning
    is_probe = chosen.solution.fitted.spec.get("form") == "linear" and "penalty" in chosen.report
    if not is_probe or issparse(base.features):
        return {}
    from headstart.mitigation.grouped import Grouped

    given = Grouped(base.features, learning.targets, domains.code, base.folds, learning.weights)
    names = [name for name in TRIED if learning.targets.kind in plugins.load(ROOM, name).targets]
    if asked not in (AUTO, NONE, *names):
        names.append(asked)
    found = {}
    for name in names:
        plugin = plugins.load(ROOM, name)
        if learning.targets.kind in plugin.targets:
            built = plugin.build(plugin.config())
            found[name] = built.fit(given, _Known(base, chosen, given), generator(learning.seed, ROOM, name))
    return found


class _Known:
    """The solver, whose answer for the rows as they are is known."""

    def __init__(self, base: Base, chosen: Contender, given: Any) -> None:
        self.base, self.chosen, self.given = base, chosen, given

    def fit(self, features: Floats, targets: Targets, folds: Any, rng: Any, weights: Floats | None = None) -> Solution:
        """``features`` ``(N, D)``, ``folds`` and ``weights`` ``(N,)``: as the solver's own."""
        if features is self.given.features and weights is self.given.weights:
            return self.chosen.solution
        return self.base.solver.fit(features, targets, folds, rng, weights)

    def predict(self, fitted: Any, features: Floats) -> Floats:
        """``(N, W)`` outputs of ``(N, D)`` features."""
        return self.base.solver.predict(fitted, features)


def _ordinary(solved: Solved, candidate: Candidate, base: Base) -> Floats | None:
    """``(N, W)`` outputs by folds that ignore domains, as if the next examples came from the same ones."""
    if candidate.blends is not None:
        return None
    from headstart.data.splits import folds
    from headstart.solving.solve import FOLDS

    learning, parts = solved.learning, solved.parts
    copies = parts.duplicates[parts.split.train]
    fold = folds(learning.strata, copies, FOLDS, generator(learning.seed, "ordinary folds"))
    rng = generator(learning.seed, candidate.name)
    found: Floats = candidate.method.fit(base.features, learning.targets, fold, rng, learning.weights).out_of_fold
    return found


def _why(names: list[str], best: Preferred, asked: str, count: int) -> str:
    if asked not in (AUTO, NONE):
        return f"{asked} was asked for."
    if len(names) == 1:
        return "The model that was chosen is none that can be changed for a new domain."
    if count < FEWEST:
        return f"{count} domains are too few to prefer anything to the plain model."
    gain, error = best.gains[best.index], best.errors[best.index]
    if not best.index:
        return (
            f"Nothing tried ({', '.join(names[1:])}) has a smaller loss in domains held out by more than a standard "
            "error over domains, so the plain model ships."
        )
    told = (
        f"{names[best.index]} has a loss smaller by {gain:.3f} in the mean over {count} domains held out, "
        f"{gain / max(error, 1e-12):.1f} standard errors"
    )
    return f"{told}." if asked == AUTO else f"{told}; none was asked to ship."
