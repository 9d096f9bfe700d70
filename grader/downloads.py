"""How LMSs, browsers and GitHub name downloads, and which exercise a downloaded file is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

# Full Name_12345_assignsubmission_file: a folder, or the start of each file's name.
MOODLE_FOLDER = re.compile(r".+_\d+_assignsubmission_[a-z]+", re.DOTALL)
MOODLE_FILE = re.compile(r"(?P<student>.+?_\d+_assignsubmission_file)_(?P<file>.+)", re.DOTALL)
# lastfirst_LATE_<user>_<attempt>_losses.py
CANVAS_FILE = re.compile(
    r"(?P<name>.+?)_(?:LATE_)?(?P<user>\d+)_(?P<attempt>\d+)_(?P<file>.+)", re.DOTALL
)
GRADESCOPE_FOLDER = re.compile(r"submission_\d+")
# losses-1.py from Canvas, losses (1).py from a browser: the same file, handed in again.
AGAIN = re.compile(r"(?P<stem>.+?)(?:-(?P<n>\d{1,9})| ?\((?P<m>\d{1,9})\))", re.DOTALL)
# hw-main, hw-3f2c1d9: what GitHub calls the one folder in its zips.
GITHUB_FOLDER = re.compile(r".+-(?:main|master|[0-9a-f]{7,40})", re.DOTALL)
NOTEBOOK = ".ipynb"
SOURCES = (".py", NOTEBOOK)  # what is read of what is handed in


@dataclass(frozen=True)
class LooseFile:
    """One file of an LMS's flat download."""

    name: str
    student: str
    file: str  # the student's own name for it
    again: tuple[int, int]  # greater for what was handed in later


def loose_file(name: str) -> LooseFile | None:
    """Whose file an LMS says this is; None where the name is no LMS's."""
    if match := MOODLE_FILE.fullmatch(name):
        student, file, attempt = match["student"], match["file"], 0
    elif match := CANVAS_FILE.fullmatch(name):
        student, file = f"{match['name']}_{match['user']}", match["file"]
        attempt = int(match["attempt"][:18])
    else:
        return None
    stem, dot, suffix = file.partition(".")
    if again := AGAIN.fullmatch(stem):
        number = int(again["n"] or again["m"])
        return LooseFile(name, student, again["stem"] + dot + suffix, (number, attempt))
    return LooseFile(name, student, file, (0, attempt))


def latest(files: Iterable[LooseFile]) -> dict[str, str]:
    """The student's own names for files, each with the file handed in last under that name."""
    return {file.file: file.name for file in sorted(files, key=lambda file: file.again)}


def sources(files: dict[str, str], exercises: Collection[str]) -> dict[str, str]:
    """The Python files and notebooks among them, by the names that they count as."""
    named = {file: name for file, name in files.items() if _is_source(file)}
    for file in sorted(named):
        exercise = exercise_file(file, exercises)
        # alice_losses.py counts as losses.py where the student has no file of that very name.
        if exercise is not None and exercise not in named:
            named[exercise] = named.pop(file)
    return dict(sorted(named.items()))


def exercise_file(name: str, exercises: Collection[str]) -> str | None:
    """The exercise file that a file stands for: losses.py for alice_losses.py and losses-1.py.

    Of a notebook the same in its own kind: losses.ipynb for alice_losses.ipynb, and for what Google
    Drive calls a copy.
    """
    suffix = next((each for each in SOURCES if name.endswith(each)), None)
    if suffix is None:
        return None
    stem = name.removesuffix(suffix)
    again = AGAIN.fullmatch(stem)
    stems = (stem, again["stem"]) if again else (stem,)
    before = ("_", " ") if suffix == NOTEBOOK else ("_",)  # Copy of losses.ipynb
    for exercise in sorted(exercises, key=len, reverse=True):
        ends = tuple(f"{each}{exercise}" for each in before)
        if any(plain == exercise or plain.endswith(ends) for plain in stems):
            return f"{exercise}{suffix}"
    return None


def is_notebook(name: str) -> bool:
    return name.endswith(NOTEBOOK)


def is_lms_folder(name: str) -> bool:
    """Whether an LMS gave a folder this name, for one student's submission."""
    return bool(MOODLE_FOLDER.fullmatch(name) or GRADESCOPE_FOLDER.fullmatch(name))


def is_github_folder(name: str) -> bool:
    """Whether GitHub gave a folder this name, around everything in a zip."""
    return bool(GITHUB_FOLDER.fullmatch(name))


def typed_online(name: str) -> str | None:
    """For Moodle's folder of what a student typed: the folder of the files sent with it."""
    if not MOODLE_FOLDER.fullmatch(name) or not name.endswith("_onlinetext"):
        return None
    return name.removesuffix("_onlinetext") + "_file"


def _is_source(file: str) -> bool:
    return file.endswith(SOURCES) and file.isprintable()
