r"""Principal directions of the source are turned into those of the target; a head sees both domains in these alone.

Fernando, Habrard, Sebban & Tuytelaars, ICCV 2013, https://doi.org/10.1109/ICCV.2013.368. Source rows go through
:math:`P_s P_s^\top P_t P_t^\top`, target rows through :math:`P_t P_t^\top`. How many directions are kept is chosen
by the accuracy of moved source rows that were held out, as in the paper, of four and of eight tenths of the rows
of the smaller domain: the more, unless the fewer are one standard error ahead, since with pretrained features
few directions lose what tells classes apart. The gain is small where it is one, and below that of ``coral``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.adaptation.contract import CONTINUOUS, DENSE, LINEAR, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains, Labeled
from headstart.adaptation.geometry import Doubles, doubles, leading, require_classes, require_rows, spreads
from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats
from headstart.core.plugins import Plugin
from headstart.evaluation.parting import parted

SHARES = (0.8, 0.4)  # of the rows of the smaller domain
PARTS = 5  # one of them is held out to choose by


class SubspaceAlignment:
    """Moves source rows, solves on them, and looks at target rows in the target's directions."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; the part that is held out to choose by is drawn."""
        source = domains.source
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        whole = subspaces(source.features, domains.target.features, SHARES[0])
        most = min(whole.ours.shape[1], whole.theirs.shape[1])
        counts = sorted({max(1, int(most * share / SHARES[0])) for share in SHARES}, reverse=True)
        apart = parted(source.targets.values, source.groups, PARTS, rng) == 0
        right = [_right(whole.cut(count), source, apart, solver) for count in counts]
        best = max(right)
        near = best - np.sqrt(best * (1 - best) / max(int(apart.sum()), 1))
        chosen = whole.cut(next(count for count, each in zip(counts, right, strict=True) if each >= near))
        fitted = chosen.seeing_target(solver.fit(chosen(source.features), source.targets))
        return Adapted(fitted, carry=chosen, report={"directions": chosen.ours.shape[1]})


@dataclass(frozen=True)
class Subspaces:
    """From source features to where they would lie in the target domain.

    Attributes:
        start, end: ``(D,)`` means of the domains.
        scale: ``(D,)`` unit of each feature.
        ours, theirs: ``(D, d)`` leading directions of source and target in these units, the largest last.
    """

    start: Doubles
    end: Doubles
    scale: Doubles
    ours: Doubles
    theirs: Doubles

    def cut(self, count: int) -> Subspaces:
        """The largest ``count`` directions of each."""
        return Subspaces(self.start, self.end, self.scale, self.ours[:, -count:], self.theirs[:, -count:])

    def __call__(self, features: Any) -> Floats:
        """``(n, D)`` float32."""
        rows = (np.asarray(features, np.float64) - self.start) / self.scale
        turned = ((rows @ self.ours) @ (self.ours.T @ self.theirs)) @ self.theirs.T
        return np.asarray(turned * self.scale + self.end, np.float32)

    def seeing_target(self, head: Fitted) -> Fitted:
        """The linear head that says of target rows as they are what ``head`` says of them in these directions."""
        weight = np.asarray(head.arrays["weight"], np.float64)
        whole = (((weight * self.scale) @ self.theirs) @ self.theirs.T) / self.scale
        bias = head.arrays["bias"] + (weight - whole) @ self.end
        arrays = {"weight": whole.astype(np.float32), "bias": np.asarray(bias, np.float32)}
        return Fitted(arrays, head.spec)


def subspaces(source: Any, target: Any, share: float) -> Subspaces:
    """With so many directions for each row of the smaller domain.

    Raises:
        DataError: too few rows, or features that do not vary.
    """
    ours, theirs = doubles(source), doubles(target)
    require_rows(len(ours), "source")
    require_rows(len(theirs), "target")
    start, end, scale = ours.mean(axis=0), theirs.mean(axis=0), spreads(ours)
    count = int(share * min(len(ours), len(theirs)))
    here, there = leading((ours - start) / scale, count), leading((theirs - end) / scale, count)
    return Subspaces(start, end, scale, here, there)


def _right(found: Subspaces, source: Labeled, apart: Any, solver: Solver) -> float:
    """Share of the moved source rows held ``apart`` that a head learned from the others is right about."""
    moved = found(source.features)
    learned, held = source.targets.take(~apart), source.targets.take(apart)
    if len(np.unique(learned.values)) < 2 or not len(held):
        return 0.0
    outputs = solver.outputs(solver.fit(moved[~apart], learned), moved[apart])
    return float((outputs.argmax(axis=1) == held.values).mean())


PLUGIN = Plugin(
    build=SubspaceAlignment,
    paper="doi:10.1109/ICCV.2013.368",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS, LINEAR}),
    title="Subspace alignment",
)
