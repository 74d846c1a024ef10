"""The latest answers, so that feedback can be joined to what was said; in memory, bounded, without inputs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.serving.models import Row

MOST = 10_000


@dataclass(frozen=True)
class Said:
    """One answer.

    Attributes:
        model, version: That gave it.
        prediction: As text.
        content: Name of the kept input, where inputs are kept.
    """

    model: str
    version: str
    prediction: str | None
    content: str | None = None


class Recent:
    """Answers by request and example."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._said: OrderedDict[tuple[str, str], Said] = OrderedDict()

    def add(
        self, request_id: str, model: str, version: str, rows: Sequence[Row], contents: Sequence[str | None]
    ) -> None:
        """The answers of one request; the oldest are forgotten."""
        for row, content in zip(rows, contents, strict=True):
            said = row.get("prediction")
            self._said[request_id, row["id"]] = Said(model, version, None if said is None else str(said), content)
        while len(self._said) > self._most:
            self._said.popitem(last=False)

    def get(self, request_id: str, example: str) -> Said | None:
        """None where it was never given, or is forgotten."""
        return self._said.get((request_id, example))
