"""Folders as trees of names, read into memory: no link is followed, no special file opened.

The words here (Kind, Refused, Tree) serve archives as well: grader.archives shows a zip or a tar as
the same tree.
"""

from __future__ import annotations

import errno
import os
import stat
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from grader.untrusted import line as untrusted_line
from grader.untrusted import quoted_name

MIB = 1024 * 1024
# lstat calls a Windows junction a folder, and it leads elsewhere all the same.
WINDOWS_JUNCTION = 0xA0000003

_TOOLS = ("__MACOSX", "__pycache__", "site-packages", "node_modules")

Parts: TypeAlias = tuple[str, ...]


class Refused(Exception):
    """Something handed in is not read: one sentence that says why, to be shown as it is."""


class Changed(Refused):
    """A file was written to while it was read: no part of it may count."""


class Kind(Enum):
    """What a name in a folder stands for."""

    FOLDER = "a folder"
    FILE = "a file"
    LINK = "a link"
    SPECIAL = "a pipe, socket or device"


class Tree(Protocol):
    """Folders and files by the names that lead to them; its methods raise Refused or OSError."""

    def entries(self, folder: Parts, limit: int | None = None) -> dict[str, Kind]:
        """What lies in a folder, hidden names left out, in order; more than `limit` is refused."""

    def kind(self, parts: Parts) -> Kind | None:
        """What lies there; None where nothing does."""

    def read(self, file: Parts, limit: int) -> bytes:
        """A regular file's bytes; more than `limit` is refused."""

    def position(self, file: Parts) -> int:
        """What is read in this order is read in one go."""

    def objection(self, parts: Parts) -> str | None:
        """Why what lies there, and all below it, must not be read; None where nothing is wrong."""


class DiskFolder:
    """A folder on disk, with everything below it, as a Tree."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def entries(self, folder: Parts, limit: int | None = None) -> dict[str, Kind]:
        found: dict[str, Kind] = {}
        with os.scandir(self.base.joinpath(*folder)) as listing:
            for entry in listing:
                if is_hidden(entry.name):
                    continue
                if limit is not None and len(found) == limit:
                    raise Refused(too_many(folder, limit))
                try:
                    found[entry.name] = _kind(entry.stat(follow_symlinks=False))
                except FileNotFoundError:  # removed since it was listed
                    continue
        return dict(sorted(found.items()))

    def kind(self, parts: Parts) -> Kind | None:
        try:
            return _kind(os.lstat(self.base.joinpath(*parts)))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, file: Parts, limit: int) -> bytes:
        with self.open(file) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise Refused(too_large(file[-1], limit))
        return data

    def open(self, file: Parts) -> BinaryIO:
        """A regular file, open for reading."""
        kind = self.kind(file)
        if kind is not Kind.FILE:
            raise Refused(not_a_file(file[-1], kind))
        try:
            stream = os.fdopen(_open_below(self.base, file), "rb")
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Refused(not_a_file(file[-1], Kind.LINK)) from None
            raise
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            stream.close()
            raise Refused(not_a_file(file[-1], Kind.SPECIAL))
        # A copy of a class may share files with another copy. Somebody else's file is another
        # matter: whoever could make the link may not be the one who may read it.
        folder = os.lstat(self.base.joinpath(*file[:-1]))
        if status.st_nlink > 1 and status.st_uid != folder.st_uid:
            stream.close()
            raise Refused(
                f"{quoted_name(file[-1])} is a hard link to somebody else's file: hand in a copy"
            )
        return stream

    def position(self, file: Parts) -> int:
        return 0

    def objection(self, parts: Parts) -> str | None:
        return None


def is_hidden(name: str) -> bool:
    """Whether a name is a tool's (.git, __MACOSX, .DS_Store, site-packages), none of the work."""
    return name.startswith(".") or name in _TOOLS


def not_a_file(name: str, kind: Kind | None) -> str:
    if kind is None:
        return f"{quoted_name(name)} is no longer there: grade it again"
    return f"{quoted_name(name)} is {kind.value}, which is not read: hand in the file itself"


def unreadable(name: str, error: OSError) -> str:
    said = untrusted_line(error.strerror or type(error).__name__)
    return f"{quoted_name(name)} could not be read ({said}): check its permissions"


def too_large(name: str, limit: int) -> str:
    size = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} bytes"
    advice = "clear its outputs" if name.endswith(".ipynb") else "leave data out"
    return f"{quoted_name(name)} is larger than {size}: {advice}"


def too_many(folder: Parts, limit: int) -> str:
    where = quoted_name("/".join(folder)) if folder else "the folder"
    return f"{where} holds more than {limit:,} files and folders: hand in the exercises alone"


def _kind(status: os.stat_result) -> Kind:
    if getattr(status, "st_reparse_tag", 0) == WINDOWS_JUNCTION or stat.S_ISLNK(status.st_mode):
        return Kind.LINK
    if stat.S_ISDIR(status.st_mode):
        return Kind.FOLDER
    return Kind.FILE if stat.S_ISREG(status.st_mode) else Kind.SPECIAL


def _open_below(base: Path, file: Parts) -> int:
    """Open for reading, following no link below `base` and waiting for no pipe."""
    no_follow = getattr(os, "O_NOFOLLOW", 0)
    flags = os.O_RDONLY | no_follow | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if os.open not in os.supports_dir_fd:
        return os.open(base.joinpath(*file), flags)
    # Name by name, so that a folder that turns into a link meanwhile is not followed either.
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in file[:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | no_follow, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(file[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)
