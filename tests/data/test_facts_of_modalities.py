"""Every kind of input measures what it says it measures."""

from __future__ import annotations

import numpy as np
import pytest

from data.helpers_data import encoded as encoded_picture
from data.helpers_data import photograph
from data.helpers_sound import encoded, sweep
from data.helpers_text import tokenizer_json
from headstart.core import plugins
from headstart.core.preprocessing import ImagePreprocessing, SoundPreprocessing, TextPreprocessing
from headstart.data.modalities import modality

CONTENTS = {
    "image": [encoded_picture(photograph(seed, 40, 60)) for seed in (1, 2, 3)],
    "sound": [encoded(sweep(2.2, seed=seed), 16000) for seed in (1, 2, 3)],
    "text": [b"the cat sat on", b"one two three !", b"a zzz c d"],
}
PREPROCESSING = {"image": ImagePreprocessing, "sound": SoundPreprocessing, "text": TextPreprocessing}


@pytest.mark.parametrize("name", plugins.names("data.modalities"))
def test_facts_have_the_columns_that_are_named_and_do_not_depend_on_the_batch(name):
    kind = modality(name)
    preparer = kind.preparer(PREPROCESSING[name](), {"tokenizer.json": tokenizer_json()})
    batch = np.stack([preparer.prepare(content) for content in CONTENTS[name]])
    found = kind.facts(batch, preparer)
    assert found.shape == (3, len(kind.fact_names)) and found.dtype == np.float32 and np.isfinite(found).all()
    assert [kind.facts(batch[row : row + 1], preparer)[0].tolist() for row in range(3)] == found.tolist()
    assert len({*kind.fact_names, *kind.size_fact_names}) == len(kind.fact_names) + len(kind.size_fact_names)


@pytest.mark.parametrize("name", plugins.names("data.modalities"))
def test_facts_of_sizes_have_the_columns_that_are_named(name):
    kind = modality(name)
    sizes = np.array([kind.look(content) for content in CONTENTS[name]], np.int64)
    found = kind.size_facts(sizes)
    assert found.shape == (3, len(kind.size_fact_names)) and found.dtype == np.float32 and np.isfinite(found).all()


def test_facts_of_sizes_by_hand():
    assert modality("image").size_facts(np.array([[40, 60]])).tolist() == [[40, 60, 1.5]]
    assert modality("sound").size_facts(np.array([[24000, 16000]])).tolist() == [[1.5, 16000]]
    assert modality("text").size_facts(np.array([[17]])).tolist() == [[17]]
