"""Text separated by tabs, with a header; another separator is recognised where it fits better."""

from __future__ import annotations

from headstart.core.plugins import Plugin
from headstart.data.table_formats.csv import build

PLUGIN = Plugin(build=build)
