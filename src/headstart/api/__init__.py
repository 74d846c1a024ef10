"""The public verbs: each reads its input, calls the rooms below in order, and returns a frozen result.

For: ``audit``, ``rank``, ``fit``, ``evaluate``, ``predict``, ``explain``, ``export``, ``report``, ``serve``,
``monitor``, ``adapt``, ``compress``, the lists, ``doctor`` and the cache.

Must not know: arguments, terminals, colours. Nothing is printed here; what is worth saying is in the result, in the
log, or told to the ``progress`` listener.

To add: a verb is one new file with one public function (the file is named otherwise than the function, since a module
hides a function of its package), named in ``PLACES`` and in the package's ``__all__``.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.api.adaptation_result import Adaptation
    from headstart.api.adapting import adapt
    from headstart.api.audit_result import Audit
    from headstart.api.auditing import audit
    from headstart.api.cache import clear_cache, list_cache
    from headstart.api.checking import doctor
    from headstart.api.compress_result import Compression
    from headstart.api.compressing import compress
    from headstart.api.evaluating import evaluate
    from headstart.api.explaining import explain
    from headstart.api.explanations import ExplainedClasses, ExplainedMistakes, Explanations
    from headstart.api.export_result import Export
    from headstart.api.exporting import export
    from headstart.api.fitting import fit
    from headstart.api.lists import list_methods, list_models, list_tasks
    from headstart.api.monitor_result import Monitoring
    from headstart.api.monitoring import monitor
    from headstart.api.predicting import predict
    from headstart.api.ranking import rank
    from headstart.api.reporting import report
    from headstart.api.results import (
        Evaluation,
        Listing,
        Plan,
        Predictions,
        Ranking,
        Robustness,
        Run,
        Seeds,
        Verification,
    )
    from headstart.api.serving import serve
    from headstart.api.shift_result import ShiftAudit

PLACES = {
    "adapt": "adapting",
    "audit": "auditing",
    "compress": "compressing",
    "clear_cache": "cache",
    "list_cache": "cache",
    "doctor": "checking",
    "evaluate": "evaluating",
    "explain": "explaining",
    "export": "exporting",
    "fit": "fitting",
    "list_methods": "lists",
    "list_models": "lists",
    "list_tasks": "lists",
    "monitor": "monitoring",
    "predict": "predicting",
    "rank": "ranking",
    "report": "reporting",
    "serve": "serving",
    "Adaptation": "adaptation_result",
    "Audit": "audit_result",
    "Compression": "compress_result",
    "Evaluation": "results",
    "ExplainedClasses": "explanations",
    "ExplainedMistakes": "explanations",
    "Explanations": "explanations",
    "Export": "export_result",
    "Listing": "results",
    "Monitoring": "monitor_result",
    "Plan": "results",
    "Predictions": "results",
    "Ranking": "results",
    "Robustness": "results",
    "Run": "results",
    "Seeds": "results",
    "ShiftAudit": "shift_result",
    "Verification": "results",
}
__all__ = [
    "Adaptation",
    "Audit",
    "Compression",
    "Evaluation",
    "ExplainedClasses",
    "ExplainedMistakes",
    "Explanations",
    "Export",
    "Listing",
    "Monitoring",
    "Plan",
    "Predictions",
    "Ranking",
    "Robustness",
    "Run",
    "Seeds",
    "ShiftAudit",
    "Verification",
    "adapt",
    "audit",
    "compress",
    "clear_cache",
    "doctor",
    "evaluate",
    "explain",
    "export",
    "fit",
    "list_cache",
    "list_methods",
    "list_models",
    "list_tasks",
    "monitor",
    "predict",
    "rank",
    "report",
    "serve",
]

# Without a handler Python prints warnings to stderr; whether anything is printed is the application's to decide.
logging.getLogger("headstart").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Import a verb's module when the verb is first asked for: ``models`` must not pay for ``fit``."""
    if name not in PLACES:
        raise AttributeError(f"module 'headstart.api' has no attribute {name!r}")
    return getattr(import_module(f"headstart.api.{PLACES[name]}"), name)


def __dir__() -> list[str]:
    """As of the package: verbs are there before they are imported."""
    return sorted({*globals(), *__all__})
