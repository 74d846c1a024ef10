"""What of the processor decides bits and speeds."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path


@lru_cache
def _cpu_info() -> dict[str, str]:
    """The first processor's entries of /proc/cpuinfo; empty where there is none."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def cpu_model() -> str:
    """The processor in words, with family and model numbers since virtual machines often hide the name."""
    info = _cpu_info()
    name = info.get("model name") or platform.processor() or platform.machine()
    numbers = "/".join(info[key] for key in ("cpu family", "model", "stepping") if key in info)
    return f"{name} {numbers}".strip()


def computes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated it is slower than float32."""
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & _flags())


def computes_int8() -> bool:
    """Whether the processor has instructions for sums of products of 8-bit integers; without them they gain no time."""
    return bool({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"} & _flags())


def _flags() -> set[str]:
    info = _cpu_info()
    return set(f"{info.get('flags', '')} {info.get('Features', '')}".split())  # x86 and ARM name the line differently
