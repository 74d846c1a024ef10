"""Simulations of ``promised_coverage.py``: each takes a scale of its repeats and a generator, and gives sections."""

from __future__ import annotations

from coverage_parts.domain import domain_sections
from coverage_parts.held_out import held_out_sections
from coverage_parts.other_targets import other_sections
from coverage_parts.probes import probe_sections
from coverage_parts.when_sure import sure_sections

PARTS = {
    "held_out": held_out_sections,
    "probes": probe_sections,
    "when_sure": sure_sections,
    "other_targets": other_sections,
    "domain": domain_sections,
}
