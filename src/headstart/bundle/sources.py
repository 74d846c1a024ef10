"""What a fit hands over to be written: the sources of the features, in the order in which they are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from headstart.core.preprocessing import Preprocessing
from headstart.core.schema import PartSchema

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


class RuntimeChoice(Protocol):
    """What the fit computed features with; see ``runtimes/choice.py``."""

    @property
    def name(self) -> str:
        """A plugin of ``runtimes/``."""

    @property
    def precision(self) -> str:
        """For example "bfloat16"."""

    @property
    def batch_size(self) -> int:
        """Rows of every call."""

    @property
    def threads(self) -> int:
        """Processor threads."""


@dataclass(frozen=True)
class WrittenNetwork:
    """A network's features of one part. A network that serves two parts comes twice and is written once.

    Attributes:
        part: What it sees; one of the input schema's parts.
        backbone: The torch module, in eval mode.
        runtime: What computed the features that the head was solved on.
        graph: ONNX file from the backbone's ``input_name`` to "features".
        prepared: Up to 32 training inputs as the network takes them, of any shapes; used for the comparison of
            runtimes and not kept. All sources hold the same rows.
    """

    part: PartSchema
    backbone: Backbone
    runtime: RuntimeChoice
    graph: Path
    prepared: Sequence[NDArray[Any]] = ()


@dataclass(frozen=True)
class WrittenFitted:
    """A fitted backbone's features of one part, or of the plain columns.

    Attributes:
        name: A plugin of ``backbones/fitted``.
        arrays: What its ``fit`` returned on the training part; may be empty.
        raw: Up to 32 training examples as its ``transform`` takes them (descriptors ``(n, D)``, contents, a table);
            used for the comparison and not kept. None: there are none.
        settings: The plugin's config as JSON.
        version: Of its code; "" takes the installed one.
        part: What it describes; None for the plain columns.
        preprocessing: From bytes to what ``describe`` takes, where it takes prepared inputs.
    """

    name: str
    arrays: Mapping[str, NDArray[Any]]
    raw: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    part: PartSchema | None = None
    preprocessing: Preprocessing | None = None


Written = WrittenNetwork | WrittenFitted
