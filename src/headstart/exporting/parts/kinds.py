"""What makes tensors of inputs, by the kind that model.json names; a reader has those that its model needs."""

from __future__ import annotations

from typing import Any

from headstart.exporting.parts.columns import values
from headstart.exporting.parts.picture import pixels
from headstart.exporting.parts.sound import waveform
from headstart.exporting.parts.terms import terms
from headstart.exporting.parts.text import tokens

KINDS: dict[str, Any] = {"image": pixels, "text": tokens, "sound": waveform, "terms": terms, "columns": values}
