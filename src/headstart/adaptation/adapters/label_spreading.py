"""Labels spread along a graph of neighbours from the source rows to the target rows, which then teach a head.

Zhou, Bousquet, Lal, Weston & Schoelkopf, NeurIPS 2004; similarities with each row's own scale (Zelnik-Manor & Perona,
NeurIPS 2004); classes start with equal masses (Zhu, Ghahramani & Lafferty, ICML 2003). Each domain is standardised by
its own moments before neighbours are sought, by cosine. How far labels travel and among how many neighbours is chosen
by source labels that are left out, which says little about how they cross into the target: a lottery, which gains
under most changes of looks and loses a fifth of the answers where shares of classes change too.
The graph is sparse; above MOST rows of a domain some are drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.adaptation.contract import CONTINUOUS, DENSE, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import Doubles, doubles, require_classes, require_rows, spreads
from headstart.adaptation.pseudo_labels import as_weighted_rows
from headstart.core.config import Config
from headstart.core.learning import Floats, Ints, Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.evaluation.parting import parted
from headstart.methods.knn import nearest, unit_rows

NEIGHBOURS, ALPHAS = (20, 10), (0.5, 0.8)  # of equally good ones the first
STEPS = 30  # 0.8 ** 30 is a thousandth
PARTS = 5  # the labels of one of them are left out to choose by
MOST = 10_000  # rows of a domain in the graph


class LabelSpreading:
    """Solves on source rows and softly labelled target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; the labels that are left out are drawn, and rows where there are more than MOST."""
        whole, target = domains.source, domains.target.features
        assert whole is not None  # noqa: S101 - the plugin needs it
        require_classes(whole.targets.values)
        require_rows(len(whole), "source")
        require_rows(len(domains.target), "target")
        source = whole.take(_some(len(whole), rng))
        features = target[_some(len(domains.target), rng)]
        points = np.concatenate([unit_rows(standardised(source.features)), unit_rows(standardised(features))])
        labels, width = source.targets.values, source.targets.width
        apart = np.flatnonzero(parted(labels, source.groups, PARTS, rng) == 0)
        with one_blas_thread():
            found = nearest(points, points, min(NEIGHBOURS[0] + 1, len(points)))
        k, alpha = _chosen(found, labels, width, apart)
        start = class_masses(labels, width, len(points))
        shares = spread(graph(*found, k), start, alpha)[len(labels) :]
        rows, said, weights = as_weighted_rows(shares)
        targets = Targets(np.concatenate([labels, said]), source.targets.kind, width)
        taught = np.concatenate([source.features, features[rows]])
        fitted = solver.fit(taught, targets, np.concatenate([np.ones(len(labels)), weights]))
        return Adapted(fitted, report={"neighbours": k, "alpha": alpha})


def standardised(features: Any) -> Floats:
    """``(n, D)`` by its own moments."""
    rows = doubles(features)
    return np.asarray((rows - rows.mean(axis=0)) / spreads(rows))


def graph(neighbours: Ints, cosines: Floats, k: int) -> Any:
    """Normalised similarities ``(N, N)``, a ``csr_array``; rows are joined where one is among the other's k nearest.

    Args:
        neighbours: ``(N, >= k)`` nearest first; the row itself may be among them and does not count.
        cosines: Of these.
        k: At most what there are.
    """
    from scipy import sparse

    n = len(neighbours)
    itself = neighbours == np.arange(n)[:, None]
    distance = np.where(itself, np.inf, 2.0 - 2.0 * np.asarray(cosines, np.float64)).clip(0.0)
    order = np.argsort(distance, axis=1, kind="stable")[:, : min(k, neighbours.shape[1] - 1)]
    ends, squared = np.take_along_axis(neighbours, order, 1), np.take_along_axis(distance, order, 1)
    own = np.sqrt(np.maximum(np.where(np.isinf(squared), 0.0, squared).max(axis=1), 1e-12))
    weights = np.where(np.isinf(squared), 0.0, np.exp(-squared / (own[:, None] * own[ends])))
    begins = np.repeat(np.arange(n), order.shape[1])
    one_way = sparse.csr_array((weights.ravel(), (begins, ends.ravel())), shape=(n, n))
    both = one_way.maximum(one_way.T)
    degree = 1.0 / np.sqrt(np.maximum(both.sum(axis=1), 1e-12))
    return sparse.csr_array(both.multiply(degree[:, None]).multiply(degree[None, :]))


def class_masses(labels: Ints, width: int, rows: int) -> Doubles:
    """``(rows, width)`` what labels begin with: each class has 1 in all, unlabelled rows (the last ones) nothing."""
    start = np.zeros((rows, width))
    counts = np.bincount(labels, minlength=width)
    start[np.arange(len(labels)), labels] = 1.0 / counts[labels]
    return start


def spread(similarities: Any, start: Doubles, alpha: float) -> Doubles:
    """``(N, K)`` shares of the classes: the fixed point of F = alpha S F + (1 - alpha) Y, rows divided by their sum.

    A row that no label reaches has equal shares.
    """
    found = start.copy()
    for _ in range(STEPS):
        found = alpha * (similarities @ found) + (1 - alpha) * start
    total = found.sum(axis=1, keepdims=True)
    return np.where(total > 0, found / np.where(total > 0, total, 1.0), 1.0 / start.shape[1])


def _chosen(found: tuple[Ints, Floats], labels: Ints, width: int, apart: Ints) -> tuple[int, float]:
    """Neighbours and alpha with which most labels that were left out come back."""
    left = labels.copy()
    start = np.zeros((len(found[0]), width))
    kept = np.setdiff1d(np.arange(len(labels)), apart)
    counts = np.maximum(np.bincount(left[kept], minlength=width), 1)
    start[kept, left[kept]] = 1.0 / counts[left[kept]]
    best = (-1.0, NEIGHBOURS[0], ALPHAS[0])
    for k in NEIGHBOURS:
        similarities = graph(*found, k)
        for alpha in ALPHAS:
            right = float((spread(similarities, start, alpha)[apart].argmax(axis=1) == labels[apart]).mean())
            if right > best[0]:
                best = (right, k, alpha)
    return best[1], best[2]


def _some(count: int, rng: np.random.Generator) -> Ints:
    if count <= MOST:
        return np.arange(count, dtype=np.int64)
    return np.sort(rng.choice(count, MOST, replace=False)).astype(np.int64)


PLUGIN = Plugin(
    build=LabelSpreading,
    paper="https://proceedings.neurips.cc/paper/2003/hash/87682805257e619d49b8e0dfdc14affa-Abstract.html",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS}),
    title="Labels spread on a graph",
)
