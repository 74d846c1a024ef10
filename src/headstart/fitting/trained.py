"""What is trained beside what is solved: as asked, or by a race in the time that was given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headstart.racing.combined import trained_together
from headstart.racing.race_of_a_fit import race_of, update_plan
from headstart.request.train_request import compared, is_raced, is_tuned_alone
from headstart.solving.trials import with_trials
from headstart.training.closing import MINUTE
from headstart.training.training import AFTERWARDS, trained

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.evidence.cost import Stopwatch
    from headstart.solving.work import Solved, Work


def with_trained(work: Work, solved: Solved, watch: Stopwatch, progress: Progress) -> Solved:
    """With what is trained: as asked, or by a race in the time that was given, and what it is compared with."""
    request, found = work.job.request, []
    until = math.inf if request.minutes is None else request.minutes * MINUTE
    others = compared(request.compare, work.train_request)
    if is_raced(request) or is_tuned_alone(request):
        share = (until - watch.wall_seconds()) / (1 + len(others))  # what is compared needs time too
        solved, trial = race_of(work, solved, progress, share)
        found.append(trial)
        update_plan(work.job.folder, solved.race)
    elif work.train_request and request.combine:
        found.append(trained_together(work, solved, progress))
    elif work.train_request:
        found.append(trained(work.train_request, work, solved, progress))
    for other in others:
        found.append(trained(other, work, solved, progress, until - watch.wall_seconds() - AFTERWARDS))
    return with_trials(solved, [trial for trial in found if trial is not None])
