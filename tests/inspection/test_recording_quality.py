from __future__ import annotations

import numpy as np
import pytest

from data.helpers_sound import encoded, sweep
from headstart.core.preprocessing import SoundPreprocessing
from inspection.made_examined import checked, make_examined
from inspection.made_facts import measured, said

N = 20


def clean(seed):
    wave = sweep(2.5, seed=seed)
    return np.asarray(0.8 * wave / np.abs(wave).max(), np.float32)


def findings(waves):
    contents = [encoded(wave, 16000) for wave in waves]
    facts = measured("sound", contents, SoundPreprocessing())
    examined = make_examined(["a", "b"] * (N // 2), contents=contents, modality="sound", facts=facts)
    return {finding.id: finding for finding in checked("recording_quality", examined)}


def test_clean_recordings_are_in_order():
    assert findings([clean(seed) for seed in range(N)]) == {}


PLANTED = {
    "recording_quality/silent": lambda wave: np.zeros_like(wave),
    "recording_quality/clipped": lambda wave: np.clip(4 * wave, -1, 1),
    "recording_quality/mostly_silence": lambda wave: np.concatenate([wave[:8000], np.zeros(40000, np.float32)]),
    "recording_quality/short": lambda wave: wave[15000:21000],
}


@pytest.mark.parametrize("id", PLANTED)
def test_a_poor_recording_is_found(id):
    waves = [clean(seed) for seed in range(N)]
    waves[4] = PLANTED[id](waves[4])
    found = findings(waves)
    assert set(found) == {id} and found[id].severity == "hint"
    assert [suspect.row for suspect in found[id].suspects] == [4] and found[id].suspects[0].why


def test_many_clipped_recordings_are_a_warning_and_many_with_pauses_a_hint():
    share = np.where(np.arange(N) < 3, 0.9, 0.0)
    facts = said("sound", clipped=share, silence=share)
    found = checked("recording_quality", make_examined(["a", "b"] * (N // 2), facts=facts))
    assert {finding.id: finding.severity for finding in found} == {
        "recording_quality/clipped": "warning",
        "recording_quality/mostly_silence": "hint",
    }
    assert found[0].what.startswith("3 of 20 recordings (15 %) are clipped")


def test_without_facts_nothing_is_said():
    assert checked("recording_quality", make_examined(["a", "b"])) == []
