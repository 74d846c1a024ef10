"""report.html of an adapted run, with what may be shown of the examples whose answers change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.core.files import write_json

if TYPE_CHECKING:
    from headstart.api.two_domains import Given
    from headstart.core.run_folder import RunFolder

SCHEMA = 1
SHOWN = 24  # examples


def may_show(folder: RunFolder) -> bool:
    """Whether the run that is adapted was not asked to keep examples out of its pages."""
    from headstart.request.fit_config import read_config

    return not folder.config.exists() or read_config(folder.config).get("examples") is not False


def write_page(folder: RunFolder, given: Given, evidence: dict[str, Any]) -> None:
    """report.html, and examples.json beside it unless no examples are to be shown.

    Excerpts stay out of evidence.json, which travels in the bundle.
    """
    from headstart.data.excerpt import excerpt
    from headstart.reports.adaptation_page import render_adaptation

    shown: dict[str, dict[str, Any]] = {}
    if given.examples:
        place = {str(name): row for row, name in enumerate(given.aim.ids)}
        for each in evidence["adaptation"]["changed"]["examples"][:SHOWN]:
            shown[each["id"]] = excerpt(given.aim.dataset, place[each["id"]])
        write_json(folder.examples, {"schema": SCHEMA, "changed": shown})
    render_adaptation(folder.report, evidence, shown)
