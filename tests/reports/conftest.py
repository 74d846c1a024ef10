"""One Chromium for each file of tests that looks at pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reports.chromium import REASON, Chromium, find_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    program = find_chromium()
    if program is None:
        pytest.skip(REASON)
    with Chromium(program) as browser:
        yield browser
