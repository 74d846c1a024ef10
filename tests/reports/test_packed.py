import base64
import json
import random
import zlib

from headstart.reports.packed import columns_of, pack, pack_within
from headstart.reports.predictions import Predictions

FOUND = Predictions(
    "class",
    ["1.jpg", "2.jpg", "3.jpg"],
    ["cat", "dog", "dog"],
    ["cat", "cat", "dog"],
    [0.9, 0.5554, 1.0],
    {"abstain": [False, True, False], "out_of_domain": [False] * 3},
    {"place": ["north", None, "north"]},
)


def unpacked(packed):
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def test_cells_are_written_as_elsewhere_in_the_report():
    columns = columns_of(FOUND)
    # a flag that no example has is no column
    assert [each.label for each in columns] == ["Example", "Label", "Answer", "Right", "Sure", "Abstains", "place"]
    assert [each.text(1) for each in columns] == [
        "2.jpg",
        "dog",
        "cat",
        "wrong",
        "55.5\u202f%",
        "abstains",
        "(missing)",
    ]


def test_names_are_counted_in_the_order_of_the_alphabet():
    labels = columns_of(FOUND)[1]
    assert (labels.names, labels.values) == (("cat", "dog"), [0, 1, 1])


def test_numbers_have_an_error_and_what_is_none_has_a_dash():
    columns = columns_of(Predictions("number", ["a", "b"], [1.0, float("nan")], [1.5, 2.0]))
    assert [each.label for each in columns] == ["Example", "True value", "Predicted", "Error"]
    assert [each.text(0) for each in columns] == ["a", "1", "1.5", "0.5"]
    assert [each.text(1) for each in columns] == ["b", "\u2013", "2", "\u2013"]


def test_a_page_gets_back_what_was_packed():
    document = unpacked(pack(columns_of(FOUND), 3))
    assert document["total"] == 3
    assert document["columns"][3] == {
        "label": "Right",
        "kind": "name",
        "values": [1, 0, 1],
        "names": ["wrong", "right"],
    }
    assert document["columns"][4]["values"] == [900, 555, 1000]


def test_what_does_not_fit_is_cut_off_at_the_end():
    rng = random.Random(0)
    ids = [f"{rng.getrandbits(128):032x}" for _ in range(1000)]
    found = Predictions("class", ids, ["a"] * 1000, ["b"] * 1000)
    packed, columns = pack_within(found, 9000)
    held = len(columns[0].values)
    # 32 random hexadecimal digits are 16 bytes, so a thousand names need about 21 kB in base64
    assert len(packed) <= 9000 and 200 < held < 450
    assert columns[0].values == ids[:held]
    assert unpacked(packed)["total"] == 1000
    assert len(pack_within(found, 100_000)[1][0].values) == 1000
