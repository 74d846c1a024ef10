"""Columns of a table as readers give them: cells by name, all of one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Columns = dict[str, Sequence[Any]]
