"""What ``model`` names: one network, or several that are compared, each with a size and a last stage if it says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError
from headstart.features.networks import NO_MODEL, ModelOptions
from headstart.selection.candidate_names import CandidateName, parse

AUTO = "auto"


def named_models(options: ModelOptions) -> list[ModelOptions]:
    """One for each network that is named, in order; name, size and stage are taken apart.

    Raises:
        ConfigError: a place between two commas is empty, a name is not that of a network, or a size or stage is
            said twice.
    """
    if _is_model(options.name):
        return [options]
    texts = [text.strip() for text in options.name.split(",")]
    if not all(texts):
        number = texts.index("") + 1
        raise ConfigError(
            f"every place between the commas of --model must name a network; place {number} of {options.name!r} is "
            "empty. Leave the comma out, or name one there."
        )
    found = [_with_name(options, text) for text in texts]
    if len(found) > 1:
        _require_comparable(options, found)
    return found


def _with_name(options: ModelOptions, text: str) -> ModelOptions:
    name = parse(text, _is_model)
    _require_network(name)
    for key, written, said in (("image_size", name.size, options.image_size), ("stage", name.stage, options.stage)):
        if written is not None and said is not None and written != said:
            raise ConfigError(
                f"model.{key} must be said once; {text!r} and model.{key}={said!r} differ. Leave one out."
            )
    return options.model_copy(
        update={
            "name": name.model,
            "image_size": name.size or options.image_size,
            "stage": options.stage if name.stage is None else name.stage,
        }
    )


def the_only_model(options: ModelOptions) -> ModelOptions:
    """Where nothing is compared; raises ConfigError for several."""
    found = named_models(options)
    if len(found) > 1:
        raise ConfigError(f"--model must name one network here; got {options.name!r}. Name one; fit compares several.")
    return found[0]


def with_names(model: Mapping[str, Any], options: ModelOptions) -> dict[str, Any]:
    """``model`` of a request, name, size and stage taken apart."""
    size = options.image_size
    apart = {"name": options.name, "image_size": None if size is None else list(size), "stage": options.stage}
    return {**model, **{key: value for key, value in apart.items() if value is not None or key in model}}


def _require_network(name: CandidateName) -> None:
    from headstart.core import plugins
    from headstart.features.descriptors import FITTED

    if name.is_random:
        raise ConfigError(
            f"--model names pretrained networks; {name} has random weights, with which every fit compares anyway. "
            f"Name {name.model}."
        )
    if name.model in plugins.names(FITTED):
        raise ConfigError(
            f"--model names pretrained networks; {name.model} is none, and every fit compares with it anyway. "
            "Leave it out."
        )


def _require_comparable(options: ModelOptions, found: Sequence[ModelOptions]) -> None:
    if options.sha256 is not None:
        raise ConfigError("model.sha256 is that of one network; --model names several. Leave it out, or name one.")
    for each in found:
        if each.name == NO_MODEL:
            raise ConfigError(f"{NO_MODEL!r} stands for no network at all and cannot be compared. Leave it out.")


def _is_model(text: str) -> bool:
    from headstart.backbones import catalogue

    return text in (AUTO, NO_MODEL) or any(card.name == text for card in catalogue.cards()) or Path(text).exists()
