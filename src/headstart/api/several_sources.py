"""A run whose own data come from several domains: what is said of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import ConfigError

if TYPE_CHECKING:
    from headstart.adaptation.domains import Labeled
    from headstart.api.two_domains import Given, SourceRows

SEED = 0


def require_source(source: SourceRows | str, column: str | None) -> None:
    """Raise ConfigError where a column of the run's data is named and they are not there."""
    if column is not None and isinstance(source, str):
        raise ConfigError(
            f"--sources names a column of the data that the run learned from; {source}. Put them back, or leave "
            "--sources out."
        )


def sources_section(given: Given) -> dict[str, Any]:
    """How near each source domain is to the target, and what it weighs; empty where there is one.

    ``distance`` is the squared maximum mean discrepancy, about 0 for one domain; ``mixture`` the share that the domain
    has in the mixture which the target looks like most; ``weight`` what one of its examples counts for in
    ``nearest_domains``, 1 on the whole; ``alone`` whether it is moved by a map of its own.
    """
    from headstart.adaptation.several import distance, mixture, row_weights, says_looks

    domains, source = given.domains, given.domains.source
    if source is None or given.source is None or source.origin is None:
        return {}
    shares = weights = None
    if domains.is_dense and given.is_continuous:
        shares = mixture(source, domains.target.features)
        weights = row_weights(source, shares)
    rows = []
    for number, name in enumerate(given.source.origin_names):
        mine = source.origin == number
        own: Labeled = source.take(mine)
        far = None
        if shares is not None and len(own) > 1:
            far = round(distance(own.features, domains.target.features, np.random.default_rng(SEED)), 4)
        rows.append(
            {
                "name": name,
                "n": len(own),
                "classes": len(np.unique(own.targets.values)),
                "distance": far,
                "mixture": None if shares is None else round(float(shares[number]), 4),
                "weight": None if weights is None else round(float(weights[mine][0]), 3),
                "alone": says_looks(own.targets, source.targets),
            }
        )
    return {"sources": rows}
