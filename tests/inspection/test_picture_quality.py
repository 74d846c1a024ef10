from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from data.helpers_data import encoded, photograph
from headstart.core.preprocessing import ImagePreprocessing
from inspection.made_examined import checked, make_examined
from inspection.made_facts import measured, said

N = 40


def findings(pictures):
    contents = [encoded(picture) for picture in pictures]
    facts = measured("image", contents, ImagePreprocessing(image_size=(112, 112)))
    found = checked("picture_quality", make_examined(["a", "b"] * (N // 2), contents=contents, facts=facts))
    return {finding.id: finding for finding in found}


def photographs():
    return [photograph(seed, 120, 140) for seed in range(N)]


def shaded(picture, factor, offset):
    return Image.fromarray((np.asarray(picture) * factor + offset).astype(np.uint8))


def test_ordinary_photographs_are_in_order():
    assert findings(photographs()) == {}


PLANTED = {
    "picture_quality/dark": lambda picture: shaded(picture, 0.15, 0),
    "picture_quality/bright": lambda picture: shaded(picture, 0.13, 222),
    "picture_quality/empty": lambda picture: Image.new("RGB", picture.size, (90, 90, 90)),
    "picture_quality/blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(6)),
    "picture_quality/tiny": lambda picture: picture.resize((24, 20)),
    "picture_quality/odd_shape": lambda picture: picture.resize((500, 100)),
}


@pytest.mark.parametrize("id", PLANTED)
def test_one_poor_picture_is_a_hint_and_many_are_a_warning(id):
    pictures = photographs()
    pictures[3] = PLANTED[id](pictures[3])
    found = findings(pictures)
    assert id in found and found[id].severity == "hint", found
    assert [suspect.row for suspect in found[id].suspects] == [3]
    assert found[id].what.startswith("1 of 40 pictures (2 %) ")
    for row in (7, 8):
        pictures[row] = PLANTED[id](pictures[row])
    found = findings(pictures)
    assert found[id].severity == "warning" and found[id].evidence["count"] == 3
    assert not {other for other in found if other not in (id, "picture_quality/blurred")}  # tiny ones are smooth too


def test_suspects_come_with_their_figure_the_worst_first():
    facts = said("image", height=[300, 20, 10, 300], width=[300, 300, 12, 300])
    found = checked("picture_quality", make_examined(["a", "b"] * 2, facts=facts))
    tiny, odd = found
    assert [(suspect.row, suspect.why) for suspect in tiny.suspects] == [(2, "12 x 10 pixels"), (1, "300 x 20 pixels")]
    assert [suspect.why for suspect in odd.suspects] == ["300 x 20 pixels, 15.0 to 1"]


def test_a_set_of_small_pictures_is_not_called_blurred():
    smooth = np.random.default_rng(0).uniform(0.002, 0.02, N)  # as pictures of 32 pixels are once they are enlarged
    even = {name: np.full(N, value) for name, value in (("contrast", 40), ("brightest", 200), ("darkest", 20))}
    facts = said("image", brightness=np.full(N, 100), sharpness=smooth, **even)
    assert checked("picture_quality", make_examined(["a", "b"] * (N // 2), facts=facts)) == []


def test_without_facts_nothing_is_said():
    assert checked("picture_quality", make_examined(["a", "b"])) == []
