"""Reading the config.json that timm writes beside weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from headstart.backbones.card import Card
from headstart.core.errors import DataError
from headstart.core.preprocessing import ImagePreprocessing

RESIZE = {"center": "crop", "squash": "squash", "border": "pad"}  # timm's crop modes in our words


def preprocessing_of(settings: Mapping[str, Any]) -> ImagePreprocessing:
    """Our preprocessing from timm's ``pretrained_cfg``; what it does not say has timm's defaults."""
    interpolation = settings.get("interpolation")
    values = {
        "image_size": tuple(settings.get("input_size", (3, 224, 224))[-2:]),
        "resize": RESIZE.get(settings.get("crop_mode") or "center", "crop"),
        "crop_fraction": settings.get("crop_pct") or 0.875,
        "interpolation": interpolation if interpolation in ("bicubic", "bilinear") else "bicubic",
        **{key: tuple(settings[key]) for key in ("mean", "std") if settings.get(key)},
    }
    return ImagePreprocessing.parse(values, "pretrained_cfg")


def card_of_config(config: Mapping[str, Any], name: str, source: str, location: str) -> Card:
    """A card from a config.json; raises DataError when it does not name an architecture."""
    from headstart.backbones.pretrained.measure import measure

    settings: Mapping[str, Any] = config.get("pretrained_cfg") or config  # older files hold the settings at the top
    architecture = config.get("architecture")
    if not isinstance(architecture, str):
        raise DataError(
            f"the config.json of {name} must name a timm 'architecture'; it has {sorted(config)[:8]}. "
            "Only models saved in timm's format can be read."
        )
    preprocessing = preprocessing_of(settings)
    options = {key: value for key, value in (config.get("model_args") or {}).items() if key != "num_classes"}
    if settings.get("fixed_input_size"):
        options.setdefault("img_size", list(preprocessing.image_size))
    return Card(
        name=name,
        architecture=architecture,
        options=options,
        source=source,
        location=location,
        preprocessing=preprocessing,
        licence=settings.get("license"),
        notes="Card made from the weights' own config.json; nothing in it was checked by Headstart.",
        **measure(architecture, options, preprocessing.image_size),
    )


def default_card(architecture: str, name: str, source: str, location: str) -> Card:
    """A card for weights that come without a config.json: the architecture's own settings, or those of timm's tag.

    ``architecture`` may carry a tag, "resnet50.a1_in1k"; a tag that timm does not know is ignored. Raises ConfigError
    for an unknown architecture.
    """
    import timm

    plain = architecture.partition(".")[0]
    try:
        settings = timm.get_pretrained_cfg(architecture)
    except RuntimeError:  # a tag of the user's own
        settings = timm.get_pretrained_cfg(plain)
    known = {} if settings is None else dataclasses.asdict(settings)
    known.pop("license", None)  # that of timm's own weights, not of the user's file
    return card_of_config({"architecture": plain, "pretrained_cfg": known}, name, source, location)
