"""What is read off /proc/cpuinfo."""

from __future__ import annotations

import pytest

from headstart.runtimes import machine


@pytest.fixture
def cpu_info(monkeypatch):
    return lambda **entries: monkeypatch.setattr(machine, "_cpu_info", lambda: entries)


def test_the_model_carries_its_numbers(cpu_info):
    cpu_info(**{"model name": "Some Processor", "cpu family": "6", "model": "167", "stepping": "1"})
    assert machine.cpu_model() == "Some Processor 6/167/1"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"flags": "fpu avx512_bf16"}, True),
        ({"flags": "fpu amx_bf16"}, True),
        ({"Features": "asimd bf16 i8mm"}, True),
        ({"flags": "avx2 fma"}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_told_by_the_flags(cpu_info, entries, expected):
    cpu_info(**entries)
    assert machine.computes_bfloat16() is expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [({"flags": "avx2 avx_vnni"}, True), ({"flags": "amx_int8"}, True), ({"Features": "asimddp"}, True),
     ({"flags": "avx2 fma"}, False), ({}, False)],
)  # fmt: skip
def test_8_bit_integers_are_told_by_the_flags(cpu_info, entries, expected):
    cpu_info(**entries)
    assert machine.computes_int8() is expected


def test_without_the_file_a_model_is_still_named(cpu_info):
    cpu_info()
    assert machine.cpu_model()
