"""Feather, the file form of Apache Arrow's memory; version 1 too. See ``data.arrow_rows``."""

from __future__ import annotations

from headstart.core.plugins import Plugin
from headstart.data.table_formats.parquet import build

PLUGIN = Plugin(build=build)
