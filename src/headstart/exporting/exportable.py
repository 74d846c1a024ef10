"""Which bundles can become one file, and what of them is exported."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.bundle import Bundle
from headstart.bundle.manifest import NetworkRecord
from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted, TargetKind

FORMS = ("linear", "roots")  # of heads that are written as operators
INSTEAD = "Use `headstart serve` or `headstart predict`, which run any bundle without torch."


@dataclass(frozen=True)
class Exportable:
    """One network with one head, as a bundle holds them.

    Attributes:
        shipped: The bundle.
        network: Its record: preprocessing, graph, assets.
        modality: What an input is: "image", "text", "sound".
        kind: Of the targets.
        head: Weight, bias, and how features are changed before.
    """

    shipped: Bundle
    network: NetworkRecord
    modality: str
    kind: TargetKind
    head: Fitted


def exportable(shipped: Bundle) -> Exportable:
    """The parts of a bundle that an exported model is made of.

    Raises:
        ConfigError: the bundle is not one network with a head that can be written as operators; the message says why.
    """
    manifest = shipped.manifest
    if not manifest.networks:
        raise ConfigError(
            "only a model with a pretrained network can be exported; this one is "
            f"{manifest.candidate['backbone']} with {manifest.candidate['method']}, whose features are computed by "
            f"Headstart's own code. {INSTEAD}"
        )
    if len(manifest.sources) != 1 or len(manifest.input.parts) != 1 or manifest.input.columns:
        raise ConfigError(
            "only a model that sees one input with one network can be exported; this one joins the features of "
            f"{manifest.candidate['backbone']}. {INSTEAD}"
        )
    head = shipped.fitted()
    if head.spec.get("form") not in FORMS:
        raise ConfigError(
            f"only linear heads (also on roots of features) can be exported; this model's head is a "
            f"{manifest.candidate['method']}. Fit with --method linear_probe, or: {INSTEAD}"
        )
    [network] = manifest.networks.values()
    return Exportable(shipped, network, manifest.input.parts[0].modality, shipped.task().kind, head)
