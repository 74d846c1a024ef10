"""The card of a folder with an audio network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.options import AudioOptions, SpectrogramOptions
from headstart.backbones.pretrained.family import Family
from headstart.backbones.pretrained.model_folder import ModelFolder, document
from headstart.backbones.pretrained.text.folder_card import NOT_THE_NETWORKS
from headstart.core.boundary import Boundary
from headstart.core.errors import DataError
from headstart.core.preprocessing import SoundPreprocessing

EXTRACTOR = "preprocessor_config.json"
PROCESSOR = "processor_config.json"  # holds the extractor's settings in folders that newer versions saved


def card_of_folder(
    family: Family,
    config: Mapping[str, Any],
    stated: Mapping[str, Any],
    preprocessing: SoundPreprocessing,
    spectrogram: SpectrogramOptions | None,
) -> Card:
    """The card of a network whose inputs are known to be prepared in this way.

    Args:
        family: That takes the network.
        config: Its config.json.
        stated: Fields of the card that do not follow from the folder: names, and where it lies.
        preprocessing: Of recordings.
        spectrogram: What becomes of them inside the network's entrance; None where it hears samples.

    Raises:
        ConfigError: a network that cannot be built.
    """
    from headstart.backbones.pretrained.measure import measured

    kept = {key: value for key, value in config.items() if key not in NOT_THE_NETWORKS}
    options = AudioOptions(config=kept, spectrogram=spectrogram).model_dump(mode="json")
    fields: dict[str, Any] = {
        **stated,
        "modality": "sound",
        "library": "transformers",
        "architecture": str(config["model_type"]),
        "options": options,
        "preprocessing": preprocessing,
        "notes": "Card made from the model's own files; nothing in it was checked by Headstart.",
    }
    network = family.layout(fields["architecture"], options)
    unmeasured = Card(**fields, parameters=0, flops=None, size_mib=0, feature_dim=1, stages=())
    return Card(**fields, **measured(family, network, _one_recording(family, unmeasured)))


def extractor_of(folder: ModelFolder) -> Mapping[str, Any]:
    """Settings of the feature extractor; raises DataError when the folder has none."""
    found = document(folder, EXTRACTOR) or document(folder, PROCESSOR).get("feature_extractor")
    if not isinstance(found, dict) or not found:
        raise DataError(
            f"a folder of an audio network must hold {EXTRACTOR}, which says how recordings are prepared; "
            f"{folder.title} has none. Save the feature extractor there with save_pretrained."
        )
    return found


def _one_recording(family: Family, card: Card) -> Boundary:
    """Boundary 0 of one recording of the usual length, without storage."""
    entrance = family.entrance(card)
    with torch.inference_mode():
        import numpy as np

        boundary = entrance(torch.from_numpy(entrance.example(1, np.random.default_rng(0))))
    mask = None if boundary.mask is None else boundary.mask.to("meta")
    return Boundary(boundary.values.to("meta"), mask)
