"""Every error Headstart raises on purpose.

::

    HeadstartError                 exit 1: our fault
    ├── UserError                  exit 2: the request or the input cannot work as given
    │   ├── ConfigError            an option, a config key or a name
    │   ├── DataError              the data set or an input file
    │   ├── ShapeError             arrays or tensors that do not fit together
    │   ├── StageError             a stage that the backbone does not have
    │   ├── IntegrityError         bytes differ from their checksum; a file from a newer version
    │   ├── BusyError              another process holds the run folder
    │   └── SpaceError             the disk cannot hold what is about to be written
    ├── MissingExtraError          exit 2: an optional package is not installed (also an ImportError)
    ├── BackendError               a runtime failed or deviates from the reference; callers drop it and go on
    ├── LeakError                  exit 3: the data make a result meaningless
    └── GateError                  exit 4: the file asked for was not written because a gate refused
    RunInterrupted                 exit 130: Ctrl-C (a KeyboardInterrupt, so that nothing swallows it)

A message is one paragraph: what must hold, what came, what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class HeadstartError(Exception):
    """Base of all deliberate errors; ``exit_code`` is what the command line exits with."""

    exit_code: int = 1


class UserError(HeadstartError):
    """The request or the input cannot work as given."""

    exit_code = 2


class ConfigError(UserError):
    """An option, a config key or a name is not understood."""


class DataError(UserError):
    """The data set, or an input file, cannot be used as it is."""


class ShapeError(UserError):
    """Arrays or tensors do not fit together."""


class StageError(UserError):
    """A stage that the backbone does not have."""


class IntegrityError(UserError):
    """Bytes differ from their checksum, or a file was written by a newer version."""


class BusyError(UserError):
    """Another process holds the run folder."""


class SpaceError(UserError):
    """The disk cannot hold what is about to be written."""


class MissingExtraError(HeadstartError, ImportError):
    """An optional package is not installed.

    Attributes:
        package: Its name, for an installer.
        extra: The extra of Headstart that holds it.
        purpose: What needs it.
    """

    exit_code = 2

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed. "
            f"Install it with: pip install 'headstart[{extra}]'"
        )

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str, str]]:
        """How another process gets it: by what it was made from, since an exception keeps its message alone."""
        return type(self), (self.package, self.extra, self.purpose)


class BackendError(HeadstartError):
    """A runtime failed, or its outputs deviate from the reference."""


class LeakError(HeadstartError):
    """The data make a result meaningless (the same group on both sides of a split)."""

    exit_code = 3


class GateError(HeadstartError):
    """A file was not written because a gate refused it."""

    exit_code = 4


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C during a run; ``path`` is the run folder that ``--resume`` goes on with."""

    exit_code = 130

    def __init__(self, path: Path) -> None:
        super().__init__(f"interrupted; the run in {path} can be resumed")
        self.path = path

    def __reduce__(self) -> tuple[type[RunInterrupted], tuple[Path]]:
        """How another process gets it."""
        return type(self), (self.path,)


def choice_message(what: str, got: object, options: Iterable[str]) -> str:
    """One paragraph for a name that is not among ``options``, with the nearest match.

    >>> choice_message("method", "l2sp", ["dann", "l2_sp"])
    "method must be one of ['dann', 'l2_sp']; got 'l2sp'. Did you mean 'l2_sp'?"
    """
    names = sorted(options)
    text = f"{what} must be one of {names}; got {got!r}."
    near = difflib.get_close_matches(str(got), names, n=1, cutoff=0.5)
    return f"{text} Did you mean {near[0]!r}?" if near else text
