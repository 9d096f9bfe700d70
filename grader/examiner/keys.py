"""What recordings follow from, as one digest: the key under which they are kept.

That is what a verdict depends on, without the submission (`grader.digests`), and also the machine:
a reference computed on another processor differs in the last digits.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
from functools import cache
from pathlib import Path

import torch

from grader.course import Course
from grader.digests import engine_digest, exercise_digest


def key_of(course: Course, exercise: str, seed: int, device: str, data: Path | None) -> str:
    """The key of an exercise's recordings, for as long as no file that it covers is changed."""
    parts = [exercise_digest(course, exercise), _engine(), seed, device, _data(data)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def _engine() -> str:
    """This grader as it was started, its libraries and the machine."""
    parts = [
        *(engine_digest(), sys.version, torch.__version__, torch.backends.cpu.get_cpu_capability()),
        *(platform.machine(), platform.libc_ver(), _processor()),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _processor() -> list[str]:
    """What kind of processor this is, and what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    kinds = ("vendor_id", "model name", "flags", "Features", "CPU part")
    return sorted({line for line in lines if line.split(":")[0].strip() in kinds})


def _data(folder: Path | None) -> list[tuple[str, int, int]]:
    """The data folder's files as they look from outside; its place counts too."""
    if folder is None:
        return []
    found = [(str(folder), 0, 0)]
    for place, _, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            with contextlib.suppress(OSError):
                file = os.stat(path)
                found.append((path, file.st_size, file.st_mtime_ns))
    return sorted(found)
