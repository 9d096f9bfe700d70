"""Copies of a student's files, taken before something is written over them."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from grader.student.progress import made_folder


def digest_of(source: str) -> str:
    """Of a student's file, short: it stands in the set-up cell of a notebook.

    Blanks at the ends of lines do not count: of some a notebook loses them.
    """
    text = "\n".join(line.rstrip() for line in source.rstrip().split("\n"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def keep_copy(course: Path, file: Path) -> Path:
    """Copy a file to the course's backups, under a name that says when; returns where it is.

    Where a copy of that second holds the same, that is it. OSError passes.
    """
    folder = made_folder(course) / "backups"
    folder.mkdir(exist_ok=True)
    moment = time.strftime("%Y-%m-%d_%H-%M-%S")
    number = 1
    copy = folder / f"{file.stem}_{moment}{file.suffix}"
    while copy.exists() and copy.read_bytes() != file.read_bytes():
        number += 1
        copy = folder / f"{file.stem}_{moment}_{number}{file.suffix}"
    if not copy.exists():
        shutil.copyfile(file, copy)
    return copy
