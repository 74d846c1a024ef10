"""A bundle's answers explained, one example after the other, each with its checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Bundle, Predictor
from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.learning import Fitted, Floats
from headstart.explanation.checks.curves import curves
from headstart.explanation.checks.randomisation import against_random_weights
from headstart.explanation.checks.taken_away import taken_away
from headstart.explanation.example import Example
from headstart.explanation.model import Model, column_of, features_of, margin, score, unchanged
from headstart.explanation.network import networks_of, random_weights, why_not_differentiable
from headstart.explanation.question import ROOM, Attribution, Explainer, Question
from headstart.explanation.unit import Units, units_of

if TYPE_CHECKING:
    from headstart.explanation.network import Network

AUTO = "auto"
OCCLUSION = "occlusion"
BY_MODALITY = {"image": "hires_cam", "text": "integrated_gradients", "sound": "integrated_gradients"}
INSTEAD = "Install it with: pip install torch, or use --method occlusion, which runs the bundle's graph alone."
FLAT = "one of the two maps is the same everywhere"


@dataclass(frozen=True)
class Asked:
    """What is wanted.

    Attributes:
        method: A file of ``explainers``, or "auto".
        class_name: Class, grade or label to explain; None: what is predicted.
        steps: Of integrated gradients.
        checks: "quick": the answer without the marked tenth alone; "all": deletion, insertion and random weights too.
        seed: Of random orders and random weights.
    """

    method: str = AUTO
    class_name: str | None = None
    steps: int = 16
    checks: Literal["none", "quick", "all"] = "all"
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """Of the model about one example: features ``(1, D)``, outputs ``(1, W)``, and the column that is explained."""

    features: Any
    outputs: Floats
    column: int


@dataclass(frozen=True)
class Explained:
    """One example.

    Attributes:
        features: ``(1, D)``, which may be sparse.
        outputs: ``(1, W)`` of the model.
        column: Of the output that is explained.
        units: Of the example.
        attribution: A figure for each unit.
        document: What is said of it, JSON.
    """

    features: Any
    outputs: Floats
    column: int
    units: Units
    attribution: Attribution
    document: dict[str, Any]


class Explaining:
    """What is prepared once for a bundle.

    Where gradients are taken, everything is asked of the networks in PyTorch and float32; else of the bundle's runtime,
    or of ``predictor`` where one is there already.

    Raises:
        ConfigError: no such method, or one that cannot explain this bundle.
        BackendError: no runtime can run it here.
    """

    def __init__(
        self, shipped: Bundle, asked: Asked, *, threads: int | None = None, predictor: Predictor | None = None
    ) -> None:
        self.shipped, self.asked = shipped, asked
        self.task = shipped.task()
        self.method, self.why = method_for(shipped, asked.method)
        try:
            self.predictor = predictor or self._predictor(threads)
        except ConfigError as error:
            if asked.method != AUTO:
                raise
            self.method, self.why = OCCLUSION, f"gradients cannot be taken: {error}"
            self.predictor = self._predictor(threads)
        plugin = plugins.load(ROOM, self.method)
        given = {"steps": asked.steps, "seed": asked.seed}
        known = {name: value for name, value in given.items() if name in plugin.config.model_fields}
        self.explainer: Explainer = plugin.build(plugin.config.parse(known, self.method))

    @property
    def needs_gradients(self) -> bool:
        """Whether the method that explains takes them."""
        return "gradients" in plugins.load(ROOM, self.method).needs

    def _predictor(self, threads: int | None) -> Predictor:
        if not self.needs_gradients:
            return self.shipped.predictor(threads=threads)
        names = [source.name for source in self.shipped.manifest.sources]
        computed = {name: network.features for name, network in zip(names, self._pretrained, strict=True)}
        return self.shipped.predictor(threads=threads, computed=computed)

    def answer(self, example: Example) -> Answer:
        """What the model says of one example, and which of its outputs is explained."""
        features = features_of(self.predictor, unchanged(example))
        outputs = self.predictor.outputs_of(features)
        column = column_of(self.asked.class_name, outputs, self.task.class_names, self.task.kind)
        return Answer(features, outputs, column)

    def explain(self, example: Example, answer: Answer | None = None) -> Explained:
        """One example; raises DataError where it holds nothing, ConfigError where this method cannot explain it.

        ``answer`` saves asking for it again, and may name another output than :meth:`answer` did.
        """
        said = answer or self.answer(example)
        features, outputs, column = said.features, said.outputs, said.column
        names = self.task.class_names
        units = units_of(self.predictor, example)
        if not int(np.prod(units.shape)):
            raise DataError(f"there is nothing to explain: no {units.noun} in it")
        model = Model(self.predictor, column)
        question = Question(example, units, model, partial(self._networks, column))
        found = self.explainer.explain(question)
        document = {
            "explained": names[column] if names else None,
            "score": float(score(outputs, column, self.task.kind)[0]),
            "margin": float(margin(outputs, column, self.task.kind)[0]),
            "method": self.method,
            "why_method": self.why,
            "unit": units.noun,
            "shape": list(units.shape),
            "names": list(units.names),
            "values": found.values.tolist(),
            "reference": units.reference,
            "cost": found.cost,
            "sum_gap": found.gap,
            "checks": None if self.asked.checks == "none" else self._checks(question, found),
        }
        return Explained(features, outputs, column, units, found, document)

    def _checks(self, question: Question, found: Attribution) -> dict[str, Any]:
        asked = (question.model, question.units, found.values)
        said: dict[str, Any] = {"taken_away": taken_away(*asked, np.random.default_rng(self.asked.seed)).to_dict()}
        if self.asked.checks == "all":
            said["curves"] = curves(*asked, np.random.default_rng(self.asked.seed)).to_dict()
            said["random_weights"] = self._random(question, found.values)
        return said

    def _random(self, question: Question, values: NDArray[np.float64]) -> dict[str, Any]:
        """The map's rank correlation with that of random weights, or why there is none."""
        if self.needs_gradients:
            random = tuple(replace(each, column=question.model.column) for each in self._random_networks)
            what = "network and head with random weights"
            correlation = against_random_weights(self.explainer, question, values, lambda: random)
        elif self.shipped.manifest.method.get("form") == "linear":
            other = replace(question, model=Model(self._random_head, question.model.column))
            what = "the head with random weights, on the same features"
            correlation = against_random_weights(self.explainer, other, values, question.networks)
        else:
            why = f"a head of the form {self.shipped.manifest.method.get('form')!r} has no weights to draw at random"
            return {"rank_correlation": None, "against": None, "why_not": why}
        return {"rank_correlation": correlation, "against": what, "why_not": None if correlation is not None else FLAT}

    def _networks(self, column: int) -> tuple[Network, ...]:
        return tuple(replace(network, column=column) for network in self._pretrained)

    @cached_property
    def _pretrained(self) -> tuple[Network, ...]:
        return networks_of(self.shipped, 0)

    @cached_property
    def _random_networks(self) -> tuple[Network, ...]:
        return tuple(network.with_random_weights(self.asked.seed) for network in self._pretrained)

    @cached_property
    def _random_head(self) -> Predictor:
        from headstart.methods.linear import linear_outputs

        arrays = self.shipped.fitted().arrays
        weight = random_weights(arrays["weight"], np.random.default_rng(self.asked.seed))
        head = Fitted({**arrays, "weight": weight}, self.shipped.manifest.method)
        return replace(self.predictor, head=partial(linear_outputs, head))


def method_for(shipped: Bundle, wanted: str) -> tuple[str, str]:
    """Name of an explainer and why it is that one.

    Raises:
        ConfigError: no such method, or one that cannot explain this bundle.
    """
    modality = shipped.schema.modality
    if wanted == AUTO:
        if modality not in BY_MODALITY:
            return "shapley", "columns are few, so orders of them can be tried"
        reason = why_not_differentiable(shipped) or _why_not_inside(shipped) or _why_not_loadable(BY_MODALITY[modality])
        if reason is None:
            return BY_MODALITY[modality], "networks under a linear head: gradients are exact"
        return OCCLUSION, f"gradients cannot be taken: {reason}"
    if wanted not in plugins.names(ROOM):
        raise ConfigError(choice_message("method", wanted, [AUTO, *plugins.names(ROOM)]))
    if reason := _why_not_loadable(wanted):
        raise ConfigError(f"{wanted} takes gradients; {reason}. {INSTEAD}")
    plugin = plugins.load(ROOM, wanted)
    if plugin.modality and plugin.modality != modality:
        raise ConfigError(f"{wanted} explains the kind of input {plugin.modality!r}; this model takes {modality!r}.")
    if "gradients" in plugin.needs and (reason := why_not_differentiable(shipped)):
        raise ConfigError(f"{wanted} needs networks under a linear head; {reason}. Use --method occlusion.")
    return wanted, "asked for"


def _why_not_inside(shipped: Bundle) -> str | None:
    """Maps of pictures and embeddings of texts lie between stages; None where they are there or not needed."""
    backbones = [shipped.manifest.networks[source.name].backbone for source in shipped.manifest.sources]
    flat = [each.name for each in backbones if len(each.card.get("stages") or ()) < 2]
    if shipped.schema.modality == "sound" or not flat:
        return None
    return f"{flat[0]} is one stage, so there is nothing between its input and its features"


def _why_not_loadable(name: str) -> str | None:
    """Explainers that take gradients import torch; None where this one can be imported."""
    try:
        plugins.load(ROOM, name)
    except ImportError as error:
        return f"that needs torch, which cannot be imported ({error})"
    return None
