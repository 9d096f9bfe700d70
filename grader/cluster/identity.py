"""What a worker must have in common with the machine that grades, and how to say what it has not.

The same work earns the same grade where all of this is the same (`grader.digests`): a worker that
differs in any of it examines nothing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path

from grader.digests import engine_digest

_LIBRARIES = ("torch", "torchvision", "numpy", "hypothesis", "distributed")
_MISSING = "not installed"
_SHOWN = 12  # of a digest, in hexadecimal digits
_SOURCES = {
    "engine": "the grader's own sources are others",
    "cluster": "the grader's sources for clusters are others",
}


def _room() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


_ROOM = _room()  # as it is imported: a worker may be older than its files; a warm pair is not


def identity() -> dict[str, str]:
    """Versions and digests of what is installed here; nothing of it is imported."""
    found = {"python": "{}.{}".format(*sys.version_info)}
    found |= {name: _version(name) for name in _LIBRARIES}
    try:
        found["engine"] = engine_digest()
    except importlib.metadata.PackageNotFoundError:  # which one is said above
        found["engine"] = _MISSING
    return found | {"cluster": _ROOM}


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What differs, in words; versions before sources, which follow from them."""
    said = []
    for name, ours in here.items():
        theirs = there.get(name, _MISSING)
        if ours == theirs:
            continue
        if name not in _SOURCES:
            said.append(f"{name} is {theirs} there and {ours} here")
        elif not said:  # else this may be nothing but the libraries' difference
            said.append(f"{_SOURCES[name]} ({theirs[:_SHOWN]} there, {ours[:_SHOWN]} here)")
    return said


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return _MISSING
