"""manifest.json: what is in a bundle, in words and checksums; the one file that is read before any other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError

from headstart.core.config import Config
from headstart.core.errors import IntegrityError
from headstart.core.files import check_schema, read_json, sha256_json
from headstart.core.preprocessing import ImagePreprocessing

SCHEMA = 1
MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
EVIDENCE = "evidence.json"
CONTENT = (WEIGHTS, GRAPH, EVIDENCE)  # every file of a bundle beside the manifest; nothing else is ever read


class Record(Config):
    """Part of a manifest. Keys that a later version adds within the same schema are passed over, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class FileRecord(Record):
    """What a file must be."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class ClassNames(Record):
    """Names in output order, with the hash that the weights and the graph carry too."""

    names: tuple[str, ...]
    sha256: str


class BackboneRecord(Record):
    """Which backbone computes the features, and where its weights come from."""

    kind: Literal["pretrained", "fitted"]
    name: str
    stage: str = Field(description="The last stage that is run; its output are the features.")
    feature_dim: int = Field(ge=1)
    weights_digest: str = Field("", description="sha256 of tensors and buffers, as the activation store uses it.")
    card: dict[str, Any] = Field({}, description="Parameters, licence, pretraining, known biases, source.")
    settings: dict[str, Any] = Field({}, description="Of a fitted backbone: its config.")
    version: str = Field("", description="Of a fitted backbone: the version of its descriptors.")


class RuntimeRecord(Record):
    """What computed the features that the head was solved on."""

    name: str
    precision: str
    batch_size: int = Field(ge=1)
    threads: int = Field(ge=1)


class Manifest(Record):
    """Everything about a bundle except its numbers."""

    schema_version: int = Field(SCHEMA, alias="schema")
    headstart_version: str
    candidate: dict[str, str] = Field(description="backbone and method, by name.")
    task: dict[str, Any]
    class_names: ClassNames
    preprocessing: ImagePreprocessing
    backbone: BackboneRecord
    method: dict[str, Any] = Field(description="The solved model's spec: method, form, what was chosen.")
    runtime: RuntimeRecord
    parity: dict[str, Any]
    files: dict[str, FileRecord]

    def to_document(self) -> dict[str, Any]:
        """JSON to write, ended by ``sha256`` of everything before it."""
        document = self.model_dump(mode="json", by_alias=True)
        return {**document, "sha256": sha256_json(document)}

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read and check the manifest of ``folder`` against its own checksum.

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
            manifest = cls.model_validate(document)
        except ValidationError as error:
            raise _damaged(f"{error.error_count()} of its fields are not as they should be") from None
        manifest._check_names()
        return manifest

    def _check_names(self) -> None:
        """Refuse class names whose order differs from the hash, or from the task that encodes with them."""
        names = self.class_names.names
        if class_names_digest(names) != self.class_names.sha256 or list(self.task.get("class_names", names)) != list(
            names
        ):
            raise _damaged("the class names or their order differ from their hash")
        if set(self.files) != set(CONTENT):
            raise _damaged(f"it must list exactly {sorted(CONTENT)}, it lists {sorted(self.files)}")


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
