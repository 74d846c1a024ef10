"""The audit inside a fit: of the training examples, and of all inputs, before anything is chosen."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.auditing.document import audit_document, sentence
from headstart.auditing.examination import Computed, Learned, examined
from headstart.core.files import write_json
from headstart.core.progress import Progress
from headstart.evidence.cost import Stopwatch
from headstart.inspection.audit import audit, require_meaning
from headstart.inspection.finding import Finding

if TYPE_CHECKING:
    from headstart.solving.work import Solved, Work

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Audited:
    """What a fit knows of its data.

    Attributes:
        findings: The worst first.
        accepted: Ids of severe ones that the user accepted.
    """

    findings: Sequence[Finding] = ()
    accepted: Sequence[str] = ()

    @property
    def warnings(self) -> list[str]:
        """For the evidence: what makes the result worse, or look better, than it is."""
        return [f"{each.what} {each.action}" for each in self.findings if each.severity != "hint"]

    def section(self) -> Mapping[str, Any]:
        """For the evidence: no example is named, since it ships with the bundle."""
        return {
            "sentence": sentence(self.findings),
            "accepted": list(self.accepted),
            "findings": [
                {
                    "id": each.id, "severity": each.severity, "what": each.what, "action": each.action,
                    "count": len(each.suspects),
                }
                for each in self.findings
            ],
        }  # fmt: skip


def audited(work: Work, solved: Solved, progress: Progress) -> Audited:
    """Look at the data and write audit.json.

    Raises:
        LeakError: a result would mean nothing, and the user did not accept that.
    """
    progress.step("audit", 0)
    watch, request, learning = Stopwatch(), work.job.request, solved.learning
    computed = Computed(solved.reading, work.networks, learning.features, work.workshop, solved.parts.duplicates)
    learned = Learned(
        solved.parts.train, solved.parts.split.train, learning.task, learning.targets, learning.folds,
        solved.candidates[0], solved.contenders[0].solution.out_of_fold,
    )  # fmt: skip
    seen = examined(computed, learned, resplit=request.resplit, seed=request.seed)
    found = audit(seen)
    document = audit_document(seen, found, request.accept, watch.read(None))
    write_json(work.job.folder.audit, document)
    if document["accepted"]:
        reason = "named with --accept, so a result is made all the same"
        work.job.folder.decide("accepted findings", document["accepted"], reason)
    require_meaning(found, request.accept)
    return Audited(found, document["accepted"])
