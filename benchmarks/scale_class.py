"""The classes that `scale.py` grades: small submissions of one exercise of a small course."""

from __future__ import annotations

import csv
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from small import solutions, write_course  # type: ignore[import-not-found]  # found where tests are

EXERCISE = "doubling"
RIGHT = solutions()["doubling.py"]
KNOWN_MISTAKE = "def double(x):\n    return x * x\n"
OTHER_MISTAKE = "def double(x):\n    return x + x.abs()\n"
UNFINISHED = "def double(x):\n    raise NotImplementedError\n"
BROKEN = "def double(x:\n"
ENDED = "import os\n\n\ndef double(x):\n    os._exit(0)\n"
# Of ten submissions that stand beside each other; None is a folder without the exercise.
KINDS = (RIGHT, KNOWN_MISTAKE, RIGHT, UNFINISHED, None, RIGHT, BROKEN, OTHER_MISTAKE, RIGHT, ENDED)
ZIPPED, DAMAGED = 5, 8  # which of the ten are handed in as a zip, and as one that is cut short
REJECTED = 2  # of ten
MOODLE = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (submission)", "Last modified (grade)"),
    "Feedback comments",
)

_REST = ("Yes", "-", "-", "")  # of a row of that


def make_course(folder: Path) -> Path:
    """The course, of which one exercise is graded."""
    made: Path = write_course(folder)
    return made


def make_class(folder: Path, size: int) -> Path:
    """A folder of submissions, no two of the same bytes."""
    folder.mkdir(parents=True)
    for number in range(size):
        name, kind = student(number), number % len(KINDS)
        source = KINDS[kind]
        text = "sorry" if source is None else f"# {number}\n{source}"
        file = "notes.txt" if source is None else f"{EXERCISE}.py"
        if kind in (ZIPPED, DAMAGED):
            _zip(folder / f"{name}.zip", file, text, damaged=kind == DAMAGED)
        else:
            (folder / name).mkdir()
            (folder / name / file).write_text(text, encoding="utf-8")
    return folder


def make_rosters(folder: Path, size: int) -> tuple[Path, Path]:
    """The class as an instructor's own list, and as the worksheet that Moodle gives."""
    folder.mkdir(parents=True)
    own, moodle = folder / "roster.csv", folder / "worksheet.csv"
    names = [_handed_in(number) for number in range(size)]
    with open(own, "w", encoding="utf-8", newline="") as file:
        rows = [(f"Student {n}", f"s{n}", f"s{n}@x.example", name) for n, name in enumerate(names)]
        csv.writer(file).writerows([("name", "id", "email", "submission"), *rows])
    with open(moodle, "w", encoding="utf-8", newline="") as file:
        identified = [
            (f"Participant {n}", name, f"s{n}@x.example", "Submitted", "", "100.00", *_REST)
            for n, name in enumerate(names)
        ]
        csv.writer(file).writerows([MOODLE, *identified])
    return own, moodle


def student(number: int) -> str:
    return f"student{number:05}"


def _handed_in(number: int) -> str:
    """The id of a submission: the name of its folder or file."""
    zipped = number % len(KINDS) in (ZIPPED, DAMAGED)
    return f"{student(number)}.zip" if zipped else student(number)


def _zip(path: Path, file: str, text: str, *, damaged: bool) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(file, text)
    if damaged:
        path.write_bytes(path.read_bytes()[:-30])
