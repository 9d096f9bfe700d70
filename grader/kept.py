"""What is kept beside a course between runs: the folder `.grader`, and in it copies of a student's
files, taken before something is written over them."""

from __future__ import annotations

import time
from pathlib import Path

FOLDER = ".grader"


def made_folder(root: Path) -> Path:
    """The folder of what is kept between runs, made where it is missing; git leaves it alone."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def keep_copy(root: Path, name: str, content: bytes) -> Path:
    """Keep what a file of this name holds in the course's backups; returns where it is.

    The copy's name says when. Where one of that second holds the same, that is it. OSError passes.
    """
    folder = made_folder(root) / "backups"
    folder.mkdir(exist_ok=True)
    moment = time.strftime("%Y-%m-%d_%H-%M-%S")
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        again = "" if number == 1 else f"_{number}"
        copy = folder / f"{stem}_{moment}{again}{suffix}"
        try:
            with copy.open("xb") as file:
                file.write(content)
        except FileExistsError:
            if copy.read_bytes() != content:
                number += 1
                continue
        return copy
