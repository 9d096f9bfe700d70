"""Folders, zips and LMS downloads -> Submission: found cheaply, then read once, into memory.

This is the trusted side: what is hostile, damaged or not what was asked for is rejected with one
sentence, and nothing handed in is dropped.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import downloads, untrusted
from grader.archives import is_archive, open_archive
from grader.folders import DiskFolder, Kind, Parts, Refused, Tree, unreadable
from grader.profile import READING, timed
from grader.roots import (
    MAX_DEPTH,
    MAX_ENTRIES,
    UNREAD_SUFFIXES,
    accept,
    exercise_files,
    find_root,
    holds_exercises,
    may_hold_work,
    no_exercise,
    several_archives,
    unread_archive,
)
from grader.sources import notebook_folders, read_sources


class SubmissionError(Exception):
    """A path that cannot be graded at all: says what, where and what to do."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in: names and bytes of the modules, or why it is rejected."""

    id: str
    files: Mapping[str, bytes]
    reason: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 in hex: names, lengths and contents of the files; the reason where rejected."""
        parts = [part for name in sorted(self.files) for part in (name.encode(), self.files[name])]
        if self.reason is not None:
            parts.append(self.reason.encode("utf-8", "backslashreplace"))
        digest = hashlib.sha256()
        for part in parts:
            digest.update(b"%d:" % len(part) + part)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """Where one submission is: a folder on disk, and names on through folders and archives."""

    id: str
    base: Path
    inside: Parts = ()
    # Loose files in that folder: what each counts as, and its own name.
    files: tuple[tuple[str, str], ...] = ()
    reason: str | None = None

    @property
    def place(self) -> Parts:
        """The same for the same submission, whatever path led to it."""
        base = Path(os.path.realpath(self.base))
        return (*base.parts, *self.inside, *(name for _, name in self.files))


@timed(READING)
def find_submissions(paths: Sequence[Path], exercises: Collection[str]) -> list[Found]:
    """Every submission in the given paths, sorted by id; ids are printable and distinct.

    Args:
        paths: folders of submissions, single submissions, archives of either, .py and .ipynb files.
        exercises: the names of the course's exercises, such as "losses".

    Raises:
        SubmissionError: a path does not exist, or there is nothing in it to grade.
    """
    found: list[Found] = []
    loose: dict[Path, dict[str, Kind]] = defaultdict(dict)
    alone = len(paths) == 1
    for path in (Path(os.path.abspath(each)) for each in paths):
        kind = _kind_on_disk(path)
        if kind is Kind.FOLDER:
            found += _in_folder(path, (), exercises, alone=alone)
        elif kind is Kind.LINK:
            found.append(_linked(Found(untrusted.name(path.name), path.parent, (path.name,))))
        elif is_archive(path.name) and (alone or downloads.loose_file(path.name) is None):
            found += _in_archive(path, exercises)
        elif _is_candidate(path.name):
            loose[path.parent][path.name] = kind
        else:
            raise SubmissionError(
                f"{_written(path)} is neither a folder, an archive nor a .py or .ipynb file"
            )
    for folder, entries in loose.items():
        found += _children(folder, (), entries, exercises)
    if not found:
        raise SubmissionError("no path was given: name a folder of submissions")
    return _with_distinct_ids({each.place: each for each in found}.values())


@timed(READING)
def read_submission(
    found: Found, exercises: Collection[str], stubs: Mapping[str, bytes] | None = None
) -> Submission:
    """Read one submission's files, or say why not; whatever it holds, nothing is raised.

    `stubs` are what students were given, by file name: where a file is still that, a notebook
    counts before it.
    """
    try:
        if found.reason is not None:
            raise Refused(found.reason)
        return Submission(found.id, _read_files(found, exercises, stubs or {}))
    except Refused as refused:
        return Submission(found.id, {}, str(refused))
    except OSError as error:
        name = os.path.basename(os.fsdecode(error.filename or found.base.joinpath(*found.inside)))
        return Submission(found.id, {}, unreadable(name, error))


# Finding


def _kind_on_disk(path: Path) -> Kind:
    try:
        kind = DiskFolder(path.parent).kind((path.name,)) if path.name else Kind.FOLDER
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{_written(path)} cannot be opened: {error}") from error
    if kind is None:
        raise SubmissionError(f"{_written(path)} does not exist: check the path")
    return kind


def _written(path: Path) -> str:
    return untrusted.name(path.as_posix())


def _in_archive(path: Path, exercises: Collection[str]) -> list[Found]:
    try:
        return _in_folder(path.parent, (path.name,), exercises, alone=False)
    except Refused as refused:
        return [Found(untrusted.name(path.name), path.parent, (path.name,), reason=str(refused))]


def _in_folder(
    base: Path, inside: Parts, exercises: Collection[str], *, alone: bool
) -> list[Found]:
    """The submissions in a given folder or archive: itself, what it wraps, or what lies in it."""
    path = base.joinpath(*inside)
    itself = Found(untrusted.name(path.name) or "submission", base, inside)
    try:
        tree, folder = _enter(base, inside)
        entries = _candidates(tree, folder)
        one = not alone and _is_one_with_a_notebook(tree, folder, entries, exercises)
        if one or holds_exercises(tree, folder, exercises):
            return [itself]
        wrapped = _wrapped(tree, folder)
        inner = (*folder, *wrapped)
        if wrapped and _is_class(tree, inner, exercises):
            return _children(base, (*inside, *wrapped), _candidates(tree, inner), exercises)
    except OSError as error:
        if not alone:
            return [itself]
        raise SubmissionError(f"{_written(path)} cannot be read: {error.strerror}") from error
    if wrapped:
        # One folder alone is a class of one, unless it is how an archive or GitHub wraps the work.
        name = wrapped[0]
        if not alone or downloads.is_github_folder(name) or name == path.name:
            return [itself]
        return [Found(untrusted.name(name), base, (*inside, name))]
    if not entries and alone:
        what = "holds no folder, archive, .py or .ipynb file to grade"
        raise SubmissionError(f"{_written(path)} {what}")
    return _children(base, inside, entries, exercises) or [itself]


def _candidates(tree: Tree, folder: Parts) -> dict[str, Kind]:
    """What may be a submission, or a part of one, among the entries of a folder."""
    return {
        name: kind
        for name, kind in tree.entries(folder).items()
        if kind in (Kind.FOLDER, Kind.LINK) or _is_candidate(name)
    }


def _is_candidate(name: str) -> bool:
    code = name.lower().endswith((*downloads.SOURCES, *UNREAD_SUFFIXES)) or is_archive(name)
    return code or downloads.loose_file(name) is not None


def _wrapped(tree: Tree, folder: Parts) -> Parts:
    """The names of folders each of which is all there is to grade in the one before."""
    names: Parts = ()
    while len(names) < MAX_DEPTH:
        entries = _candidates(tree, (*folder, *names))
        name = next(iter(entries), "")
        if list(entries.values()) != [Kind.FOLDER] or downloads.is_lms_folder(name):
            break
        names = (*names, name)
    return names


def _is_class(tree: Tree, folder: Parts, exercises: Collection[str]) -> bool:
    """Whether a wrapped folder holds several submissions rather than being one."""
    if holds_exercises(tree, folder, exercises):
        return False
    submissions = 0
    for name, kind in _candidates(tree, folder).items():
        if kind is Kind.FOLDER and downloads.is_lms_folder(name):
            return True
        if kind is Kind.FOLDER:
            submissions += _may_be_submission(tree, (*folder, name), exercises)
        elif kind is Kind.FILE:
            submissions += is_archive(name) or downloads.exercise_file(name, exercises) is not None
        if submissions > 1:
            return True
    return False


def _is_one_with_a_notebook(
    tree: Tree, folder: Parts, entries: Mapping[str, Kind], exercises: Collection[str]
) -> bool:
    """Whether what an archive holds - a notebook, of any name, and folders - is one submission."""
    notebooks = [name for name in entries if downloads.is_notebook(name)]
    folders = [name for name, kind in entries.items() if kind is Kind.FOLDER]
    if len(notebooks) != 1 or len(folders) + 1 != len(entries):
        return False
    if downloads.loose_file(notebooks[0]) is not None or any(map(downloads.is_lms_folder, folders)):
        return False
    return sum(_may_be_submission(tree, (*folder, name), exercises) for name in folders) <= 1


def _may_be_submission(tree: Tree, folder: Parts, exercises: Collection[str]) -> bool:
    try:
        return may_hold_work(tree, folder, exercises)
    except (Refused, OSError):
        return True


def _children(
    base: Path, inside: Parts, entries: Mapping[str, Kind], exercises: Collection[str]
) -> list[Found]:
    """One submission for each entry, but for all files that an LMS says are one student's."""
    found: list[Found] = []
    students: dict[str, list[downloads.LooseFile]] = defaultdict(list)
    for name, kind in entries.items():
        itself = Found(untrusted.name(name), base, (*inside, name))
        loose = None if kind is Kind.FOLDER else downloads.loose_file(name)
        if loose is not None:
            students[loose.student].append(loose)
        elif kind is Kind.LINK:
            found.append(_linked(itself))
        elif kind is Kind.FOLDER or is_archive(name):
            if downloads.typed_online(name) not in entries:
                found.append(itself)
        elif name.lower().endswith(UNREAD_SUFFIXES):
            found.append(replace(itself, reason=unread_archive(name)))
        else:
            file = downloads.exercise_file(name, exercises) or name
            found.append(Found(untrusted.name(name), base, inside, ((file, name),)))
    for student, files in students.items():
        found.append(_grouped(Found(untrusted.name(student), base, inside), files, exercises))
    return found


def _linked(found: Found) -> Found:
    return replace(found, reason="it is a link, which is not followed: name the folder or file")


def _grouped(
    found: Found, files: Iterable[downloads.LooseFile], exercises: Collection[str]
) -> Found:
    """All that one student handed in as one submission; of a file handed in again, the last."""
    last = downloads.latest(files)
    sources = downloads.sources(last, exercises)
    archives = [name for name in last.values() if is_archive(name)]
    names = sorted(last.values())
    named = [file for file in sources if downloads.exercise_file(file, exercises) == file]
    if len(archives) == 1 and not named:
        return replace(found, inside=(*found.inside, *archives))
    if sources:
        return replace(found, files=tuple(sources.items()))
    reason = several_archives(archives) if archives else no_exercise(names, exercises)
    return replace(found, inside=(*found.inside, names[0]), reason=reason)


def _with_distinct_ids(found: Iterable[Found]) -> list[Found]:
    """Sorted by id; equal ids get the parent folder's name before, then a number after."""
    ordered = sorted(found, key=lambda each: (each.id, each.place))
    count = Counter(each.id for each in ordered)
    taken = {id for id, times in count.items() if times == 1}
    distinct = [each for each in ordered if each.id in taken]
    for each in ordered:
        if count[each.id] == 1:
            continue
        folders = (*each.base.parts, *each.inside)
        parent = folders[-1] if each.files else folders[-2]
        longer = numbered = f"{untrusted.name(parent)}/{each.id}"
        number = 1
        while numbered in taken:
            number += 1
            numbered = f"{longer} ({number})"
        taken.add(numbered)
        distinct.append(replace(each, id=numbered))
    return sorted(_told_apart(distinct), key=lambda each: each.id)


def _told_apart(found: Sequence[Found]) -> Iterator[Found]:
    """Of ids that look the same, being written in other letters, those are shown letter by letter
    that are not written as most are (Unicode's NFC)."""
    ids = {each.id for each in found}
    for each in found:
        usual = unicodedata.normalize("NFC", each.id)
        if usual != each.id and usual in ids:
            escaped = each.id.encode("ascii", "backslashreplace").decode()
            each = replace(each, id=escaped if escaped not in ids else each.id)
        yield each


# Reading


def _enter(base: Path, inside: Parts) -> tuple[Tree, Parts]:
    """The tree that names lead to, through archives, and where in it they end."""
    tree: Tree = DiskFolder(base)
    here: Parts = ()
    for name in inside:
        here = (*here, name)
        if is_archive(name) and tree.kind(here) is not Kind.FOLDER:
            accept(tree, here)
            tree, here = open_archive(tree, here), ()
    return tree, here


def _read_files(
    found: Found, exercises: Collection[str], stubs: Mapping[str, bytes]
) -> dict[str, bytes]:
    tree, folder = _enter(found.base, found.inside)
    if found.files:
        # The folder is the whole class's: what is wrong elsewhere in it is no concern of this one.
        for _, name in found.files:
            accept(tree, (*folder, name))
        names = dict(found.files)
        if not exercise_files(exercises).intersection(names) and not any(
            map(downloads.is_notebook, names)
        ):
            raise Refused(no_exercise([name for _, name in found.files], exercises))
        return read_sources(tree, folder, names, exercises, stubs)
    accept(tree, folder)
    tree, top, root = find_root(tree, folder, exercises)
    kinds = tree.entries(root, MAX_ENTRIES)
    names = {
        name: name
        for name, kind in kinds.items()
        if name.endswith(downloads.SOURCES) and name.isprintable() and kind is not Kind.FOLDER
    }
    return read_sources(tree, root, names, exercises, stubs, notebook_folders(top, root))
