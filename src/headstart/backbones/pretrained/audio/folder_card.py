"""The card of a folder with an audio network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.options import AudioOptions
from headstart.backbones.pretrained.model_folder import ModelFolder, document
from headstart.backbones.pretrained.text.folder_card import NOT_THE_NETWORKS
from headstart.core.boundary import Boundary
from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.audio.family import AudioFamily

EXTRACTOR = "preprocessor_config.json"
PROCESSOR = "processor_config.json"  # holds the extractor's settings in folders that newer versions saved


def card_of_folder(
    family: AudioFamily, folder: ModelFolder, config: Mapping[str, Any], name: str, source: str, location: str
) -> Card:
    """Read everything but the weights.

    Raises:
        DataError: a file is missing.
        ConfigError: a network that cannot be built, or a part of one that is not described here.
    """
    from headstart.backbones.pretrained.measure import measured

    preprocessing, spectrogram = family.hears(config, extractor_of(folder))
    kept = {key: value for key, value in config.items() if key not in NOT_THE_NETWORKS}
    options = AudioOptions(config=kept, spectrogram=spectrogram).model_dump(mode="json")
    stated: dict[str, Any] = {
        "name": name,
        "modality": "sound",
        "library": "transformers",
        "family": family.name,
        "architecture": str(config["model_type"]),
        "options": options,
        "source": source,
        "location": location,
        "preprocessing": preprocessing,
        "notes": "Card made from the model's own files; nothing in it was checked by Headstart.",
    }
    network = family.layout(stated["architecture"], options)
    unmeasured = Card(**stated, parameters=0, flops=None, size_mib=0, feature_dim=1, stages=())
    return Card(**stated, **measured(family, network, _one_recording(family, unmeasured)))


def extractor_of(folder: ModelFolder) -> Mapping[str, Any]:
    """Settings of the feature extractor; raises DataError when the folder has none."""
    found = document(folder, EXTRACTOR) or document(folder, PROCESSOR).get("feature_extractor")
    if not isinstance(found, dict) or not found:
        raise DataError(
            f"a folder of an audio network must hold {EXTRACTOR}, which says how recordings are prepared; "
            f"{folder.title} has none. Save the feature extractor there with save_pretrained."
        )
    return found


def _one_recording(family: AudioFamily, card: Card) -> Boundary:
    """Boundary 0 of one recording of the usual length, without storage."""
    entrance = family.entrance(card)
    with torch.inference_mode():
        import numpy as np

        boundary = entrance(torch.from_numpy(entrance.example(1, np.random.default_rng(0))))
    mask = None if boundary.mask is None else boundary.mask.to("meta")
    return Boundary(boundary.values.to("meta"), mask)
