"""The rooms whose code is mutated, each with the tests that judge it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """Code, and its own tests.

    Attributes:
        code: Its folder below src/headstart; what is in folders of it too.
        tests: Below tests/.
        apart: Folders of both that are rooms of their own.
    """

    code: str
    tests: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """A name for the folder it is mutated in."""
        return self.code.replace("/", "_")


ROOMS = (
    Room("evaluation", ("evaluation",), apart=("calibrators", "fairness", "out_of_domain")),
    Room("evaluation/calibrators", ("evaluation/calibrators",)),
    Room("evaluation/fairness", ("evaluation/fairness",)),
    Room("evaluation/out_of_domain", ("evaluation/out_of_domain",)),
    # test_killed_writers.py kills processes at moments of the clock: its verdicts would not come out again
    Room(
        "engine/activations",
        tuple(
            f"engine/test_{name}.py"
            for name in ("address", "appender", "private_folder", "segment", "share_lock", "store")
        ),
    ),
)


def named(names: list[str] | None) -> list[Room]:
    """Rooms by the names of their code; all where none is named."""
    known = {room.code: room for room in ROOMS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise SystemExit(f"there is no room {', '.join(unknown)}; rooms are {', '.join(known)}")
    return [known[name] for name in names] if names else list(ROOMS)
