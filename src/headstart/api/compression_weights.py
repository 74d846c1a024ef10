"""Weights kept beside graphs: of a network that was taught or narrowed the knobs alone do not tell them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import sha256_file, write_bytes

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

SUFFIX = ".safetensors"
NAMED = 16  # digits of a hash in a file's name: a student and its form in integers share a file


def keep_weights(folder: Path, student: Backbone, untaught: Backbone) -> dict[str, Any]:
    """Write the tensors, of any shape, in which a network differs; ``file`` within ``folder``, and its ``sha256``."""
    import hashlib

    import torch
    from safetensors.torch import save

    before = untaught.network.state_dict()
    ours = student.network.state_dict()
    changed = {name: value.contiguous() for name, value in ours.items() if not torch.equal(value, before[name])}
    content = save(changed)
    digest = hashlib.sha256(content).hexdigest()
    write_bytes(folder / f"{digest[:NAMED]}{SUFFIX}", content)
    return {"file": f"{digest[:NAMED]}{SUFFIX}", "sha256": digest}


def with_kept_weights(folder: Path, untaught: Backbone, kept: dict[str, Any]) -> Backbone:
    """The network again, with other widths where its tensors have them; ``untaught`` stays as it is.

    Raises:
        ConfigError: its file is gone.
        IntegrityError: it is another.
    """
    from safetensors.torch import load_file

    from headstart.backbones.pretrained.narrowed import narrowed

    place = folder / str(kept["file"])
    if not place.is_file():
        raise ConfigError(f"the weights of a student must be in {place}; they are gone. Put them back.")
    if sha256_file(place) != kept["sha256"]:
        raise IntegrityError(f"{place} must be as compress wrote it; it was changed. Compress the run again.")
    return narrowed(untaught, load_file(place))
