"""Zips and tars as trees of names: read into memory, never unpacked to disk, trusted in nothing.

What is wrong with one member is held against the submission that it belongs to, and not against a
whole class's archive.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from grader import untrusted
from grader.folders import (
    MIB,
    Changed,
    DiskFolder,
    Kind,
    Parts,
    Refused,
    Tree,
    is_hidden,
    not_a_file,
    too_large,
    too_many,
)
from grader.tars import GZIP_MAGIC, is_tar, tar_members, unpacked
from grader.untrusted import quoted_name

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_INNER_BYTES = 64 * MIB  # of an archive inside an archive: it is held in memory
MAX_TAR_BYTES = 256 * MIB  # of one submission in a tar: all of it is unpacked, on the way to a file
MAX_ARCHIVE_MEMBERS = 100_000  # of one archive, which may hold a whole class
MAX_ARCHIVE_NAMES = 16 * MIB  # all names of one archive; for a zip, its whole directory
MAX_ARCHIVE_DEPTH = 16  # what lies deeper is not looked at

ARCHIVE_SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar")

# How archives of other kinds begin, under whatever name they are handed in.
OTHER_KINDS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\xfd7zXZ": "packed by xz",
    b"BZh": "packed by bzip2",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard",
}

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive; `place` is what it takes to read it."""

    kind: Kind
    size: int
    place: zipfile.ZipInfo | int
    objection: str | None = None  # why it is not read


Node: TypeAlias = "dict[str, Node | Member]"


def is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def open_archive(tree: Tree, file: Parts) -> Archive:
    """The archive that lies there, as a tree of its own; raises Refused where it cannot be read."""
    if isinstance(tree, DiskFolder):
        with tree.open(file) as stream:
            return _archive_on_disk(tree.base, file, _identity(stream))
    data = tree.read(file, MAX_INNER_BYTES)
    return Archive(file[-1], _Positioned(lambda start, size: data[start : start + size], len(data)))


class Archive:
    """A zip or a tar as a Tree: names are read at once, contents when asked for."""

    def __init__(self, name: str, raw: io.RawIOBase) -> None:
        self._top: Node = {}
        self._objections: list[tuple[Parts, str]] = []
        self._members = self._name_bytes = 0
        self._zip: zipfile.ZipFile | None = None
        self._stream: BinaryIO = _Measured(raw)
        self._lock = threading.Lock()  # a stream has one position
        with _damage_refused():
            if self._is_zip(name):
                self._zip = zipfile.ZipFile(self._stream)
                self._add_zip_members(self._zip)
            else:
                self._stream = unpacked(self._stream)
                for member in tar_members(self._stream):
                    self._add(member.name, Member(member.kind, member.size, member.start))

    def entries(self, folder: Parts, limit: int | None = None) -> dict[str, Kind]:
        node = self._node(folder)
        if not isinstance(node, dict):
            raise Refused(f"the archive has no folder {quoted_name('/'.join(folder))}")
        if limit is not None and len(node) > limit:
            raise Refused(too_many(folder, limit))
        return {name: _kind(node[name]) for name in sorted(node)}

    def kind(self, parts: Parts) -> Kind | None:
        node = self._node(parts)
        return None if node is None else _kind(node)

    def read(self, file: Parts, limit: int) -> bytes:
        node = self._node(file)
        if not isinstance(node, Member) or node.kind is not Kind.FILE:
            raise Refused(not_a_file(file[-1], self.kind(file)))
        if node.objection is not None:
            raise Refused(node.objection)
        with self._lock, _damage_refused():
            # What the header claims may refuse early; what is read decides.
            data = self._read_member(node, limit + 1) if node.size <= limit else None
        if data is None or len(data) > limit:
            raise Refused(too_large(file[-1], limit))
        return data

    def objection(self, parts: Parts) -> str | None:
        for place, reason in self._objections:
            shared = min(len(place), len(parts))
            if place[:shared] == parts[:shared]:
                return reason
        # A zip's other members are never unpacked; a tar's are, on the way to the wanted one.
        if self._zip is None and _unpacked_bytes(self._node(parts)) > MAX_TAR_BYTES:
            size = MAX_TAR_BYTES // MIB
            return f"the archive unpacks to more than {size} MiB: leave data out"
        return None

    def position(self, file: Parts) -> int:
        node = self._node(file)
        place = node.place if isinstance(node, Member) else 0
        return place.header_offset if isinstance(place, zipfile.ZipInfo) else place

    def _is_zip(self, name: str) -> bool:
        """What the content says, where it does; else what the name says."""
        start = self._stream.read(512)
        self._stream.seek(0)
        if not start:
            raise Refused(f"{quoted_name(name)} is empty, 0 bytes long: hand it in again")
        for magic, kind in OTHER_KINDS.items():
            if start.startswith(magic):
                what = f"{quoted_name(name)} is {kind}, which is not read"
                raise Refused(f"{what}: make a .zip or .tar.gz of it")
        if start.startswith(b"PK"):
            return True
        return name.lower().endswith(".zip") and not (start.startswith(GZIP_MAGIC) or is_tar(start))

    def _node(self, parts: Parts) -> Node | Member | None:
        node: Node | Member | None = self._top
        for part in parts:
            node = node.get(part) if isinstance(node, dict) else None
        return node

    def _read_member(self, member: Member, limit: int) -> bytes:
        if self._zip is not None and isinstance(member.place, zipfile.ZipInfo):
            with self._zip.open(member.place) as stream:
                return stream.read(limit)
        self._stream.seek(cast(int, member.place))
        data = self._stream.read(member.size)
        if len(data) < member.size:
            raise EOFError("it ends in the middle of a file")
        return data

    def _add_zip_members(self, archive: zipfile.ZipFile) -> None:
        for info in archive.infolist():
            reason = _unreadable_member(info)
            self._add(info.filename, Member(_zip_kind(info), info.file_size, info, reason))

    def _add(self, name: str, member: Member) -> None:
        """Enter one member under the names that lead to it, where it is looked at."""
        self._members += 1
        self._name_bytes += len(name)
        if self._members > MAX_ARCHIVE_MEMBERS or self._name_bytes > MAX_ARCHIVE_NAMES:
            most = f"{MAX_ARCHIVE_MEMBERS:,} members"
            raise Refused(f"the archive holds more than {most}: leave data out")
        path, leads_out = _split(name)
        if leads_out:
            what = f"the archive holds {quoted_name(name)}, a path that leads out of it"
            self._object(path, f"{what}: pack it anew")
        if not path or len(path) > MAX_ARCHIVE_DEPTH or any(map(is_hidden, path)):
            return
        is_folder = leads_out or member.kind is Kind.FOLDER
        folder = self._folder(path if is_folder else path[:-1])
        if folder is None or is_folder:
            return
        # Which of the two is meant must not be guessed, where it matters.
        is_read = path[-1].endswith((".py", ".ipynb")) or is_archive(path[-1])
        if folder.setdefault(path[-1], member) is not member and is_read:
            self._object(path, f"the archive holds {quoted_name(name)} twice: leave one out")

    def _folder(self, path: Parts) -> Node | None:
        """The folder of that path, made where missing; None where a file is in the way."""
        folder = self._top
        for depth, part in enumerate(path, start=1):
            inner = folder.setdefault(part, {})
            if isinstance(inner, Member):
                name = quoted_name("/".join(path[:depth]))
                self._object(path[:depth], f"the archive holds {name} twice: leave one out")
                return None
            folder = inner
        return folder

    def _object(self, path: Parts, reason: str) -> None:
        self._objections.append((path, reason))


class _Positioned(io.RawIOBase):
    """A file given as a function from place and size to bytes."""

    def __init__(self, fetch: Callable[[int, int], bytes], length: int) -> None:
        self._fetch, self._length, self._at = fetch, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        if start + offset < 0:
            # What zipfile expects of a file that is shorter than an archive's end.
            raise io.UnsupportedOperation("it points before its own start")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._fetch(self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Measured(io.BufferedReader):
    """Refuses what no honest zip asks for: its directory is read at once, as long as it claims."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw, 256 * 1024)
        self._length = self.seek(0, io.SEEK_END)
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(self._length - self.tell(), 0)
        asked = left if size is None or size < 0 else min(size, left)
        if asked > MAX_ARCHIVE_NAMES:
            raise Refused("the archive's directory is too large to be read: leave data out")
        return super().read(asked)


# A class's archive is asked for one submission after another: its names are read but once.
@lru_cache(maxsize=1)
def _archive_on_disk(base: Path, file: Parts, identity: tuple[int, ...]) -> Archive:
    folder = DiskFolder(base)

    def fetch(start: int, size: int) -> bytes:
        # Opened for each read: no descriptor stays open, and none is shared with a forked process.
        with folder.open(file) as stream:
            if _identity(stream) != identity:
                raise Changed(f"{quoted_name(file[-1])} changed while it was read: grade it again")
            stream.seek(start)
            return stream.read(size)

    return Archive(file[-1], _Positioned(fetch, length=identity[0]))


def _identity(stream: BinaryIO) -> tuple[int, ...]:
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Turn whatever a damaged archive raises into Refused."""
    try:
        yield
    except UnicodeError:
        reason = "the archive is damaged (a name in it cannot be decoded): make it anew"
        raise Refused(reason) from None
    except DAMAGE as error:
        detail = untrusted.line(str(error), 200) or type(error).__name__
        raise Refused(f"the archive is damaged ({detail}): make it anew") from error


def _split(name: str) -> tuple[Parts, bool]:
    """The names on a member's path, up to where it leads out of the archive; whether it does."""
    path = name.replace("\\", "/")  # which some Windows tools write
    if path.startswith("/") or re.match("[A-Za-z]:/", path):
        return (), True
    inside: list[str] = []
    for part in path.split("/"):
        if part == "..":
            return tuple(inside), True
        if part not in ("", "."):
            inside.append(part)
    return tuple(inside), False


def _unpacked_bytes(node: Node | Member | None) -> int:
    """How many bytes the members under a folder claim to hold."""
    unpacked = 0
    waiting = [node]
    while waiting:
        match waiting.pop():
            case dict() as folder:
                waiting.extend(folder.values())
            case Member(size=size):
                unpacked += size
    return unpacked


def _kind(node: Node | Member) -> Kind:
    return Kind.FOLDER if isinstance(node, dict) else node.kind


def _unreadable_member(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 0x1:
        return "the archive is encrypted: make it without a password"
    # Other methods turn a few bytes into gigabytes in one step.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        name = quoted_name(info.filename)
        return f"the archive packs {name} by another method than deflate: make a plain .zip"
    return None


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    if info.filename.endswith(("/", "\\")):
        return Kind.FOLDER
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode == stat.S_IFLNK:
        return Kind.LINK
    return Kind.FILE if mode in (0, stat.S_IFREG) else Kind.SPECIAL
