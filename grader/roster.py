"""The roster: who is in the class, as an LMS or a person wrote it in CSV.

Read are the gradebook that Canvas exports, Moodle's participants, grades and grading worksheet,
Gradescope's roster and grades, GitHub Classroom's roster, and a plain table with a header such as
`submission,name,email,id`. Only the header says what a column is; a value is never guessed at.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader import untrusted
from grader.lateness import parse_time

MAX_BYTES = 32 << 20
POINTS_POSSIBLE = "Points Possible"  # Canvas' row that is no student's

# What a column is, by what platforms call it (small letters, spaces for underscores).
_COLUMNS = {
    "submission": ("submission", "folder"),
    "submission_number": ("submission id",),  # Gradescope's
    "name": ("name", "full name", "student", "student name"),
    "first": ("first name", "firstname", "given name"),
    "last": ("last name", "lastname", "surname", "family name"),
    "canvas_id": ("canvas id", "canvas user id"),
    "id": ("id", "student id", "id number", "idnumber", "sid", "sis user id", "student number"),
    "login": ("login", "login id", "sis login id", "username", "user name"),
    "email": ("email", "e-mail", "email address", "mail"),
    "github": ("github", "github username"),
    "identifier": ("identifier",),  # Moodle's participant, or what GitHub Classroom was given
    "role": ("role",),  # Gradescope's: a class has instructors too
    "section": ("section", "sections", "group", "groups"),
    "submitted_at": ("submitted at", "submission time"),
    "due": ("due", "due at", "extension"),
}
_FIELDS = {title: name for name, titles in _COLUMNS.items() for title in titles}
_WHO = ("submission", "name", "last", "id", "canvas_id", "login", "email", "github", "identifier")
# What no two students have in common; groups share a submission, and people share names.
_OWN = ("canvas_id", "id", "login", "email", "github", "participant")
_PARTICIPANT = re.compile(r"\D*?(\d+)")


class RosterError(Exception):
    """The file cannot be read as a roster: says which file, which line and what to do."""


@dataclass(frozen=True)
class Student:
    """One line of a roster; what the file does not say is empty. `line` is where it begins."""

    line: int
    name: str = ""
    first: str = ""
    last: str = ""
    canvas_id: str = ""
    id: str = ""
    login: str = ""
    email: str = ""
    github: str = ""
    identifier: str = ""
    section: str = ""
    submission: str = ""
    submission_number: str = ""
    submitted_at: datetime | None = None
    due: datetime | None = None

    @property
    def participant(self) -> str:
        """The number of Moodle's "Participant 12345", which also stands in a download's names."""
        found = _PARTICIPANT.fullmatch(self.identifier)
        return found[1] if found else ""

    @property
    def identities(self) -> list[str]:
        """What this student, and nobody else, is called by somebody."""
        known = (self.canvas_id, self.id, self.login, self.email, self.github, self.identifier)
        return [identity for identity in known if identity]

    @property
    def shown(self) -> str:
        """Who this is, for a person."""
        full = self.name or f"{self.first} {self.last}".strip()
        known = (full, self.email, self.id, self.login, self.github, self.identifier)
        return next((each for each in (*known, self.submission) if each), f"line {self.line}")


@dataclass(frozen=True)
class Roster:
    """The students in the file's order, and what is wrong with it, one sentence each."""

    file: str
    students: tuple[Student, ...]
    problems: tuple[str, ...] = ()
    # Of a gradebook that Canvas exported: the titles of assignments, and what each is worth.
    canvas_assignments: Mapping[str, str] = field(default_factory=dict)


def read_roster(path: Path) -> Roster:
    """Read and check a roster; RosterError where it is none, or cannot be read without guessing."""
    shown = untrusted.name(path.name)
    rows = read_rows(path)
    try:
        columns, canvas = _columns(rows[0].cells)
    except ValueError as error:
        raise RosterError(f"{shown}: {error}") from None
    students: list[Student] = []
    problems: list[str] = []
    known: dict[tuple[str, str], Student] = {}
    worth: Sequence[str] = ()
    for row in rows[1:]:
        # A student can be called anything, and has an ID.
        if canvas and POINTS_POSSIBLE in row.cells[0] and not row.cells[columns["canvas_id"]]:
            worth = row.cells
            continue
        if "role" in columns and title(row.cells[columns["role"]]) not in ("", "student"):
            continue
        student = _student(shown, row, columns)
        if student is None:
            if not canvas:  # there, a row without a student says how grades are posted
                problems.append(f"line {row.line} names no student")
        elif repeats := _repeats(student, known):
            problems.append(repeats)
        else:
            students.append(student)
    if not students:
        raise RosterError(f"{shown}: has no students below its header")
    return Roster(shown, tuple(students), tuple(problems), _assignments(rows[0].cells, worth))


@dataclass(frozen=True)
class Row:
    """One record of a CSV file and the line on which it begins."""

    line: int
    cells: Sequence[str]


def read_rows(path: Path) -> list[Row]:
    """A CSV file's rows, the header first, all as long as it; blank ones are left out.

    UTF-8 with or without its mark, or UTF-16 with it; fields parted by comma, semicolon or tab.
    RosterError where it is not that.
    """
    shown = untrusted.name(path.name)
    text = _text(path, shown)
    first, rest = text.partition("\n")[::2]
    if first.strip().lower() in ("sep=,", "sep=;", "sep=\t"):  # for Excel
        text, separator = rest, first.strip()[4:] or "\t"
    else:
        separator = max(",;\t", key=_unquoted(first).count)
    rows: list[Row] = []
    for row in _records(text, separator, shown):
        if len(row.cells) == 1 and rows and not row.cells[0].strip():
            continue
        if rows and len(row.cells) > len(rows[0].cells) and any(row.cells[len(rows[0].cells) :]):
            raise RosterError(
                f"{shown}: line {row.line} has {len(row.cells)} cells, the header "
                f"{len(rows[0].cells)}: put quotes around a cell that holds {separator!r}"
            )
        if any(cell.strip() for cell in row.cells):
            width = len(rows[0].cells) if rows else len(row.cells)
            cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
            rows.append(Row(row.line, cells))
    if not rows:
        raise RosterError(f"{shown}: is empty: the first line must name the columns")
    return rows


def plain(text: str) -> str:
    """Text by which two are compared: one way of writing each letter, no blanks to be overseen."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def title(text: str) -> str:
    """A column's name by which it is known."""
    return plain(text).replace("_", " ").lower()


def _text(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RosterError(f"{shown}: is larger than {MAX_BYTES >> 20} MiB; is it a roster?")
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{shown}: cannot be read: {error.strerror}") from None
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RosterError(
            f"{shown}: line {line} is not UTF-8: save it as 'CSV UTF-8', since in another encoding "
            "names would be guessed at"
        ) from None
    if "\0" in text:
        raise RosterError(f"{shown}: is no text: save it as 'CSV UTF-8'")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _records(text: str, separator: str, shown: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise RosterError(f"{shown}: line {line}: {error}") from None


def _columns(header: Sequence[str]) -> tuple[dict[str, int], bool]:
    """Which column is what, and whether Canvas wrote this; ValueError where that cannot be told."""
    titles = [title(cell) for cell in header]
    canvas = titles[0] in ("student", "lastname") and {"id", "section"} <= set(titles)
    columns: dict[str, int] = {}
    for position, name in enumerate(titles):
        # Canvas' own "ID" is not the one that a school gives.
        kind = "canvas_id" if canvas and name == "id" else _FIELDS.get(name)
        if kind is None:
            continue
        if kind in columns:
            if canvas or kind not in _WHO:
                continue  # of Canvas, what follows the student's are assignments
            same = (header[columns[kind]], header[position])
            both = " and ".join(map(untrusted.quoted_name, same))
            raise ValueError(f"the columns {both} both mean {kind}: take one out, or rename it")
        columns[kind] = position
    if not any(kind in columns for kind in _WHO):
        raise ValueError(
            "no column says who a student is: name one submission, name, email, id, login or "
            f"github_username (there are: {untrusted.line(', '.join(header), 200)})"
        )
    return columns, canvas


def _student(file: str, row: Row, columns: Mapping[str, int]) -> Student | None:
    found = {kind: row.cells[at].strip() for kind, at in columns.items()}
    found.pop("role", None)
    if not any(found.get(kind) for kind in _WHO):
        return None
    times: dict[str, datetime] = {}
    for kind in ("submitted_at", "due"):
        if written := found.pop(kind, ""):
            try:
                times[kind] = parse_time(written)
            except ValueError as error:
                quoted = untrusted.quoted_name(written)
                raise RosterError(f"{file}: line {row.line}: {kind}: {quoted} {error}") from None
    return Student(row.line, **found, submitted_at=times.get("submitted_at"), due=times.get("due"))


def _repeats(student: Student, earlier: dict[tuple[str, str], Student]) -> str | None:
    """What is said of a line that is about a student who had one: the first one counts."""
    own = [(kind, plain(getattr(student, kind)).casefold()) for kind in _OWN]
    if not any(identity for _, identity in own):
        parts = (student.name, student.first, student.last, student.submission, student.identifier)
        own = [("name", plain("\0".join(parts)))]  # nothing else tells two of them apart
    for kind, identity in own:
        if identity and (other := earlier.get((kind, identity))):
            return (
                f"line {student.line} has the same {kind} as line {other.line}, "
                f"{untrusted.quoted_name(other.shown)}: that one counts"
            )
    earlier.update(dict.fromkeys(own, student))
    return None


def _assignments(header: Sequence[str], worth: Sequence[str]) -> dict[str, str]:
    named = zip(header, worth, strict=False)
    return {cell: points for cell, points in named if re.search(r"\(\d+\)\s*$", cell)}
