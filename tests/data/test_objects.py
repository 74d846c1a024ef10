from __future__ import annotations

import numpy as np
import pandas
import pytest
from PIL import Image

from data.helpers_data import classes_of, encoded, fill, picture, png, write
from headstart.core.errors import DataError
from headstart.data.decode import decode
from headstart.data.read import read
from headstart.data.sound_encode import wave_bytes


def arrays(n=4):
    return [np.asarray(picture(i)) for i in range(n)]


def test_a_pair_of_arrays_and_targets():
    data = read((arrays(), ["a", "a", "b", "b"])).dataset
    assert data.ids == ("0", "1", "2", "3") and classes_of(data) == ("a", "b")
    assert data.parts[0].sizes.tolist() == [[24, 32]] * 4
    assert np.array_equal(np.asarray(decode(data.parts[0].inputs.read(2))), arrays()[2])


def test_one_big_array_and_numbers():
    data = read([np.stack(arrays()), np.array([0, 1, 10, 10])]).dataset
    assert classes_of(data) == ("0", "1", "10")
    assert np.array_equal(np.asarray(decode(data.parts[0].inputs.read(3))), arrays()[3])


def test_grey_pictures_in_one_big_array():
    grey = np.random.default_rng(0).integers(0, 256, (4, 9, 7), dtype=np.uint8)
    data = read((grey, ["a", "b", "a", "b"])).dataset
    assert data.parts[0].sizes.tolist() == [[9, 7]] * 4
    assert np.array_equal(np.asarray(decode(data.parts[0].inputs.read(1)))[..., 0], grey[1])


def test_pictures_bytes_and_paths_may_be_mixed(tmp_path):
    path = write(tmp_path / "x.png", png(7))
    values = [picture(1), png(2), path, str(path), picture(3).convert("CMYK"), np.zeros((3, 3, 1), np.uint8)]
    data = read((values, list("aabbab"))).dataset
    assert np.array_equal(np.asarray(decode(data.parts[0].inputs.read(0))), np.asarray(picture(1)))
    assert data.parts[0].inputs.read(1) == png(2) and data.parts[0].inputs.read(2) == png(7)
    assert data.parts[0].inputs.name(2) == str(path) and data.parts[0].inputs.name(0) == "0"


def test_the_orientation_of_a_pillow_image_is_kept_in_mind():
    exif = Image.Exif()
    exif[0x0112] = 6
    import io

    turned = Image.open(io.BytesIO(encoded(picture(1), exif=exif)))
    assert read(([turned, picture(2)], ["a", "b"])).dataset.parts[0].sizes.tolist() == [[32, 24], [24, 32]]


@pytest.mark.parametrize(
    "value", [np.zeros((4, 4), np.float32), np.zeros((3, 8, 8), np.uint8), np.zeros((0, 4, 3), np.uint8)]
)
def test_arrays_that_are_no_pictures_say_what_one_is(value):
    with pytest.raises(DataError, match=r"dtype uint8.*got ndarray of shape"):
        read(([value, value], ["a", "b"]))


def test_pairs_must_be_of_equal_length_and_in_order():
    with pytest.raises(DataError, match="equal length; got 4 and 3"):
        read((arrays(), ["a", "b", "a"]))
    with pytest.raises(DataError, match="the first is a int"):
        read(([1, 2], ["a", "b"]))


@pytest.mark.parametrize("source", [5, ["a.png", "b.png"], {"a": 1}, None])
def test_other_objects_are_refused(source):
    with pytest.raises(DataError, match="must be a path of a folder or table"):
        read(source)


def test_a_data_frame_of_paths(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    frame = pandas.DataFrame(
        {
            "file": sorted(map(str, tmp_path.rglob("*.png"))),
            "label": ["a", "a", "b", None],
            "patient": [1.0, None, 2.0, 2.0],
        },
        index=[7, 7, 8, 9],
    )
    reading = read(frame, groups="patient")
    assert reading.dataset.targets.tolist() == ["a", "a", "b"]
    assert reading.dataset.groups.tolist() == ["1", None, "2"]
    assert "2 groups in the column 'patient'; 1 rows without one are kept together with no other" in reading.notes
    assert "1 rows without a target were left out" in reading.notes


@pytest.mark.parametrize("make", [lambda i: picture(i), lambda i: png(i), lambda i: np.asarray(picture(i))])
def test_a_data_frame_of_pictures(make):
    frame = pandas.DataFrame({"label": pandas.Categorical(["a", "b", "a"]), "photo": [make(i) for i in range(3)]})
    data = read(frame).dataset
    assert len(data) == 3 and np.array_equal(np.asarray(decode(data.parts[0].inputs.read(2))), np.asarray(picture(2)))


class ClassLabel:
    names = ("cat", "dog")


class Value:
    pass


class Picture:
    def __init__(self, decode=True):
        self.decode = decode


Picture.__name__ = "Image"  # the name by which Hugging Face's feature is known


class HubDataset:
    """As much of Hugging Face's ``datasets.Dataset`` as the reader may rely on."""

    def __init__(self, columns, features):
        self.columns, self.features, self.column_names = columns, features, list(columns)

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, key):
        if isinstance(key, str):
            assert not isinstance(self.features[key], Picture), "a column of pictures must not be read as a whole"
            return self.columns[key]
        assert all(not feature.decode for feature in self.features.values() if isinstance(feature, Picture))
        return {name: values[key] for name, values in self.columns.items()}

    def select_columns(self, names):
        return HubDataset({n: self.columns[n] for n in names}, {n: self.features[n] for n in names})

    def cast_column(self, name, feature):
        return HubDataset(self.columns, {**self.features, name: feature})


def hub(start, labels):
    images = [{"bytes": png(start + i), "path": None} for i in range(len(labels))]
    columns = {"image": images, "label": labels, "site": ["x"] * len(labels)}
    return HubDataset(columns, {"image": Picture(), "label": ClassLabel(), "site": Value()})


def test_a_hugging_face_dataset_keeps_its_pictures_encoded_and_names_its_classes():
    reading = read(hub(0, [0, 1, 1, -1]), slices=["site"])
    data = reading.dataset
    assert data.targets.tolist() == ["cat", "dog", "dog"] and data.parts[0].inputs.read(1) == png(1)
    assert data.slices["site"].tolist() == ["x"] * 3


def test_a_hugging_face_dataset_dict():
    reading = read({"train": hub(0, [0, 1, 1]), "validation": hub(10, [0]), "extra": hub(20, [1])})
    data = reading.dataset
    assert data.split.tolist() == ["train"] * 3 + ["val"] and data.ids[3] == "validation/0"
    assert data.parts[0].inputs.read(3) == png(10) and any("extra" in note for note in reading.notes)
    assert read({"train": hub(0, [0, 1, 1])}).dataset.split.tolist() == [""] * 3
    with pytest.raises(DataError, match="a split called 'train'"):
        read({"test": hub(0, [0, 1])})


class Recording(Picture):
    pass


Recording.__name__ = "Audio"


class ListOf:
    def __init__(self, feature):
        self.feature = feature


def wave(seed):
    return wave_bytes(np.random.default_rng(seed).uniform(-0.5, 0.5, 4000).astype(np.float32), 8000)


def test_recordings_of_a_hugging_face_dataset_stay_encoded():
    sounds = [{"bytes": wave(i), "path": None} for i in range(3)]
    source = HubDataset({"audio": sounds, "label": [0, 1, 1]}, {"audio": Recording(), "label": ClassLabel()})
    data = read(source).dataset
    assert data.modality == "sound" and data.parts[0].inputs.read(1) == wave(1)


def test_lists_of_classes_of_a_hugging_face_dataset_are_sets_of_names():
    words = ["where is my new card", "it was lost again today", "please send me another", "it does not work"]
    columns = {"text": words, "label": [[0, 1], [1], [], None]}
    data = read(HubDataset(columns, {"text": Value(), "label": ListOf(ClassLabel())})).dataset
    assert data.targets.tolist() == ['["cat","dog"]', '["dog"]', "[]"] and data.modality == "text"


def test_pairs_of_texts_recordings_and_tables():
    texts = read((["good", "bad.txt is not there", ""], ["a", "b", "a"]), allow_bad=0.5)
    assert texts.dataset.modality == "text" and [bad.reason for bad in texts.bad] == ["an empty text"]
    assert read(([wave(1), wave(2)], ["a", "b"])).dataset.modality == "sound"
    decoded = {"array": np.zeros(4000, np.float32), "sampling_rate": 8000, "path": None}
    assert read(([decoded, decoded], ["a", "b"])).dataset.modality == "sound"
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]})
    table = read((frame, [1, 0, 1])).dataset
    assert list(table.table.columns) == ["a", "b"] and table.targets.tolist() == ["1", "0", "1"]


def test_paths_that_do_not_exist_are_not_taken_for_texts():
    with pytest.raises(DataError, match="2 of 2 are: a.png: no such file"):
        read((["a.png", "b.png"], ["a", "b"]))


def test_a_real_hugging_face_dataset():
    datasets = pytest.importorskip("datasets")
    pictures = [{"bytes": png(i), "path": None} for i in range(3)]
    features = datasets.Features(
        {
            "image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
            "label": datasets.Sequence(datasets.ClassLabel(names=["x", "y"])),
            "age": datasets.Value("int32"),
        }
    )
    source = datasets.Dataset.from_dict({"image": pictures, "label": [[0], [1, 0], []], "age": [1, 2, 3]}, features)
    data = read(source.cast_column("image", datasets.Image()), input="image,age").dataset
    assert data.targets.tolist() == ['["x"]', '["x","y"]', "[]"] and data.parts[0].inputs.read(1) == png(1)
    assert data.table.columns["age"].values.tolist() == [1, 2, 3]
