"""What can be turned down on one network: the size of its inputs, its depth, the precision of its arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.backbones.card import Card

SIDE = 32  # pixels: networks for pictures halve them five times
SHARES = (0.86, 0.72, 0.57, 0.43)  # of a picture's side, or of a recording's length, that are tried
TOKENS = (256, 128, 64, 32, 16, 8)
LEAST_SECONDS = 0.25
FRAMINGS: dict[str, dict[str, Any]] = {  # ways to see more of a picture than its middle, by what they are called
    "full crop": {"resize": "crop", "crop_fraction": 1.0},
    "squashed": {"resize": "squash"},
}
UNITS = {"image": " px", "text": " tokens", "sound": " s"}


@dataclass(frozen=True)
class Knobs:
    """How a network is turned down; with nothing set it is as it was.

    Attributes:
        size: Side in pixels, most tokens, or most seconds, by modality.
        stage: The last that is run, by name.
        is_int8: Whether weights and activations are 8-bit integers.
        is_student: Whether its last stages were taught by the model as it is.
        floats: Layers that stay in float all the same, those that 8 bits hurt most.
        is_counted: Whether there is no network at all: words and characters are counted.
        framing: Of pictures, one of FRAMINGS: how much of them is seen; None: as before.
        is_trimmed: Whether its vocabulary holds only what the run's texts use, and all characters.
        pruned: Share of what inner channels and heads cost that is left; None: all of them.
    """

    size: float | None = None
    stage: str | None = None
    is_int8: bool = False
    is_student: bool = False
    floats: int = 0
    is_counted: bool = False
    framing: str | None = None
    is_trimmed: bool = False
    pruned: float | None = None

    def name(self, modality: str) -> str:
        """What to call it.

        >>> Knobs(160, "blocks.5", True).name("image")
        '160 px, up to blocks.5, int8'
        >>> Knobs(64, is_student=True).name("text")
        '64 tokens, student'
        >>> Knobs(64, is_int8=True, is_trimmed=True).name("text")
        '64 tokens, own vocabulary, int8'
        >>> Knobs(160, pruned=0.7, is_int8=True).name("image")
        '160 px, pruned to 0.7, int8'
        >>> Knobs().name("text")
        'as it is'
        """
        told = ["counted words"] if self.is_counted else []
        if self.size is not None:
            told.append(f"{self.size:g}{UNITS[modality]}")
        if self.framing is not None:
            told.append(self.framing)
        if self.stage is not None:
            told.append(f"up to {self.stage}")
        if self.pruned is not None:
            told.append(f"pruned to {self.pruned:g}")
        if self.is_student:
            told.append("student")
        if self.is_trimmed:
            told.append("own vocabulary")
        if self.is_int8:
            told.append("int8" if not self.floats else f"int8 but {self.floats} layer{'s' * (self.floats > 1)}")
        return ", ".join(told) or "as it is"

    @property
    def has_own_weights(self) -> bool:
        """Whether its network has other weights than the model as it is."""
        return self.is_student or self.pruned is not None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Knobs:
        """As :meth:`to_dict` gave it."""
        return cls(
            raw["size"], raw["stage"], bool(raw["int8"]), bool(raw["student"]), int(raw["floats"]),
            bool(raw["counted"]), raw.get("framing"), bool(raw.get("trimmed")), raw.get("pruned"),
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "size": self.size, "stage": self.stage, "int8": self.is_int8, "student": self.is_student,
            "floats": self.floats, "counted": self.is_counted, "framing": self.framing, "trimmed": self.is_trimmed,
            "pruned": self.pruned,
        }  # fmt: skip


def sizes_of(card: Card, longest: float | None) -> list[float]:
    """Smaller sizes that are worth trying, descending.

    Args:
        card: Of the network.
        longest: Most tokens, or seconds, that the data have; None for pictures.
    """
    now = card.preprocessing
    if card.modality == "image":
        height, width = now.image_size  # type: ignore[attr-defined]  # of pictures
        if height != width:
            return []
        smaller = (SIDE * round(share * height / SIDE) for share in SHARES)
        return sorted({float(side) for side in smaller if SIDE <= side < height}, reverse=True)
    if longest is None:
        return []
    if card.modality == "text":
        most = min(longest, now.max_tokens)  # type: ignore[attr-defined]  # of texts
        return [float(each) for each in TOKENS if each < most]
    most = min(longest, getattr(now, "max_seconds", None) or longest)
    return [round(share * most, 2) for share in SHARES if share * most >= LEAST_SECONDS]


def stages_of(card: Card) -> Sequence[str]:
    """Stages that the network may end with: the second half of them, without the last ones that only pool."""
    return [] if card.cut is not None else card.stages[len(card.stages) // 3 : -1]


def framings_of(card: Card) -> list[str]:
    """Those of FRAMINGS that show a network something else than it sees now; none but of pictures."""
    if card.modality != "image":
        return []
    now = card.preprocessing.model_dump()
    return [name for name, settings in FRAMINGS.items() if any(now[key] != value for key, value in settings.items())]


def turned_down(card: Card, knobs: Knobs) -> Card:
    """The card of the smaller network; its precision is not the card's matter.

    Raises:
        ConfigError: the network cannot be had so.
    """
    from headstart.backbones.pretrained.find import BackboneOptions, adjusted_card

    asked: dict[str, Any] = {"stage": knobs.stage}
    if knobs.size is not None and card.modality == "image":
        asked["image_size"] = (int(knobs.size), int(knobs.size))
    elif knobs.size is not None and card.modality == "text":
        asked["max_tokens"] = int(knobs.size)
    elif knobs.size is not None:
        shortest = card.preprocessing.min_seconds  # type: ignore[attr-defined]  # of recordings
        asked |= {"max_seconds": knobs.size, "min_seconds": min(shortest, knobs.size)}
    found = adjusted_card(card, BackboneOptions.parse(asked, "compression"))
    if knobs.framing is None:
        return found
    seen = found.preprocessing.model_copy(update=FRAMINGS[knobs.framing])
    return found.model_copy(update={"preprocessing": seen})
