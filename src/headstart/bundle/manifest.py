"""manifest.json: what is in a bundle, in words and checksums; the one file that is read before any other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError

from headstart.bundle import schema_1
from headstart.core.config import Config
from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import check_schema, read_json, sha256_json
from headstart.core.preprocessing import AnyPreprocessing
from headstart.core.schema import InputSchema
from headstart.postprocessing.record import PostprocessingRecord

SCHEMA = 4  # of bundles with an INT8 network; an older version would take its tensors for what they are not
BEFORE_INT8 = 3  # of all others, written as ever
BEFORE_POSTPROCESSING = 2
INT8 = "int8"
MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
EVIDENCE = "evidence.json"
EXAMPLES = "examples.safetensors"
ASSETS = "assets"
GRAPH_PATTERN = r"^model(-[\w-]+)?\.onnx$"
ASSET_PATTERN = r"^assets/[\w-]+/\w[\w.-]*$"  # no way out of the folder


class Record(Config):
    """Part of a manifest. Keys that a later version adds within the same schema are passed over, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class FileRecord(Record):
    """What a file must be."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class ClassNames(Record):
    """Names in output order, empty for numbers, with the hash that the weights and the graph carry too."""

    names: tuple[str, ...]
    sha256: str


class BackboneRecord(Record):
    """Which network computes features, and where its weights come from."""

    name: str
    stage: str = Field(description="The last stage that is run; its output are the features.")
    feature_dim: int = Field(ge=1)
    weights_digest: str = Field("", description="sha256 of tensors and buffers, as the activation store uses it.")
    card: dict[str, Any] = Field({}, description="Parameters, licence, pretraining, known biases, source.")


class RuntimeRecord(Record):
    """What computed the features that the head was solved on."""

    name: str
    precision: str
    batch_size: int = Field(ge=1)
    threads: int = Field(ge=1)


class NetworkRecord(Record):
    """A pretrained network: its preprocessing, weights, graph and files."""

    preprocessing: AnyPreprocessing
    backbone: BackboneRecord
    runtime: RuntimeRecord
    prefix: str = Field(description="Of its tensors in weights.safetensors.")
    graph: str = Field(pattern=GRAPH_PATTERN, description="File with its ONNX graph.")
    input_name: str = Field(description="The graph's input.")
    input_dtype: Literal["uint8", "int32", "int64", "float32"] = Field(description="Of a batch.")
    assets: dict[str, str] = Field({}, description="File in the bundle by the asset's name, for example a tokenizer.")

    @property
    def is_quantized(self) -> bool:
        """Whether its graph is in INT8, and so are its tensors."""
        return self.runtime.precision == INT8


class FittedRecord(Record):
    """A fitted backbone: a plugin of ``backbones/fitted`` with what it learned."""

    name: str
    settings: dict[str, Any] = {}
    version: str = Field("", description="Of the plugin's code.")
    takes: Literal["prepared", "content", "columns"] = "prepared"
    preprocessing: AnyPreprocessing | None = None
    prefix: str = Field(description="Of its arrays in weights.safetensors.")


class ExamplesRecord(FileRecord):
    """Training examples, in :data:`EXAMPLES`; apart from the other files, which a bundle has always had."""

    count: int = Field(ge=1)


class SourceRecord(Record):
    """One stretch of the features: what computes it, from what."""

    kind: Literal["network", "fitted"]
    name: str = Field(description="Key in networks or fitted.")
    part: int | None = Field(description="Place among the input's parts; null: the plain columns.")


class Manifest(Record):
    """Everything about a bundle except its numbers."""

    schema_version: int = Field(BEFORE_INT8, alias="schema")
    headstart_version: str
    candidate: dict[str, str] = Field(description="backbone and method, by name.")
    task: dict[str, Any]
    class_names: ClassNames
    input: InputSchema = Field(description="What an example consists of.")
    networks: dict[str, NetworkRecord]
    fitted: dict[str, FittedRecord]
    sources: tuple[SourceRecord, ...] = Field(description="Joined in this order, they are the features.")
    method: dict[str, Any] = Field(description="The solved model's spec: method, form, what was chosen.")
    postprocessing: PostprocessingRecord = Field(
        PostprocessingRecord(), description="What is done behind the head, and said beside its predictions."
    )
    examples: ExamplesRecord | None = Field(None, description="Training examples, where the fit included some.")
    parity: dict[str, Any]
    files: dict[str, FileRecord]

    @property
    def content(self) -> tuple[str, ...]:
        """Every file of the bundle beside the manifest; nothing else is ever read."""
        graphs = dict.fromkeys(network.graph for network in self.networks.values())
        assets = [path for network in self.networks.values() for path in network.assets.values()]
        return (WEIGHTS, *graphs, *assets, EVIDENCE)

    def to_document(self) -> dict[str, Any]:
        """JSON to write, ended by ``sha256`` of everything before it."""
        document = self.model_dump(mode="json", by_alias=True)
        return {**document, "sha256": sha256_json(document)}

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read and check the manifest of ``folder`` against its own checksum; one of schema 1 is brought up to date.

        Raises:
            IntegrityError: missing, unreadable, changed, or of a newer schema.
        """
        path = folder / MANIFEST
        if not path.is_file():
            raise IntegrityError(
                f"a bundle must hold {MANIFEST}; {folder} has none. Copy the whole bundle folder again."
            )
        document = read_json(path)
        if not isinstance(document, dict):
            raise _damaged("it is not a JSON object")
        check_schema(document, SCHEMA, MANIFEST)
        stated = document.pop("sha256", None)
        if stated != sha256_json(document):
            raise _damaged("its content differs from its own checksum")
        try:
            if document["schema"] == schema_1.SCHEMA:
                document = schema_1.brought_up_to_date(document)
            if document["schema"] == BEFORE_POSTPROCESSING:  # nothing was done behind the head
                document = {**document, "schema": BEFORE_INT8}
            manifest = cls.model_validate(document)
        except ValidationError as error:
            raise _damaged(f"{error.error_count()} of its fields are not as they should be") from None
        except (ConfigError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(f"a field is not as it should be ({error})") from None
        manifest._check_names()
        manifest._check_references()
        return manifest

    def _check_names(self) -> None:
        """Refuse class names whose order differs from the hash, or from the task that encodes with them."""
        names = self.class_names.names
        if class_names_digest(names) != self.class_names.sha256 or list(self.task.get("class_names", names)) != list(
            names
        ):
            raise _damaged("the class names or their order differ from their hash")

    def _check_references(self) -> None:
        """Refuse sources that are not described, files that a bundle does not have, and ways out of its folder."""
        for source in self.sources:
            described: Any = self.networks if source.kind == "network" else self.fitted
            if source.name not in described:
                raise _damaged(f"the {source.kind} '{source.name}' is named and not described")
            if source.part is not None and not 0 <= source.part < len(self.input.parts):
                raise _damaged(f"the input has {len(self.input.parts)} parts, not one of number {source.part}")
        assets = [path for network in self.networks.values() for path in network.assets.values()]
        if strange := [path for path in assets if not re.fullmatch(ASSET_PATTERN, path)]:
            raise _damaged(f"{strange[0]!r} is no place for an asset")
        if set(self.files) != set(self.content):
            raise _damaged(f"it must list exactly {sorted(self.content)}, it lists {sorted(self.files)}")


def class_names_digest(names: Sequence[str]) -> str:
    """Hex sha256 over the names in their order.

    >>> class_names_digest(["cat", "dog"]) == class_names_digest(["dog", "cat"])
    False
    """
    return sha256_json(list(names))


def _damaged(why: str) -> IntegrityError:
    return IntegrityError(
        f"{MANIFEST} must be as it was written; {why}. Copy the bundle again from the run it comes from, or fit again."
    )
