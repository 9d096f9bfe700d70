"""Puts a handout in its place: a folder and the zip of it, both whole or not at all.

Nothing that somebody else put there, or changed since, is lost: it is refused, by name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

MARKER = ".handout.json"  # lies in every handout, with the digests of its files
FORMAT = 1
# What comes into being by using a handout, and comes again.
_CACHES = {".venv", "__pycache__", ".pytest_cache", ".hypothesis", "torchgrade.egg-info"}
# A backup that `grader reset` made is none of it.
_CACHE_FILES = {
    "uv.lock",
    "report.html",
    ".grader/.gitignore",
    ".grader/progress.json",
    ".grader/hints.json",
}
_NOT_PORTABLE = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[. ]$')
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier time


class HandoutError(Exception):
    """There is no handout, and all is as it was: says what is in the way and what to do."""


class Placing:
    """Where one handout goes; refused on the way in where something else is there."""

    def __init__(self, folder: Path, course: Path, hidden: Iterable[Path]) -> None:
        """`course` is the folder of course.toml; no handout goes into the `hidden` ones."""
        self.folder = Path(os.path.abspath(folder))
        self._refuse_name()
        self.archive = self.folder.with_name(f"{self.folder.name}.zip")
        self._refuse_place(course, hidden)
        self._refuse_folder()
        self._refuse_archive()
        unfinished = f".{secrets.token_hex(8)}.unfinished"
        self._made = self.folder.with_name(unfinished)
        self._zipped = self.folder.with_name(f"{unfinished}.zip")
        self._earlier = self.folder.with_name(f"{unfinished}.earlier")

    @contextlib.contextmanager
    def unfinished(self, title: str, files: Mapping[str, bytes]) -> Iterator[tuple[Path, Path]]:
        """The folder and its zip beside their place, and gone again unless `put` was called."""
        files = {**files, MARKER: _marker(title, files)}
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                file = self._made / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            write_archive(self._zipped, self.folder.name, files)
            yield self._made, self._zipped
        finally:
            shutil.rmtree(self._made, ignore_errors=True)
            self._zipped.unlink(missing_ok=True)

    def put(self) -> None:
        """Give the unfinished ones their names; what was there before stays if that fails."""
        replacing = self.folder.exists()
        if replacing:
            self.folder.rename(self._earlier)
        try:
            self._made.rename(self.folder)
            self._zipped.replace(self.archive)
        except BaseException:
            if self.folder.exists():
                self.folder.rename(self._made)
            if replacing:
                self._earlier.rename(self.folder)
            raise
        if replacing:
            shutil.rmtree(self._earlier)

    def _refuse_name(self) -> None:
        name = self.folder.name
        try:
            portable = bool(name.encode()) and not _NOT_PORTABLE.search(name)
        except UnicodeEncodeError:
            portable = False
        if not portable:
            raise HandoutError(f"{name!r} is no folder's name on every system: name another")
        if name.endswith(".zip"):
            raise HandoutError(f"{name}: name the folder; the zip is made beside it")

    def _refuse_place(self, course: Path, hidden: Iterable[Path]) -> None:
        place = Path(os.path.realpath(self.folder))
        if course.is_relative_to(place):
            raise HandoutError(f"{self.folder} holds the course itself: name a new folder")
        for folder in hidden:
            if place.is_relative_to(folder):
                raise HandoutError(f"{self.folder} is in {folder}, the course's own: name another")

    def _refuse_folder(self) -> None:
        folder = self.folder
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise HandoutError(f"{folder} is there already and no folder: name another")
        if not folder.exists() or not any(folder.iterdir()):
            return
        marker = folder / MARKER
        digests = _digests(marker.read_bytes()) if marker.is_file() else None
        if digests is None:
            raise HandoutError(f"{folder} is there already and no handout: name a new folder")
        for name, file in _files_below(folder):
            if name == MARKER:
                continue
            if name not in digests:
                raise HandoutError(f"{file} is not of the handout: move it away, or {folder}")
            if file.is_symlink() or _digest(file.read_bytes()) != digests[name]:
                raise HandoutError(
                    f"{file} was changed since the handout was made: move {folder} away"
                )

    def _refuse_archive(self) -> None:
        if not (self.archive.exists() or self.archive.is_symlink()):
            return
        with contextlib.suppress(OSError, zipfile.BadZipFile, KeyError):
            with zipfile.ZipFile(self.archive) as archive:
                markers = [one for one in archive.namelist() if one.endswith(f"/{MARKER}")]
                if markers and _digests(archive.read(markers[0])) is not None:
                    return
        raise HandoutError(f"{self.archive} is there already and no handout: move it away")


def write_archive(path: Path, folder: str, files: Mapping[str, bytes]) -> None:
    """Zip the files below `folder`: the same files give the same bytes, on any machine.

    They are stored as they are: what deflate makes of them differs from one zlib to the next.
    """
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", date_time=_EPOCH)
            entry.create_system = 3  # Unix, wherever it is made: so that the mode counts
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])


def _marker(title: str, files: Mapping[str, bytes]) -> bytes:
    digests = {name: _digest(files[name]) for name in sorted(files)}
    record = {"handout": FORMAT, "title": title, "files": digests}
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _digests(marker: bytes) -> dict[str, str] | None:
    """What a marker says of its files; None where it is none."""
    try:
        record = json.loads(marker)
        return dict(record["files"]) if record["handout"] == FORMAT else None
    except (ValueError, TypeError, KeyError):
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a handout that is in use, by its name in it; caches are passed over."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _CACHES)
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*files, *links]):
            file = Path(place, name)
            inside = file.relative_to(folder).as_posix()
            if inside not in _CACHE_FILES:
                yield inside, file
