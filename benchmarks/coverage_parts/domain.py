"""Out of domain: how seldom rows of the domain are called out, and the intervals of a detection report."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from coverage_parts.section import Section
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.evaluation.out_of_domain.p_values import cross_scored, is_out_of_domain, p_values
from headstart.evaluation.out_of_domain.report import detection_report

ROOM = "evaluation.out_of_domain"
NEW = 2000


def domain_sections(scale: float, rng: np.random.Generator) -> dict[str, Section]:
    """See the package's docstring."""
    columns = ("n", "dimensions", "classes", "detector")
    flagged = Section(
        "rows of the domain that are called out, scores cross-fitted", 0.05, columns, ("flagged_out",), is_floor=False
    )
    for n, d, k, name in product((30, 100, 400), (16, 256), (2, 10), plugins.names(ROOM)):
        rows = np.array([_flagged_once(n, d, k, name, rng) for _ in range(max(2, round(20 * scale)))])
        flagged.add((n, d, k, name), rows[:, 0], rows[:, 1].mean())
    return {"called_out": flagged, **reports(max(2, round(200 * scale)), rng)}


def _flagged_once(n: int, d: int, k: int, name: str, rng: np.random.Generator) -> tuple[float, float]:
    means, mixing = rng.normal(size=(k, d)), rng.normal(size=(d, d)) / np.sqrt(d)
    other = rng.normal(size=(k, d)) @ mixing + means[rng.permutation(k)] * 0.3  # classes that were not learned

    def rows(count: int, centres: Any) -> tuple[Any, Any]:
        y = np.arange(count) % k
        return rng.normal(size=(count, d)) @ mixing + centres[y], y.astype(np.int64)

    x, y = rows(n, means)
    plugin = plugins.load(ROOM, name)
    detector = plugin.build(plugin.config())
    targets = Targets(y, "class", k)
    known = cross_scored(detector, x, targets, None, rng)
    arrays = detector.fit(x, targets)
    shares = [
        is_out_of_domain(p_values(known, detector.score(arrays, rows(NEW, centres)[0]))).mean()
        for centres in (means, other)
    ]
    return shares[0], shares[1]


def reports(repeats: int, rng: np.random.Generator) -> dict[str, Section]:
    """Normal scores, rows from outside ``distance`` higher and ``spread`` wider, so that the truth is known."""
    columns = ("n_in", "n_out", "distance", "spread")
    found = {
        name: Section(f"interval of {what}", 0.95, columns, ("width",))
        for name, what in (
            ("auroc", "the area under the ROC curve of detection"),
            ("fpr_at_95_tpr", "false alarms at 95 % found"),
            ("flagged", "what the threshold flags of rows from outside"),
        )
    }
    for n, m, distance, spread in product((30, 200, 1000), (30, 200), (0.0, 1.5, 3.0), (1.0, 2.0)):
        truth = {
            "auroc": ndtr(distance / np.sqrt(1 + spread**2)),
            "fpr_at_95_tpr": ndtr(-(distance + spread * ndtri(0.05))),
        }
        hits: dict[str, list[tuple[bool, float]]] = {name: [] for name in found}
        for _ in range(repeats):
            inside, outside = rng.normal(size=n), rng.normal(size=m) * spread + distance
            got = detection_report(inside, outside)
            lowest = np.sort(inside)[n - int(np.floor(0.05 * (n + 1) + 1e-9))]  # what p <= 0.05 asks for, beyond it
            truth["flagged"] = ndtr((distance - lowest) / spread)
            for name, value in truth.items():
                low, high = got[name]["low"], got[name]["high"]
                hits[name].append((low <= value <= high, high - low))
        for name, rows in hits.items():
            found[name].add((n, m, distance, spread), [hit for hit, _ in rows], float(np.mean([w for _, w in rows])))
    return found
