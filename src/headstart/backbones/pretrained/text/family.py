"""What the families of text networks share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import ModelFolder
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.text.attention import tokens_there
from headstart.backbones.pretrained.text.network import TextNetwork, drawn, filled, layout
from headstart.backbones.pretrained.text.options import Pooling, TextOptions
from headstart.backbones.pretrained.text.stages import numbers_and_segments
from headstart.backbones.pretrained.transformers_family import TransformersFamily
from headstart.core.boundary import Boundary


class TextFamily(TransformersFamily):
    """Networks from tokens to features.

    Attributes:
        model_types: Kinds of the transformers library that it takes.
        pooling: Where the folder does not say how its tokens become features.
        marks_ends: Whether its tokenizer adds tokens of its own at the ends of a text; one that does not is damaged.
    """

    modality = "text"
    model_types: ClassVar[frozenset[str]] = frozenset()
    pooling: ClassVar[Pooling] = "mean"
    marks_ends: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """The file's name."""
        return type(self).__module__.rpartition(".")[2]

    def takes(self, config: Mapping[str, Any]) -> bool:
        """By the kind that the config names."""
        return config.get("model_type") in self.model_types

    def layout(self, architecture: str, options: Mapping[str, Any]) -> TextNetwork:
        """See ``text.network.layout``."""
        return layout(_parsed(options, architecture), architecture)

    def build(self, card: Card, weights: Weights) -> TextNetwork:
        """See ``text.network.filled``."""
        return filled(_parsed(card.options, card.name), card.name, weights)

    def build_random(self, card: Card, seed: int) -> TextNetwork:
        """See ``text.network.drawn``."""
        return drawn(_parsed(card.options, card.name), card.name, seed)

    def card(self, folder: ModelFolder, config: Mapping[str, Any], name: str, source: str, location: str) -> Card:
        """See ``text.folder_card``."""
        from headstart.backbones.pretrained.text.folder_card import card_of_folder

        stated = {"name": name, "family": self.name, "source": source, "location": location}
        return card_of_folder(self, folder, config, stated, pooling=self.pooling, marks_ends=self.marks_ends)

    def weights(self, folder: ModelFolder, card: Card) -> Weights:
        """See ``text.folder_weights``."""
        from headstart.backbones.pretrained.text.folder_weights import read_weights

        return read_weights(folder, card)

    def assets(self, folder: ModelFolder, card: Card) -> Mapping[str, bytes]:
        """The tokenizer."""
        from headstart.backbones.pretrained.text.sentence_folder import sentence_folder
        from headstart.backbones.pretrained.text.tokenizer import checked_tokenizer

        return checked_tokenizer(folder, card, sentence_folder(folder).network)

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """The library's last hidden states, pooled."""
        there = tokens_there(boundary)
        given = numbers_and_segments(network, boundary)
        tokens = network.get_submodule("model")(attention_mask=there.long(), **given).last_hidden_state
        features: Tensor = network.get_submodule("pool")(tokens, there)
        return features

    def width(self, network: nn.Module) -> int:
        """That of the last linear layer, else of the tokens."""
        config: Any = network.config
        outputs: list[Any] = [layer.out_features for layer in network.get_submodule("pool.dense").children()]
        return int(outputs[-1] if outputs else config.hidden_size)


def _parsed(options: Mapping[str, Any], name: str) -> TextOptions:
    return TextOptions.parse(dict(options), f"options of {name}")
