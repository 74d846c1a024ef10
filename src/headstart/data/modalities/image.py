"""Pictures."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.modality import Preparer
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import ImagePreprocessing, Preprocessing
from headstart.data import duplicates, picture_facts
from headstart.data.augment import VERSION as VIEWS_VERSION
from headstart.data.augment import Augmentation, StrongAugmentation, parse_augmentation, view
from headstart.data.decode import decoder_version, probe
from headstart.data.preprocess import VERSION, prepare, share_cut_off
from headstart.data.thumbnail import thumbnail
from headstart.data.trivial_augment import VERSION as OPERATIONS_VERSION

WORTH_SAYING = 0.005  # share of the area cut off from which the plan says so


class ImagePreparer:
    """Bytes to ``(H, W, 3)`` uint8."""

    def __init__(self, preprocessing: ImagePreprocessing) -> None:
        self.preprocessing = preprocessing

    def prepare(self, content: bytes) -> NDArray[np.uint8]:
        """Decoded and resized."""
        return prepare(content, self.preprocessing)

    def address(self) -> dict[str, Any]:
        """Settings, decoder, version of the preparation."""
        return {
            "preprocessing": self.preprocessing.model_dump(mode="json"),
            "decoder": decoder_version(),
            "preparation": VERSION,
        }


class ImageView:
    """An augmented view: bytes to ``(H, W, 3)`` uint8."""

    def __init__(self, preprocessing: ImagePreprocessing, augmentation: Augmentation, number: int) -> None:
        self.preprocessing = preprocessing
        self.augmentation = augmentation
        self.number = number

    def prepare(self, content: bytes) -> NDArray[np.uint8]:
        """Decoded, cropped, mirrored, coloured."""
        return view(content, self.augmentation, self.preprocessing, self.number)

    def address(self) -> dict[str, Any]:
        """That of the evaluation view, and the version of views; of strong ones that of their operations."""
        strong = {"operations": OPERATIONS_VERSION} if isinstance(self.augmentation, StrongAugmentation) else {}
        return {**ImagePreparer(self.preprocessing).address(), "views": VIEWS_VERSION, **strong}


class ImageModality:
    """See ``core.modality.Modality``."""

    name = "image"
    noun = "picture"
    plural = "pictures"
    measures = ("height", "width")
    fingerprint_dim = duplicates.LENGTH
    fingerprint_version = duplicates.VERSION
    fact_names = picture_facts.NAMES
    facts_version = picture_facts.VERSION
    size_fact_names = ("height", "width", "aspect")

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def look(self, content: bytes) -> tuple[int, ...]:
        """Height and width in pixels, after the EXIF orientation."""
        header = probe(content)
        return header.height, header.width

    def preparer(self, preprocessing: Preprocessing, assets: Mapping[str, bytes]) -> Preparer:
        """Needs no assets."""
        return ImagePreparer(ImagePreprocessing.parse(preprocessing.model_dump(), "preprocessing"))

    def fingerprint(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """See ``data.duplicates``."""
        return duplicates.fingerprint(prepared)

    def facts(self, prepared: NDArray[Any], preparer: Preparer) -> NDArray[np.float32]:
        """See ``data.picture_facts``."""
        return picture_facts.facts(prepared)

    def size_facts(self, sizes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Height and width in pixels, width by height."""
        height, width = sizes[:, 0], sizes[:, 1]
        return np.stack([height, width, width / np.maximum(height, 1)], axis=1).astype(np.float32)

    def near_duplicates(self, keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
        """See ``data.duplicates``."""
        return duplicates.near_duplicate_groups(keys, fingerprints)

    def augmentation(self, strength: str) -> dict[str, Any] | None:
        """Crops, mirror images, mild colours; strong: TrivialAugment too."""
        settings = StrongAugmentation() if strength == "strong" else Augmentation()
        return settings.model_dump(mode="json")

    def view(self, preparer: Preparer, augmentation: Mapping[str, Any], number: int) -> Preparer:
        """See ``data.augment``."""
        if number == 0:
            return preparer
        preprocessing = ImagePreprocessing.parse(preparer.preprocessing.model_dump(), "preprocessing")
        return ImageView(preprocessing, parse_augmentation(augmentation), number)

    def notes(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> list[str]:
        """What a crop cuts off."""
        cut_off = self.unseen_fraction(sizes, preparer, sample)
        if cut_off <= WORTH_SAYING:
            return []
        ratio = float(np.median(sizes.max(axis=1) / np.maximum(sizes.min(axis=1), 1)))
        return [
            f"the network sees the centre: {cut_off * 100:.0f} % of the pictures' area is cut off on average "
            f"(longer side {ratio:.1f} times the shorter one); --set model.resize=pad or squash keeps all of it"
        ]

    def unseen_fraction(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> float:
        """Mean share of the area that a crop cuts off."""
        preprocessing = preparer.preprocessing
        return share_cut_off(sizes, preprocessing) if isinstance(preprocessing, ImagePreprocessing) else 0.0

    def excerpt(self, content: bytes) -> dict[str, Any]:
        """A small JPEG as a data URL."""
        return {"thumbnail": "data:image/jpeg;base64," + base64.b64encode(thumbnail(content)).decode("ascii")}


PLUGIN = Plugin(build=ImageModality)
