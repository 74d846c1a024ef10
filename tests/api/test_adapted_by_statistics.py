"""Whether the statistics of a network are worth moving."""

from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, shifted
from headstart.adaptation.trying import parts_of
from headstart.api.adapted_by_statistics import is_worth_moving


def parts(name, groups):
    domains, _ = shifted(name, rows=120)
    source = replace(domains.source, groups=np.arange(120) % groups)
    return parts_of(replace(domains, source=source), SOLVER, 0, [])


@pytest.mark.parametrize(("name", "groups", "worth"), [("none", 120, False), ("moved", 120, True), ("none", 5, True)])
def test_one_domain_has_no_statistics_to_move_unless_too_few_groups_are_held_out_to_say_so(name, groups, worth):
    found = parts(name, groups)
    assert len(np.unique(found.held.groups)) == groups // 5
    assert is_worth_moving(found) is worth
