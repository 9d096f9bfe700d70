"""A folder of files, one a submission, that is there as a whole or not at all."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

# What `grader.reports.names.file_stem` gives: a folder of such names alone may be written anew.
_OURS = re.compile(r"([a-z0-9-]*-)?[0-9a-f]{8}\.[a-z]+")


class FolderError(Exception):
    """The folder cannot be written: says which, why, and what to do."""


def write_folder(folder: Path, texts: Iterable[tuple[str, str]]) -> int:
    """Write each text as UTF-8 under its name, beside the folder, then rename; how many.

    A folder that holds nothing but such files is replaced; whatever else is in the way stays, and
    is a FolderError.
    """
    beside = folder.with_name(f".{secrets.token_hex(8)}.unfinished")
    old = beside.with_suffix(".old")
    written = 0
    try:
        _check(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        for name, text in texts:
            (beside / name).write_bytes(text.encode("utf-8"))
            written += 1
        if folder.exists():
            folder.rename(old)  # no moment without one or the other's texts on disk
        beside.rename(folder)
    except OSError as error:
        raise FolderError(f"{folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return written


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderError(f"{folder}: is no folder: name a new one")
    if folder.exists():
        for entry in folder.iterdir():
            if not _OURS.fullmatch(entry.name):
                raise FolderError(
                    f"{folder}: holds {entry.name!r}, which is not from here: name a new folder"
                )
