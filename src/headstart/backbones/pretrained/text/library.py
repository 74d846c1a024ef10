"""The transformers library: whether it is there, its configs and model classes, and keeping it quiet."""

from __future__ import annotations

import contextlib
import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from headstart.core.errors import ConfigError, MissingExtraError

EXTRA = "text"
INPUTS = ("input_ids", "input_values", "input_features")  # of texts, of recordings as waveform and as spectrogram


def transformers() -> Any:
    """The library; raises MissingExtraError when it is not installed."""
    try:
        return importlib.import_module("transformers")
    except ImportError:
        raise MissingExtraError("transformers", EXTRA, "a text network") from None


def parsed_config(values: Mapping[str, Any], name: str) -> Any:
    """The library's config of a config.json.

    Raises:
        ConfigError: a kind of model that the library does not have (its code would come with the weights, and such
            code is never run), or values that the kind does not take.
    """
    library = transformers()
    kind = str(values.get("model_type"))
    known = library.models.auto.configuration_auto.CONFIG_MAPPING
    if kind not in known:
        near = difflib.get_close_matches(kind, list(known), n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"the model_type in config.json of {name} must be one that transformers has; got {kind!r}.{hint} "
            "Code that comes with weights is never run."
        )
    given = {key: value for key, value in values.items() if key != "model_type"}
    try:
        with quiet():
            return library.AutoConfig.for_model(kind, **given)
    except Exception as error:  # the library raises anything, its own validation errors among it
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"config.json of {name} must be one that a {kind} model takes; {reason}") from None


def model_class(config: Any, name: str) -> Any:
    """The class of the bare network, or of its encoder where there is a decoder beside it that features do not need."""
    library = transformers()
    mappings = [library.MODEL_FOR_TEXT_ENCODING_MAPPING] if has_decoder_beside(config) else []
    for mapping in [*mappings, library.MODEL_MAPPING]:
        if type(config) in mapping:
            found = mapping[type(config)]
            cls = found[0] if isinstance(found, tuple) else found
            if (takes := getattr(cls, "main_input_name", "input_ids")) not in INPUTS:
                raise ConfigError(
                    f"the network of {name} must take texts or recordings; a {config.model_type!r} takes {takes}."
                )
            return cls
    raise ConfigError(f"the model_type of {name} must be that of a network; {config.model_type!r} has none of its own.")


def has_decoder_beside(config: Any) -> bool:
    """Whether the kind has an encoder and a decoder; the config of an encoder that was saved alone denies it."""
    return bool(getattr(config, "is_encoder_decoder", False) or getattr(type(config), "is_encoder_decoder", False))


def attention(cls: Any) -> str:
    """PyTorch's fused attention where the network has it: the same bits in float32, and less memory."""
    return "sdpa" if getattr(cls, "_supports_sdpa", False) else "eager"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the library's bar and its report of tensors left over: what matters is checked and said by us."""
    logging = transformers().utils.logging
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()
