"""Both domains as a changed network sees them, and what it was chosen among."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Choice
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.trying import Parts, Tried
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.learning import Fitted


@dataclass(frozen=True)
class Decided:
    """What a changed network was chosen among.

    Attributes:
        found: The model as it is first, then every way.
        left_out: Why others could not be used, by name.
        choice: Which ships, and why.
    """

    found: Sequence[Tried]
    left_out: Mapping[str, str]
    choice: Choice


@dataclass(frozen=True)
class InNewFeatures:
    """Both domains as the trained network sees them.

    Attributes:
        backbone: The network.
        fitted: Its head.
        report: JSON of the training.
        parts: Source rows in two parts, the target beside them; None: the run's data are not there.
        test: ``(t, D)`` of the run's test; None: it is not there.
        evaluation: ``(e, D)`` of labelled examples that choose nothing; None: there are none.
        seconds: The training took.
        tried: A head solved without the held-out rows, on which ``fitted`` is calibrated; None: it saw none of them.
        alone: ``(m, D)`` of the target where there are no parts.
    """

    backbone: Backbone
    fitted: Fitted
    report: Mapping[str, Any]
    parts: Parts | None
    test: NDArray[np.float32] | None
    evaluation: NDArray[np.float32] | None
    seconds: float
    tried: Fitted | None = None
    alone: NDArray[np.float32] | None = None

    @property
    def target(self) -> Any:
        """``(m, D)``."""
        return self.alone if self.parts is None else self.parts.domains.target.features

    @property
    def held(self) -> Any:
        """``(h, D)`` of the run's held-out rows; None without its data."""
        return None if self.parts is None else self.parts.held.features

    @property
    def linear(self) -> Solver:
        """What gives a head's outputs."""
        return linear_solver() if self.parts is None else self.parts.solver


def linear_solver() -> Solver:
    """Of a head that was trained with its network: its outputs are those of a matrix and an intercept."""
    from headstart.adaptation.solver import PenaltySolver
    from headstart.methods.probe_config import LinearProbeConfig

    return PenaltySolver(LinearProbeConfig().fallback)
