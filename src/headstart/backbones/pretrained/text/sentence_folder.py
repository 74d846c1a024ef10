"""What sentence-transformers writes beside a network: how tokens become features, how much is read, what goes before.

Its modules are read as data and built by us; a folder with a module that is not known here is refused, since features
without it would be others than the weights were trained for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from headstart.backbones.pretrained.model_folder import CONFIG, MODULES, ModelFolder, document
from headstart.backbones.pretrained.text.options import Activation, Dense, Pooling
from headstart.core.errors import DataError

MODES = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}
POOLINGS = {"mean": "mean", "cls": "cls", "max": "max", "lasttoken": "last", "last": "last"}
ACTIVATIONS: dict[str, Activation] = {"Tanh": "tanh", "Identity": "identity"}


@dataclass(frozen=True)
class SentenceFolder:
    """What the folder says; a folder without modules.json says nothing.

    Attributes:
        network: Folder of the network within it, ending in "/", or "".
        pooling: None where it is not said.
        normalised: Whether features are scaled to length 1.
        dense: Layers after the pooling, with the folders of their weights.
        max_tokens: None where it is not said.
        prefix: Put before each text.
    """

    network: str = ""
    pooling: Pooling | None = None
    normalised: bool = False
    dense: tuple[tuple[str, Dense], ...] = ()
    max_tokens: int | None = None
    prefix: str = ""


def sentence_folder(folder: ModelFolder) -> SentenceFolder:
    """Read modules.json and what it names; raises DataError for a module that is not known."""
    modules = document(folder, MODULES)
    if not modules:
        return SentenceFolder()
    found = [(str(each.get("type", "")).rpartition(".")[2], str(each.get("path", ""))) for each in modules]
    names = [name for name, _ in found]
    if [*dict.fromkeys(names)] not in (["Transformer", "Pooling", *rest] for rest in _endings()):
        raise DataError(
            f"the modules of {folder.title} must be a Transformer, a Pooling, then Dense layers and Normalize, if any; "
            f"it has {names}. Features without one of them would be others than the weights were trained for."
        )
    places = {name: f"{path}/" if path else "" for name, path in found}
    network = places["Transformer"]
    return SentenceFolder(
        network=network,
        pooling=_pooling(folder, document(folder, f"{places['Pooling']}{CONFIG}")),
        normalised="Normalize" in names,
        dense=tuple((f"{path}/", _dense(folder, path)) for name, path in found if name == "Dense"),
        max_tokens=document(folder, f"{network}sentence_bert_config.json").get("max_seq_length"),
        prefix=_prefix(document(folder, "config_sentence_transformers.json")),
    )


def _endings() -> list[list[str]]:
    return [[], ["Dense"], ["Normalize"], ["Dense", "Normalize"]]


def _pooling(folder: ModelFolder, config: Mapping[str, Any]) -> Pooling:
    mode = config.get("pooling_mode")
    modes = [mode] if isinstance(mode, str) else [name for key, name in MODES.items() if config.get(key)]
    known = [POOLINGS[each] for each in modes if each in POOLINGS]
    if len(modes) != 1 or not known:
        raise DataError(
            f"the pooling of {folder.title} must be one of {sorted(get_args(Pooling))}; it is {modes or 'not stated'}. "
            "Choose one with --set model.pooling=mean in a folder without modules.json."
        )
    chosen: Pooling = known[0]  # type: ignore[assignment]  # the values of POOLINGS are the literals
    return chosen


def _dense(folder: ModelFolder, path: str) -> Dense:
    config = document(folder, f"{path}/{CONFIG}")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    if activation not in ACTIVATIONS or not {"in_features", "out_features"} <= set(config):
        raise DataError(
            f"a Dense layer of {folder.title} must state in_features, out_features and one of the activations "
            f"{sorted(ACTIVATIONS)}; {path} has {activation} and {sorted(config)}."
        )
    return Dense(
        inputs=config["in_features"],
        outputs=config["out_features"],
        bias=config.get("bias", True),
        activation=ACTIVATIONS[activation],
    )


def _prefix(config: Mapping[str, Any]) -> str:
    """The prompt that the folder puts before every text; one of several without a default is the user's to choose."""
    return str((config.get("prompts") or {}).get(config.get("default_prompt_name")) or "")
