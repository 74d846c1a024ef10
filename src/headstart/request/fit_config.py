"""Everything that decides a fit, as one record: as asked it may hold "auto", as resolved it holds none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, field_validator

from headstart.core import plain_yaml
from headstart.core.config import Config
from headstart.core.errors import ConfigError, DataError
from headstart.core.files import check_schema
from headstart.request.card_config import CardConfig
from headstart.request.combination import Combination
from headstart.request.mitigation_request import MitigationRequest
from headstart.tasks.decision_request import DecisionRequest

SCHEMA = 1
NAMED_PARTS = (
    "model",
    "method",
    "runtime",
    "mitigation",
)  # keys that take a name, or a mapping with a name and options
PARTS = (*NAMED_PARTS, "decision", "card")  # keys that dotted keys may go into


class Addition(Config):
    """Labelled data that a run is updated with."""

    data: str = Field(description="Like DATA of a fit, or the database that `serve --feedback` fills.")
    upto: int | None = Field(None, ge=0, description="Of feedback: number of the last remark that counts.")


class FitConfig(Config):
    """The merged request of ``fit``; ``config.yaml`` of a run is the same record, resolved."""

    schema_version: int = Field(SCHEMA, alias="schema", ge=1, le=SCHEMA, description="Version of this record.")
    data: str = Field(description="Folder of class folders, folder with train/ [val/] test/, or a table.")
    update: str | None = Field(
        None, description="Finished run to go on from, with its data, split and settings; takes --add."
    )
    add: Addition | None = Field(
        None, description="With --update: new labelled data, as the run's own are, or the feedback of its server."
    )
    added: tuple[Addition, ...] = Field(
        (), description="What the updated run was itself updated with, in order; filled in by --update."
    )
    target: str | None = Field(None, description="Column with the targets; else the one called label or target.")
    input: str | None = Field(
        None,
        description="Columns with the inputs, separated by commas; else a column of paths that exist, else the columns "
        "of prose, else all other columns. Two columns of texts are a pair.",
    )
    task: str = Field("auto", description="What the targets mean; auto decides from the target and says why.")
    model: dict[str, Any] = Field(
        {"name": "auto"},
        description="Pretrained model: a name of `headstart models`, a hub name, or a folder; NAME:SIZE of pictures, "
        "NAME@STAGE cut after a stage. Several, separated by commas, are compared, and the best goes on.",
    )
    method: dict[str, Any] = Field({"name": "auto"}, description="Transfer method: a name of `headstart methods`.")
    runtime: dict[str, Any] = Field({"name": "auto"}, description="How the frozen network runs; auto measures.")
    test: str | None = Field(None, description="Separate test data.")
    groups: str | None = Field(
        None, description="Column whose equal values stay on one side of each split (a person, a tile)."
    )
    domains: str | None = Field(
        None,
        description="Column that says which domain an example is from (a speaker, a site, a camera), where the model "
        "will meet a new one: each domain is held out in turn, and every choice is made by that. Keeps equal values "
        "together as --groups does.",
    )
    generalise: str = Field(
        "auto",
        description="With --domains, how the solved model is prepared for a domain that nobody has seen: auto (what is "
        "clearly better on domains held out), none, or a name: nuisance_projection, reweighting, group_dro, dfr, ...",
    )
    id: str | None = Field(
        None, description="Column that names an input: rows with equal values are one example, its labels a set."
    )
    drop: tuple[str, ...] = Field((), description="Columns that are not used.")
    slices: tuple[str, ...] = Field((), description="Columns to report by; they never touch the split.")
    mitigation: MitigationRequest | None = Field(
        None,
        description="What is done for the group of --slices that is served worst: compare shows what each way gives "
        "and costs, a name ships that way (.strength, .worst).",
    )
    resplit: bool = Field(False, description="Ignore the given split and make a new one.")
    accept: tuple[str, ...] = Field(
        (), description="Ids of severe findings of the audit that are known and do not stop the work."
    )
    allow_bad: float = Field(
        0.05, ge=0, le=1, description="Share of unreadable inputs that is left out without an error."
    )
    balance: Literal["auto", "none", "decision", "loss", "sampler"] = Field(
        "auto",
        description="decision: answers lean towards rare classes as far as held-out rows gain macro-F1; loss: rare "
        "classes weigh as much in learning, too; sampler: a training draws them as often; auto: decision when macro-F1 "
        "decides.",
    )
    decision: DecisionRequest | None = Field(
        None,
        description="How classes are decided, where not simply the most probable one: decision.recall, .precision, "
        ".threshold (with .positive), or .costs.",
    )
    answered_accuracy: float = Field(
        0.95,
        gt=0,
        lt=1,
        description="Accuracy of what is answered: below the probability that gives it on held-out "
        "examples, predictions are marked to be abstained from.",
    )
    minutes: float | None = Field(
        None, gt=0, description="Time to spend: after the probe, trainings race for it, lp_ft first."
    )
    tune: int | None = Field(
        None, ge=1, description="Trials to make of a train method's settings, or of those that --minutes races."
    )
    storage: str | None = Field(
        None,
        description="Optuna storage of the race, for example sqlite:///race.db or a database that several machines "
        "share; else a file in the run folder.",
    )
    ensemble: bool = Field(
        False, description="Whether a race may ship up to four of its networks, whose outputs are averaged."
    )
    combine: Combination | None = Field(
        None, description="Trainings that ship together with the one of `method`; filled in by a race."
    )
    beside: tuple[str, ...] = Field(
        (),
        description="Methods solved on the same features beside the first; the guard may ship one. A race fills it in.",
    )
    compare: tuple[str | dict[str, Any], ...] = Field(
        (), description="Train methods to compare with, for example from_scratch; they never ship."
    )
    checkpoint_minutes: float = Field(
        1.0, ge=0, description="Most minutes of training that are lost when the process is killed."
    )
    tensorboard: bool = Field(False, description="Whether a training also writes TensorBoard events to the run folder.")
    guard: bool | Literal["auto", "start"] = Field(
        "auto",
        description="Whether a cheaper candidate may win on held-out rows; start: only the probe that training begins "
        "from; auto: start for a train method that was named, no for another named method, else yes.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="Where the network runs.")
    threads: Annotated[int, Field(ge=1)] | Literal["auto"] = Field("auto", description="Processor threads.")
    seed: int = Field(0, ge=0, description="Decides the split, the folds and all else that is drawn.")
    cache: Literal["on", "off"] = Field("on", description="off: activations are kept for this run only.")
    cache_size: str = Field("10GiB", description="Activations beyond this size are evicted, least recently used first.")
    card: CardConfig = Field(
        CardConfig(),
        description="Texts for the model card: card.intended_use, .out_of_scope, .data_source, "
        ".data_licence, .contact.",
    )
    examples: bool = Field(True, description="Whether the report may show examples of the data.")
    include_examples: bool = Field(
        False,
        description="Whether excerpts, targets and features of up to 200 training examples travel in the bundle, so "
        "that the page of `headstart serve` can show those most like an input. Whoever gets the bundle gets them.",
    )

    @field_validator("add", mode="before")
    @classmethod
    def _named_alone(cls, value: Any) -> Any:
        return {"data": value} if isinstance(value, str) else value

    @property
    def kept_together(self) -> str | None:
        """Column whose equal values stay on one side of each split."""
        return self.domains or self.groups

    @property
    def additions(self) -> tuple[Addition, ...]:
        """Everything that stands below ``data`` and ``test``, in order."""
        return self.added if self.add is None else (*self.added, self.add)

    def yaml(self) -> str:
        """The record as YAML, in the order of the fields."""
        return yaml.safe_dump(self.model_dump(mode="json", by_alias=True), sort_keys=False, allow_unicode=True)


def merge(
    named: Mapping[str, Any], *, config: str | Path | None = None, settings: Sequence[str] | Mapping[str, Any] = ()
) -> FitConfig:
    """Defaults < ``--config`` < named options < ``--set``.

    Args:
        named: Named options; None means not given.
        config: A YAML file, for example ``config.yaml`` of an earlier run.
        settings: ``key=value`` texts (dotted keys, YAML values), or a mapping of dotted keys.

    Raises:
        ConfigError: unknown keys, a key set twice, values out of range: all problems at once.
    """
    values = read_config(Path(config)) if config is not None else {}
    for key, value in named.items():
        if value is not None:
            _place(values, key, {"name": value} if key in NAMED_PARTS and isinstance(value, str) else value)
    for key, value in parse_settings(settings).items():
        _place_dotted(values, key, value)
    if "data" not in values:
        raise DataError(
            "fit needs data: a folder of class folders, a table, or a --config that names one; none was given."
        )
    return FitConfig.parse(values)


def read_config(path: Path, remedy: str = "Correct it, or name another one with --config.") -> dict[str, Any]:
    """Read a YAML mapping; "model: NAME" is short for "model: {name: NAME}". ``remedy`` ends an error's message."""
    try:
        values = plain_yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise ConfigError(f"options must stand in a readable YAML file; {path} is not one ({why}). {remedy}") from None
    if not isinstance(values, dict):
        what = "nothing" if values is None else type(values).__name__
        raise ConfigError(f"options must stand in a YAML mapping; {path} holds {what}. {remedy}")
    if "schema" in values:
        check_schema(values, SCHEMA, str(path))
    for key in NAMED_PARTS:
        if isinstance(values.get(key), str):
            values[key] = {"name": values[key]}
    return values


def parse_settings(settings: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """``["method.k=3"]`` to ``{"method.k": 3}``; the same key twice is an error."""
    if isinstance(settings, Mapping):
        return dict(settings)
    result: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(f"--set takes key=value; got {text!r}. For example: --set model.resize=pad")
        if key in result:
            raise ConfigError(f"each key may be set once; {key!r} was set twice. Leave one of them out.")
        try:
            result[key] = plain_yaml.load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"the value of --set {key} must be YAML; {value!r} does not parse ({error}).") from None
    return result


def _place(values: dict[str, Any], key: str, value: Any) -> None:
    if (
        isinstance(value, Mapping)
        and isinstance(values.get(key), dict)
        and value.get("name") == values[key].get("name")
    ):
        values[key] = {**values[key], **value}
    else:
        values[key] = value


def _place_dotted(values: dict[str, Any], key: str, value: Any) -> None:
    first, dot, rest = key.partition(".")
    if not dot:
        _place(values, key, {"name": value} if key in NAMED_PARTS and isinstance(value, str) else value)
        return
    if first not in PARTS or "." in rest:
        raise ConfigError(f"a dotted key must begin with one of {list(PARTS)} and have one dot; got {key!r}.")
    named = {"name": "auto"} if first in NAMED_PARTS else {}
    values[first] = {**named, **(values.get(first) or {}), rest: value}
