"""What the families of audio networks share."""

from __future__ import annotations

import importlib.util
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.options import AudioOptions, SpectrogramOptions
from headstart.backbones.pretrained.model_folder import ModelFolder
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.text.network import TextNetwork, drawn, filled, layout
from headstart.backbones.pretrained.text.options import TextOptions
from headstart.backbones.pretrained.transformers_family import TransformersFamily
from headstart.core.errors import MissingExtraError
from headstart.core.preprocessing import SoundPreprocessing


class AudioFamily(TransformersFamily):
    """Encoders of recordings, one vector each.

    Attributes:
        model_types: What the library calls the kinds.
        chances: Settings that leave out layers or mask stretches by chance in training: they are switched off.
    """

    modality = "sound"
    model_types: ClassVar[frozenset[str]] = frozenset()
    chances: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """The file's name."""
        return type(self).__module__.rpartition(".")[2]

    def takes(self, config: Mapping[str, Any]) -> bool:
        """By the kind that the config names."""
        return config.get("model_type") in self.model_types

    @abstractmethod
    def hears(
        self, config: Mapping[str, Any], extractor: Mapping[str, Any]
    ) -> tuple[SoundPreprocessing, SpectrogramOptions | None]:
        """How inputs are prepared, from config.json and preprocessor_config.json.

        Raises:
            ConfigError: a part of the network that is not described here.
        """

    def layout(self, architecture: str, options: Mapping[str, Any]) -> TextNetwork:
        """With shapes and no storage."""
        return layout(self._options(options, architecture), architecture)

    def build(self, card: Card, weights: Weights) -> TextNetwork:
        """Filled with weights."""
        return filled(self._options(card.options, card.name), card.name, weights)

    def build_random(self, card: Card, seed: int) -> TextNetwork:
        """As the library initialises it."""
        return drawn(self._options(card.options, card.name), card.name, seed)

    def card(self, folder: ModelFolder, config: Mapping[str, Any], name: str, source: str, location: str) -> Card:
        """See ``audio.folder_card``."""
        from headstart.backbones.pretrained.audio.folder_card import card_of_folder, extractor_of

        require_transformers()
        preprocessing, spectrogram = self.hears(config, extractor_of(folder))
        stated = {"name": name, "family": self.name, "source": source, "location": location}
        return card_of_folder(self, config, stated, preprocessing, spectrogram)

    def weights(self, folder: ModelFolder, card: Card) -> Weights:
        """The folder's tensors."""
        from headstart.backbones.pretrained.text.folder_weights import read_weights

        return read_weights(folder, card)

    def assets(self, folder: ModelFolder, card: Card) -> Mapping[str, bytes]:
        """Recordings need none."""
        return {}

    def width(self, network: nn.Module) -> int:
        """That of the last layer."""
        config: Any = network.config
        return int(config.hidden_size)

    def _options(self, values: Mapping[str, Any], name: str) -> TextOptions:
        """In the form that networks for texts are built from; positions are averaged unless a family pools itself."""
        require_transformers()
        options = AudioOptions.parse(dict(values), f"options of {name}")
        return TextOptions(config=options.config | dict.fromkeys(self.chances, 0.0), pooling="mean")


def require_transformers() -> None:
    """Raise MissingExtraError when the library is not installed."""
    if importlib.util.find_spec("transformers") is None:
        raise MissingExtraError("transformers", "audio", "an audio network of the transformers library")
