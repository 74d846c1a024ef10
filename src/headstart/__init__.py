"""Headstart: from a small labelled data set to a deployed model, by transferring a pretrained one, with evidence.

The verbs below are the public surface; they are imported when first used, so ``import headstart`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Adaptation",
    "Audit",
    "Compression",
    "Evaluation",
    "ExplainedClasses",
    "ExplainedMistakes",
    "Explanations",
    "Export",
    "HeadstartError",
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
    "__version__",
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

if TYPE_CHECKING:
    from headstart.api import (
        Adaptation,
        Audit,
        Compression,
        Evaluation,
        ExplainedClasses,
        ExplainedMistakes,
        Explanations,
        Export,
        Listing,
        Monitoring,
        Plan,
        Predictions,
        Ranking,
        Robustness,
        Run,
        Seeds,
        ShiftAudit,
        Verification,
        adapt,
        audit,
        clear_cache,
        compress,
        doctor,
        evaluate,
        explain,
        export,
        fit,
        list_cache,
        list_methods,
        list_models,
        list_tasks,
        monitor,
        predict,
        rank,
        report,
        serve,
    )
    from headstart.core.errors import HeadstartError


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "HeadstartError":
        from headstart.core.errors import HeadstartError

        return HeadstartError
    if name in __all__:
        import headstart.api

        return getattr(headstart.api, name)
    raise AttributeError(f"module 'headstart' has no attribute {name!r}; it offers {__all__}")


def __dir__() -> list[str]:
    """The public names, so that completion and help() show verbs that were not imported yet."""
    return sorted({*globals(), *__all__})
