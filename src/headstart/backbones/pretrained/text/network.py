"""A text network: the library's model and the pooling after it; laid out, filled with weights, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.seeded import seeded
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.text.library import attention, has_decoder_beside, model_class, parsed_config, quiet
from headstart.backbones.pretrained.text.options import TextOptions
from headstart.backbones.pretrained.text.pooling import Pool
from headstart.core.errors import ShapeError

MODEL, POOL = "model.", "pool."  # prefixes of tensor names
# Computed, not learned, and saved by older versions of the library all the same.
COMPUTED = (".position_ids", ".token_type_ids", ".attn.bias", ".attn.masked_bias", ".attention.bias", ".inv_freq")


class TextNetwork(nn.Module):
    """The bare model (of an encoder and decoder the encoder) and what turns its tokens into features.

    Attributes:
        model: The library's, without a pooler of its own.
        pool: See :class:`~headstart.backbones.pretrained.text.pooling.Pool`.
    """

    def __init__(self, model: nn.Module, pool: Pool) -> None:
        super().__init__()
        self.model = model
        self.pool = pool
        self.training = model.training

    @property
    def config(self) -> Any:
        """The library's config."""
        return self.model.config


def layout(options: TextOptions, name: str) -> TextNetwork:
    """With shapes and no storage, in eval mode."""
    with torch.device("meta"):
        return _new(options, name)


def drawn(options: TextOptions, name: str, seed: int) -> TextNetwork:
    """With random weights as the library initialises them, in eval mode."""
    with seeded(seed):
        return _new(options, name)


def filled(options: TextOptions, name: str, weights: Weights) -> TextNetwork:
    """With weights, float32, in eval mode. Tensors under "pool." are those of the pooling's linear layers.

    Raises:
        ShapeError: the weights are those of another network; the message names the first differences.
    """
    config = parsed_config(options.config, name)
    cls, place = model_class(config, name), _place_of_inner(config)
    tensors = {key: value for key, value in weights.tensors.items() if not key.startswith(POOL)}
    if weights.match == "name":
        tensors = _as_saved(tensors, cls, place)
    with quiet():
        model, found = cls.from_pretrained(
            None,
            config=config,
            state_dict=tensors,
            attn_implementation=attention(cls),
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # they are told below, with our words
            output_loading_info=True,
        )
    _check(model, place, found)
    network = TextNetwork(_bare(model, place), Pool(options))
    _fill_pool(network.pool, weights.tensors)
    return network.eval()


def _new(options: TextOptions, name: str) -> TextNetwork:
    config = parsed_config(options.config, name)
    cls, place = model_class(config, name), _place_of_inner(config)
    with quiet():
        model = cls._from_config(config, attn_implementation=attention(cls), dtype=torch.float32)
    return TextNetwork(_bare(model, place), Pool(options)).eval()


def _bare(model: Any, place: str) -> nn.Module:
    inner: Any = model.get_submodule(place)
    if getattr(inner, "pooler", None) is not None:
        inner.pooler = None  # trained for the next sentence or for nothing; features are pooled by us
    bare: nn.Module = inner
    return bare


def _place_of_inner(config: Any) -> str:
    """Where the part that features need lies within its class; asked before the class is built, which changes it."""
    return "encoder" if has_decoder_beside(config) else ""


def _as_saved(tensors: Mapping[str, Tensor], cls: Any, place: str) -> dict[str, Tensor]:
    """Names as the library saves them, from those of the network's own state dict."""
    named = {f"{place}.{key.removeprefix(MODEL)}".lstrip("."): value for key, value in tensors.items()}
    tied = cls._tied_weights_keys if isinstance(cls._tied_weights_keys, Mapping) else {}
    return named | {second: named[first] for first, second in tied.items() if first in named and second not in named}


def _check(model: Any, place: str, found: Mapping[str, Any]) -> None:
    """Every tensor was given, none of another shape, and none of a layer that the network does not have."""
    inside = f"{place}." if place else ""
    own = {name for name, _ in model.get_submodule(place).named_children()} - {"pooler"}

    def is_left_over(key: str) -> bool:
        plain = key.removeprefix(f"{model.base_model_prefix}.")
        known = plain.startswith(inside) and plain.removeprefix(inside).split(".")[0] in own
        return known and not key.endswith(COMPUTED)

    wanting = (key for key in sorted(found["missing_keys"]) if key.startswith(inside) and ".pooler." not in f".{key}")
    others = sorted(found["mismatched_keys"])
    differences = [
        *(f"{key}: missing" for key in wanting),
        *(f"{key}: {tuple(given)} instead of {tuple(wanted)}" for key, given, wanted in others),
        *(f"{key}: not part of it" for key in sorted(found["unexpected_keys"]) if is_left_over(key)),
    ]
    if differences:
        raise ShapeError(_message(differences))


def _fill_pool(pool: Pool, tensors: Mapping[str, Tensor]) -> None:
    given = {key.removeprefix(POOL): value.float() for key, value in tensors.items() if key.startswith(POOL)}
    wanted = {key: tuple(value.shape) for key, value in pool.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in given.items()}
    if wanted != found:
        raise ShapeError(_message([f"{POOL}: tensors {found} instead of {wanted}"]))
    pool.load_state_dict(given, assign=True)


def _message(differences: list[str]) -> str:
    more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
    return (
        "the weights must be those of this network; they differ in "
        f"{'; '.join(differences[:3])}{more}. Name a folder whose config.json belongs to its weights."
    )
