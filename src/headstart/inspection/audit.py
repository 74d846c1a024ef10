"""All checks, one after another, and the gate behind them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence

from headstart.core import plugins
from headstart.core.errors import ConfigError, LeakError, choice_message
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, worst_first

logger = logging.getLogger(__name__)

CHECKS = "inspection.checks"


def audit(examined: Examined) -> list[Finding]:
    """What every check found, the worst first."""
    found: list[Finding] = []
    for name in plugins.names(CHECKS):
        plugin = plugins.load(CHECKS, name)
        began = time.perf_counter()
        found += plugin.build(plugin.config()).check(examined)
        logger.info("audit: %s took %.2f s", name, time.perf_counter() - began)
    return worst_first(found)


def require_known(accepted: Iterable[str]) -> None:
    """Raise ConfigError for an id that no check gives, told before the work: a misspelt one would accept nothing."""
    known = plugins.names(CHECKS)
    for each in accepted:
        if each.split("/")[0] not in known:
            raise ConfigError(choice_message("finding for --accept", each, known))


def refused(findings: Iterable[Finding], accepted: Sequence[str]) -> list[Finding]:
    """Severe findings that were not accepted by name."""
    return [finding for finding in findings if finding.severity == "severe" and finding.id not in accepted]


def require_meaning(findings: Iterable[Finding], accepted: Sequence[str]) -> None:
    """Raise LeakError (exit 3) where a result would mean nothing."""
    left = refused(findings, accepted)
    if left:
        what = " ".join(f"{finding.id}: {finding.what} {finding.action}" for finding in left)
        names = " ".join(f"--accept {finding.id}" for finding in left)
        raise LeakError(
            f"a result must mean something, and on these data it would not. {what} To go on all the same: {names}"
        )
