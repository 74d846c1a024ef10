"""Kept boundaries and raw views give the same values; what is kept is computed once, and follows the boundary."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from backbones.helpers_backbones import small_backbone
from engine.helpers_engine import Memory, coloured
from headstart.backbones.pretrained.find import BackboneOptions, find_card
from headstart.backbones.pretrained.load import load_card
from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.modalities import modality
from headstart.engine.activations.store import Store
from headstart.engine.training.depth import boundary_of_work, pooled_boundaries, probed_depth
from headstart.engine.training.feed import KeptFeed, Origin, RawFeed
from headstart.runtimes.choice import settled
from headstart.tasks.choose import configured
from made_texts import make_text_model, questions

COUNT = 12
ROWS = np.arange(COUNT)


@pytest.fixture(scope="module")
def tiny_text(tmp_path_factory):
    folder = make_text_model(tmp_path_factory.mktemp("model") / "texts")
    return load_card(find_card(str(folder), BackboneOptions()))


@pytest.fixture(params=["image", "text"])
def origin(request, tmp_path, tiny_text):
    found = modality(request.param)
    if request.param == "image":
        backbone, inputs = small_backbone(), coloured(COUNT)
        preparer = found.preparer(ImagePreprocessing(image_size=(32, 32), resize="squash"), {})
    else:
        backbone = tiny_text
        inputs = Memory(text.encode() * (1 + n % 3) for n, (text, _) in enumerate(questions(COUNT // 3)))
        preparer = found.preparer(backbone.preprocessing, backbone.assets)
    augmentation = found.augmentation("strong")

    def preparer_of(view):
        return preparer if view == 0 else found.view(preparer, augmentation, view)

    runtime = settled("eager", "float32", 1, 4)
    return Origin(backbone, runtime, inputs, inputs.keys, preparer_of, augmentation, tmp_path / "graphs", 1)


def equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and bool(torch.equal(one.nan_to_num(7.0), other.nan_to_num(7.0)))


@pytest.mark.parametrize("view", [0, 2])
def test_kept_and_raw_values_are_the_same(origin, tmp_path, view):
    with Store.open(tmp_path / "store") as store:
        kept, raw = KeptFeed(origin, store), RawFeed(origin)
        for stage in range(len(origin.backbone.stages)):
            kept.ensure(stage, view, ROWS)
            some = np.array([7, 0, 3])
            one, other = kept.read(stage, view, some), raw.read(stage, view, some)
            assert one.shape == other.shape
            # Batches of another size may differ in the last bits before they are rounded to bfloat16.
            torch.testing.assert_close(one, other, rtol=1e-2, atol=1e-2, equal_nan=True)


def test_views_differ_and_are_kept_apart(origin, tmp_path):
    with Store.open(tmp_path / "store") as store:
        kept = KeptFeed(origin, store)
        for view in (0, 1, 2):
            kept.ensure(1, view, ROWS)
        long = [kept.read(1, view, ROWS) for view in (0, 1, 2)]
        assert not equal(long[0], long[1]) and not equal(long[1], long[2])


def test_what_is_kept_is_computed_once(origin, tmp_path):
    with Store.open(tmp_path / "store") as store:
        kept = KeptFeed(origin, store)
        kept.ensure(1, 0, ROWS[:5])
        assert kept.missing(1, 0, ROWS).sum() == COUNT - 5
        kept.ensure(1, 0, ROWS)
        before = origin.inputs.reads
        kept.ensure(1, 0, ROWS)
        KeptFeed(origin, store).ensure(1, 0, ROWS)  # another training on the same network
        assert origin.inputs.reads == before and not kept.missing(1, 0, ROWS).any()


def test_trained_weights_below_a_boundary_have_another_address(origin, tmp_path):
    with Store.open(tmp_path / "store") as store:
        kept = KeptFeed(origin, store)
        kept.ensure(1, 0, ROWS)
        with torch.no_grad():
            other = small_backbone(seed=1) if origin.backbone.modality == "image" else None
        if other is None:
            pytest.skip("one family is enough")
        changed = Origin(**{**{f: getattr(origin, f) for f in origin.__dataclass_fields__}, "backbone": other})
        assert KeptFeed(changed, store).missing(1, 0, ROWS).all()


def test_an_input_that_cannot_be_prepared_any_more_is_told(origin, tmp_path):
    with Store.open(tmp_path / "store") as store:
        kept = KeptFeed(origin, store)
        origin.inputs.contents[3] = OSError("gone")
        with pytest.raises((DataError, OSError), match="gone|cannot be now"):
            kept.ensure(1, 0, ROWS)


def test_pooled_boundaries_are_the_means_of_each(origin):
    found = pooled_boundaries(origin, ROWS)
    backbone = origin.backbone
    assert len(found) == len(backbone.stages) and found[-1].shape == (COUNT, backbone.feature_dim)
    with torch.no_grad():
        one = backbone.enter(RawFeed(origin).read(0, 0, ROWS[:1]))
        first = backbone.run(one, 0, 1)
    values = first.values[0]
    expected = values.mean((1, 2)) if backbone.modality == "image" else values[first.mask[0]].mean(0)
    np.testing.assert_allclose(found[0][0], expected.numpy(), rtol=1e-4, atol=1e-5)


def test_arithmetic_below_a_boundary(origin):
    n = len(origin.backbone.stages)
    boundaries = [boundary_of_work(origin, ROWS[:1], share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert boundaries == sorted(boundaries) and boundaries[-1] == n and boundaries[2] < n


def test_the_depth_is_between_nothing_and_half_of_the_arithmetic(origin):
    targets = Targets(np.arange(COUNT) % 3, "class", 3)
    task = configured("classification", np.array(["a", "b", "c"], dtype=object)[targets.values])
    depth = probed_depth(origin, ROWS, targets, task, np.random.default_rng(0))
    assert 0 <= depth.boundary <= boundary_of_work(origin, ROWS[:1], 0.5)
    assert depth.boundary <= depth.general and depth.rows == COUNT
    assert len(depth.losses) == len(origin.backbone.stages)
    again = probed_depth(origin, ROWS, targets, task, np.random.default_rng(0))
    assert again == depth
