"""``audit``: what is wrong with the data before anything is trained."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.api.audit_result import Audit
from headstart.api.auditing_against import audit_against
from headstart.api.shift_result import ShiftAudit
from headstart.auditing.auditor import Auditor
from headstart.auditing.document import audit_document
from headstart.auditing.files import write_audit
from headstart.core.files import require_new_folder
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder
from headstart.evidence.cost import Stopwatch
from headstart.features.network_in_pass import require_runnable
from headstart.features.reading import commas, names, shown
from headstart.features.workshop import open_workshop
from headstart.inspection.audit import audit as run_checks
from headstart.inspection.audit import require_known
from headstart.request.fit_config import merge


def audit(
    data: Any = None,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    task: str | None = None,
    model: str | None = None,
    test: Any = None,
    groups: str | None = None,
    id: str | None = None,
    drop: str | Sequence[str] | None = None,
    resplit: bool | None = None,
    accept: str | Sequence[str] | None = None,
    allow_bad: float | None = None,
    device: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    cache: str | None = None,
    cache_size: str | None = None,
    suggest: int | None = None,
    unlabelled: Any = None,
    against: Any = None,
    out: str | Path | None = None,
    examples: bool | None = None,
    settings: Sequence[str] | Mapping[str, Any] = (),
    progress: Progress | None = None,
) -> Audit | ShiftAudit:
    """Look for what makes a result worse, or look better, than it is.

    All targets are looked at, those of a test split too: nothing is chosen here. A probe is solved on folds of all
    examples, so that each is judged by a model that did not see it.

    Args:
        data: As for :func:`headstart.fit`; so are the options down to ``cache_size``.
        accept: Ids of severe findings that are known and do not count.
        suggest: Name so many examples without a label whose labels would help most: rows without a target, or
            examples of ``unlabelled``.
        unlabelled: Folder or table of examples without labels.
        against: Examples of another domain: what kind of shift lies between, see :func:`audit_against`, which takes of
            the options ``input``, ``out`` and ``threads``. ``data`` may be a finished run folder then.
        out: Folder for audit.json, suspects.csv, corrected.csv and audit.html, new or empty.
        examples: Whether the page may show the suspects themselves.
        settings: Dotted keys, as texts ``key=value`` or as a mapping.
        progress: Told of the steps.

    Returns:
        All findings; ``exit_code`` is 3 where a fit would refuse to go on.

    Raises:
        DataError, ConfigError: as for ``fit``.
    """
    from headstart.reports.audit_page import render_audit
    from headstart.runtimes.process_settings import settle_process

    if against is not None:
        return audit_against(data, against, target=target, input=input, out=out, threads=threads, progress=progress)
    settle_process()
    watch = Stopwatch()
    request = merge(
        {
            "data": shown(data), "target": target, "input": commas(input), "task": task, "model": model,
            "test": shown(test), "groups": groups, "id": id, "drop": names(drop), "resplit": resplit,
            "accept": names(accept), "allow_bad": allow_bad, "device": device, "threads": threads, "seed": seed,
            "cache": cache, "cache_size": cache_size, "examples": examples,
        },
        settings=settings,
    )  # fmt: skip
    folder = None if out is None else Path(out)
    if folder:
        require_new_folder(folder)
    require_known(request.accept)
    require_runnable(request.runtime, request.device)
    with open_workshop(request, dry_run=False) as workshop, tempfile.TemporaryDirectory() as place:
        auditor = Auditor(request, workshop, RunFolder(Path(place)), progress or Silent())
        looked = auditor.look((data, test), with_pool=suggest is not None and unlabelled is None)
        document = audit_document(looked.seen, run_checks(looked.seen), request.accept, watch.read(None))
        if suggest is not None:
            document["suggestions"] = auditor.suggest(looked, unlabelled, suggest)
        result = Audit(document, folder)
        if folder:
            write_audit(folder, result.document, looked.seen, examples=request.examples)
            render_audit(folder)
        return result
