"""Which bundles can become one file, and what an exported file is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from headstart.bundle import Bundle, FittedBackbone
from headstart.bundle.assembling import stored_fitted
from headstart.bundle.manifest import FittedRecord, NetworkRecord, SourceRecord
from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted, TargetKind

Kind = Literal["image", "text", "sound", "terms", "columns"]
FORMS = ("linear", "roots", "trees", "blend", "directions_trees", "waves")  # of heads that are written as operators
COLUMNS, TERMS = ("columns", "raw_columns"), "tfidf"  # fitted backbones that are
INSTEAD = "Use `headstart serve` or `headstart predict`, which run any bundle without torch."


@dataclass(frozen=True)
class RawInput:
    """One tensor that the file is given.

    Attributes:
        name: Of the tensor.
        kind: What it is made of: a picture, a text (tokens, or terms that are counted), a recording, plain columns.
        part: Which of an example's inputs; None: the plain columns.
        source: Place among the bundle's sources of the one that takes it; of plain columns the first.
    """

    name: str
    kind: Kind
    part: int | None
    source: int


@dataclass(frozen=True)
class Exportable:
    """What a bundle is made of, all of it known to this room.

    Attributes:
        shipped: The bundle.
        sources: What computes the features, in the order in which they are joined.
        kind: Of the targets.
        head: Arrays and spec.
    """

    shipped: Bundle
    sources: tuple[SourceRecord, ...]
    kind: TargetKind
    head: Fitted

    @cached_property
    def inputs(self) -> tuple[RawInput, ...]:
        """The tensors, in the order of the sources; plain columns come once, however many sources read them."""
        found: list[RawInput] = []
        for place, source in enumerate(self.sources):
            if source.part is None:
                name, kind = "values", "columns"
                if any(each.kind == kind for each in found):
                    continue
            elif source.kind == "network":
                name, kind = self.network(source).input_name, self.shipped.schema.parts[source.part].modality
            else:
                name, kind = "terms", "terms"
            taken = sum(each.name.partition("_")[0] == name for each in found)
            found.append(RawInput(f"{name}_{taken + 1}" if taken else name, kind, source.part, place))  # type: ignore[arg-type]  # modalities are kinds
        return tuple(found)

    @property
    def is_row(self) -> bool:
        """Whether an example is a row of a table, else one file."""
        schema = self.shipped.schema
        return len(schema.parts) != 1 or bool(schema.columns)

    @property
    def networks(self) -> tuple[NetworkRecord, ...]:
        """Each once."""
        return tuple(self.shipped.manifest.networks.values())

    def network(self, source: SourceRecord) -> NetworkRecord:
        """Of a source that is one."""
        return self.shipped.manifest.networks[source.name]

    def fitted(self, source: SourceRecord) -> tuple[FittedRecord, FittedBackbone]:
        """Of a source without a network."""
        record = self.shipped.manifest.fitted[source.name]
        return record, stored_fitted(self.shipped.folder, record)

    def input_of(self, place: int) -> RawInput:
        """What the source of this place takes."""
        source = self.sources[place]
        return next(
            each
            for each in self.inputs
            if (each.kind == "columns" if source.part is None else each.part is not None and each.source == place)
        )


def exportable(shipped: Bundle) -> Exportable:
    """The parts of a bundle that an exported model is made of.

    Raises:
        ConfigError: features or head are computed by code that cannot be written as operators; the message says which.
    """
    manifest, head = shipped.manifest, shipped.fitted()
    for source in manifest.sources:
        if source.kind == "fitted" and manifest.fitted[source.name].name not in (*COLUMNS, TERMS):
            raise ConfigError(
                f"features must be those of networks, of columns or of counted words to be exported; this model reads "
                f"{manifest.fitted[source.name].name}, which Headstart's own code computes. {INSTEAD}"
            )
    forms = [head.spec.get("form")]
    if "parts" in head.spec:
        forms += [each.get("form") for each in head.spec["parts"].values()]
    if unknown := [form for form in forms if form not in FORMS]:
        raise ConfigError(
            f"the model's head must be one of those that can be written as operators ({', '.join(FORMS)}); that of "
            f"{manifest.candidate['method']} is {unknown[0]!r}. Fit with --method linear_probe, or: {INSTEAD}"
        )
    return Exportable(shipped, tuple(manifest.sources), shipped.task().kind, head)
