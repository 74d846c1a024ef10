"""Reading a file of tensors: safetensors, or PyTorch's format restricted to tensors. Nothing is unpickled freely."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.errors import DataError, IntegrityError
from headstart.core.files import sha256_file

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model")  # what training scripts nest the weights under


def read_weight_file(path: Path, pinned: str | None) -> tuple[dict[str, Tensor], str]:
    """Tensors of any shape by name, in the file's order, and the hex sha256 of the file.

    Raises:
        IntegrityError: the sha256 is not the pinned one (checked before anything is parsed), or the file is damaged
            or holds more than tensors.
        DataError: an unknown kind of file, or no tensors in it.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"a weight file must end in one of {list(SUFFIXES)}; got {path.name!r}. Name another file.")
    sha256 = sha256_file(path)
    if pinned is not None and sha256 != pinned:
        raise IntegrityError(
            f"the weights in {path} must have sha256 {pinned}; they have {sha256}. "
            "The file is damaged or was replaced: install or fetch it again."
        )
    return _tensors(_parse(path), path), sha256


def _parse(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise IntegrityError(f"{path} must be a safetensors file; it cannot be read ({error}).") from None
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise IntegrityError(
            f"{path} must hold tensors and nothing else; it cannot be read that way ({reason}). "
            "Save the state dict with safetensors and name that file."
        ) from None


def _tensors(content: Any, path: Path) -> dict[str, Tensor]:
    import torch

    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise DataError(f"{path} must hold one tensor per name; it holds {type(content).__name__} of other things.")
    if not content:
        raise DataError(f"{path} must hold the weights of a network; it holds no tensors.")
    return {str(name).removeprefix("module."): value for name, value in content.items()}
