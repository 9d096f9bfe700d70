"""What no handout may hold, and the search for it in what is about to be given away.

Hidden are the solutions, the hidden checks, the known mistakes and the drafts: their telling lines
and the names that they alone define. A handout is searched as it lies on the disk, in all its
bytes: text, what a compiled file names, and what an archive or a compressed stream holds.
"""

from __future__ import annotations

import ast
import bisect
import bz2
import contextlib
import functools
import gzip
import io
import keyword
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course
from grader.handout.modules import PACKAGE
from grader.stubs import stub_of

# A line gives something away where it is long enough and speaks of enough things, so that nobody
# writes it by chance; of shorter ones, a few in a row do.
_TELLING_LENGTH = 20  # characters, spaces and quotes not counted
_TELLING_WORDS = 5  # different ones, Python's own not counted
_LINES_TOGETHER = 4
_TELLING_NAME = 8  # characters
_NESTING = 4  # archives in archives that are looked into

# Folders and files that are never a student's, whatever is in them.
_NEVER = {".git", "__pycache__", ".venv", "solutions", "checks"}
_COMPILED = (".pyc", ".pyo", ".pyd", ".so")
_UNSEEN = re.compile(r"[\s\\\"']+")  # how text is laid out or quoted does not hide it
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Leak:
    """Something hidden that was found: where, what it says and which hidden file it is from."""

    place: str
    says: str
    source: str

    def __str__(self) -> str:
        return f"{self.place}: {self.says!r} is of {self.source}"


@dataclass
class Hidden:
    """The lines and names of a course that nobody may read, each with the file that it is from."""

    lines: dict[str, tuple[str, str]] = field(default_factory=dict)  # (as written, source)
    names: dict[str, str] = field(default_factory=dict)
    _vocabulary: str = ""

    @classmethod
    def of(cls, course: Course, grader: Iterable[str] = (), told: Iterable[str] = ()) -> Hidden:
        """All that is hidden of a course, drafts included.

        `told` is what students are told of known mistakes: their names and hints.
        `grader` are sources of the grader's own. A string of theirs is no secret: checks ask probes
        by such names. Of a grader that lies outside the course nothing is: no author wrote in it.
        """
        grader = list(grader)
        hidden = cls(_vocabulary=_Public(grader).plain)
        ours = grader if course.root / "grader" != PACKAGE else []
        graded, drafts = course.graded().exercises, [one for one in course.exercises if one.draft]
        # Stubs are made anew here: what stands in exercises/ is under suspicion too.
        stubs = [stub_of(_text(course.solutions / one.file_name)) for one in graded]
        checks = [_text(course.stubs / f"test_{one.name}.py") for one in graded]
        as_source = course.policy.handout.hints == "source"
        mistakes = course.graded().misconception_files() if as_source else []
        # In a source and in a record alike, a comma follows.
        given = [*ours, *stubs, *map(_text, mistakes), *(f"{one}," for one in told)]
        hidden._add(course, _files(course.solutions), _Public(given))
        public = _Public(given, checks)
        for folder in (course.hidden_checks, course.misconceptions):
            no_secret = {folder / "__init__.py", *mistakes}  # it says what the folder is for
            files = [file for file in _files(folder) if file not in no_secret]
            hidden._add(course, files, public)
        for one in drafts:
            places = (course.stubs / one.file_name, course.stubs / f"test_{one.name}.py")
            hidden._add(course, [file for file in places if file.is_file()], public)
        return hidden

    def _add(self, course: Course, files: Iterable[Path], public: _Public) -> None:
        """Hide files, but for what the public sources say too."""
        for file in files:
            text, source = _text(file), file.relative_to(course.root).as_posix()
            names, strings = _names_and_strings(text)
            strings = [one for one in strings if _UNSEEN.sub("", one) not in self._vocabulary]
            for written in [*_lines(text), *strings]:
                line = _UNSEEN.sub("", written)
                if line not in public.plain:
                    self.lines.setdefault(line, (written, source))
            for name in names - public.names:
                self.names.setdefault(name, source)

    @property
    def size(self) -> int:
        """How many lines and names are searched for."""
        return len(self.lines) + len(self.names)

    def leaks_below(self, folder: Path) -> Iterator[Leak]:
        """What is hidden in a folder: in its files, and files that nobody may have at all."""
        for file in sorted(folder.rglob("*")):
            place = file.relative_to(folder)
            if file.name in _NEVER or file.suffix in _COMPILED:
                yield Leak(place.as_posix(), file.name, "what no handout holds")
            if file.is_file():
                yield from self.leaks(place.as_posix(), file)

    def leaks(self, place: str, file: Path) -> Iterator[Leak]:
        """What is hidden in the bytes of a file, in what is packed in it, and in their names."""
        for inner, data in _unpacked(place, file.read_bytes()):
            yield from self._names_in(inner, inner)
            for text in _texts(data):
                yield from self._names_in(inner, text)
                yield from self._lines_in(inner, text)

    def _names_in(self, place: str, text: str) -> Iterator[Leak]:
        found = set(_WORD.findall(text)) & self.names.keys()
        if "\0" in text and not _is_archive(text):  # compiled, its names run into one another
            found |= {name for name in self.names if name in text}
        for name in sorted(found):
            yield Leak(place, name, self.names[name])

    def _lines_in(self, place: str, text: str) -> Iterator[Leak]:
        plain, numbers = _plain_with_lines(text)
        for at in range(len(plain) - _TELLING_LENGTH + 1):
            for line in self._starts.get(plain[at : at + _TELLING_LENGTH], ()):
                if plain.startswith(line, at):
                    number = bisect.bisect_right(numbers, at)
                    written, source = self.lines[line]
                    yield Leak(f"{place}, line {number}", written, source)

    @functools.cached_property
    def _starts(self) -> dict[str, list[str]]:
        starts: dict[str, list[str]] = {}
        for line in self.lines:
            starts.setdefault(line[:_TELLING_LENGTH], []).append(line)
        return starts


class _Public:
    """What anybody may read: as it is compared, and the names that come in it."""

    def __init__(self, sources: Iterable[str], checks: Iterable[str] = ()) -> None:
        """Of `checks`, the names are those that they define: one that they tell of is a leak."""
        sources, checks = list(sources), list(checks)
        self.plain = _UNSEEN.sub("", "\n".join([*sources, *checks]))
        self.names = set(_WORD.findall("\n".join(sources)))
        for check in checks:
            self.names |= _names_and_strings(check)[0]


def _files(folder: Path) -> list[Path]:
    """The files of a hidden folder that somebody wrote."""
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [file for file in found if file.is_file() and "__pycache__" not in file.parts]


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


def _lines(text: str) -> Iterator[str]:
    """Each line of a source with as few of those above it as make it telling; no imports."""
    run: list[str] = []
    for written in text.splitlines():
        if not _UNSEEN.sub("", written) or re.match(r"\s*(import|from)\s", written):
            run = []
            continue
        run = [*run[-_LINES_TOGETHER + 1 :], written.strip()]
        for number in range(1, len(run) + 1):
            together = " ".join(run[-number:])
            if _is_telling(together):
                yield together
                break


def _names_and_strings(text: str) -> tuple[set[str], list[str]]:
    """The functions and classes that a source defines under a name that nobody else would use, and
    the telling lines of its strings, such as hints."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):  # of another kind, such as TOML
        return set(), []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in nodes if isinstance(node, kinds)}
    strings = [node.value for node in nodes if isinstance(node, ast.Constant)]
    said = [line for one in strings if isinstance(one, str) for line in one.splitlines()]
    telling = {name for name in names if len(name) >= _TELLING_NAME and "_" in name.strip("_")}
    return telling, [line.strip() for line in said if _is_telling(line)]


def _is_telling(written: str) -> bool:
    words = {word for word in _WORD.findall(written) if not keyword.iskeyword(word)}
    return len(_UNSEEN.sub("", written)) >= _TELLING_LENGTH and len(words) >= _TELLING_WORDS


def _plain_with_lines(text: str) -> tuple[str, list[int]]:
    """The text as it is searched, and where in it each line begins."""
    parts, starts, length = [], [], 0
    for line in text.splitlines():
        starts.append(length)
        parts.append(_UNSEEN.sub("", line))
        length += len(parts[-1])
    return "".join(parts), starts


def _texts(data: bytes) -> Iterator[str]:
    """The bytes read as text; what a compiled file names stands in it as it is."""
    yield data.decode("utf-8", "replace")
    if data.count(b"\0") > len(data) / 4:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield data.decode(encoding, "replace")


def _is_archive(text: str) -> bool:
    return text.startswith("PK")


def _unpacked(place: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """A file, and whatever is packed in it, each with its name below `place`."""
    yield place, data
    if depth == _NESTING or not data:
        return
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            inner = _unpacked(f"{place}/{member.filename}", archive.read(member), depth + 1)
            if member.compress_type == zipfile.ZIP_STORED:
                next(inner)  # it stands in the archive as it is
            yield from inner
    for inflate in _INFLATING:
        with contextlib.suppress(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            yield from _unpacked(f"{place} (unpacked)", inflate(data), depth + 1)


_INFLATING = (gzip.decompress, bz2.decompress, lzma.decompress, zlib.decompress)
