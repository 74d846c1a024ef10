"""Kinds of inputs: one file each, a ``core.modality.Modality`` behind its ``PLUGIN``.

For: looking at an input cheaply, preparing it for a network, telling near-duplicates, measuring simple facts, showing
it in a report.

Must not know: networks, targets, where inputs come from.

To add: a file here; its name is the modality's name, and the ``kind`` of the preprocessing it executes.
"""

from __future__ import annotations

from headstart.core import plugins
from headstart.core.modality import Modality

ROOM = "data.modalities"


def modality(name: str) -> Modality:
    """The modality called ``name``; raises ConfigError with the nearest name."""
    plugin = plugins.load(ROOM, name)
    built: Modality = plugin.build(plugin.config())
    return built
