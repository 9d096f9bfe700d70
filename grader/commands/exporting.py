"""`grader export`: grades in the files that other platforms read."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.common import (
    CourseOption,
    GradebookOption,
    OutOption,
    bad_usage,
    course_around,
    gradebook_at,
    opened_gradebook,
)
from grader.course import Course
from grader.grades import ClassGrades
from grader.matching import ANY, ClassList, Place, class_list
from grader.reports.exports.folder import FolderError, write_folder
from grader.reports.exports.registry import FORMATS, Format, Request
from grader.reports.exports.sheets import LEAVE, MISSING, ExportError
from grader.reports.names import file_stem
from grader.roster import RosterError, Row, read_roster, read_rows
from grader.times import read_times
from grader.untrusted import quoted_name, terminal
from grader.writing import whole_file

_MARK = "\ufeff"  # of UTF-8, at the beginning of a file


def export(
    format_name: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="csv, canvas, moodle, moodle-worksheet, gradescope, github, exercism, junit, "
            "markdown or json.",
        ),
    ],
    out: OutOption = Path("results"),
    gradebook: GradebookOption = None,
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV of the class: of Canvas, Moodle, … or your own."),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV of submission,time: when the LMS received each."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file, or a folder for files of one submission each."),
    ] = None,
    submission: Annotated[
        str | None, typer.Option(metavar="ID", help="This submission alone.")
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option(metavar="TITLE", help='The column, as Canvas calls it: "Title (12345)".'),
    ] = None,
    points_possible: Annotated[
        float | None,
        typer.Option(metavar="N", min=0.01, help="What the assignment is worth there."),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(metavar="leave|blank|zero", help="What is written of who handed nothing in."),
    ] = None,
    encoded: Annotated[
        bool, typer.Option("--encoded", help="github: in base64, as a runner step's output.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Write grades as other platforms read them; standard output without --to.

    Exit status: 0 written; 1 written, and standard error says what to look at, such as who is
    missing, unknown or there twice; 2 nothing written.
    """
    given = {
        "roster": roster,
        "times": times,
        "assignment": assignment,
        "points-possible": points_possible,
        "missing": missing,
        "encoded": encoded or None,
    }
    chosen = _format(format_name, [name for name, value in given.items() if value is not None])
    if missing is not None and missing not in MISSING:
        raise bad_usage(f"--missing {missing}: must be one of {', '.join(MISSING)}")
    found = course_around(course)
    with opened_gradebook(gradebook_at(out, gradebook)) as book:
        grades, outlines = book.class_grades(), book.class_grades(outlines=True)
        if grades.course == "unknown":  # gradebooks of the first format have no title
            grades = replace(grades, course=found.title)
        if chosen.in_parts is not None:
            if submission is not None:
                grades = _only(submission, grades)
            _to_file(chosen.in_parts(grades), to)
            return
        listed, rows = _listed(outlines, found, roster, times)
        if submission is not None:
            grades, listed = _only(submission, grades), _only_in(listed, submission)
        request = Request(
            grades=grades,
            listed=listed,
            hidden_feedback=found.policy.hidden_feedback,
            assignment=assignment,
            points_possible=points_possible,
            missing=missing or LEAVE,
            roster_rows=rows,
            encoded=encoded,
        )
        try:
            notes = _write(chosen, request, to, one=submission is not None)
        except ExportError as error:
            raise bad_usage(str(error)) from None
    if "times" in chosen.takes:
        notes = [*listed.notes, *notes]
    _say(listed, notes)
    raise typer.Exit(1 if notes else 0)


def _format(name: str, options: list[str]) -> Format:
    """The format of that name, which has a place for these options."""
    chosen = FORMATS.get(name)
    if chosen is None:
        raise bad_usage(f"there is no format {quoted_name(name)}: take {', '.join(FORMATS)}")
    unused = [f"--{option}" for option in options if option not in chosen.takes]
    if unused:
        raise bad_usage(f"{chosen.name} has no place for {', '.join(unused)}")
    return chosen


def _only(submission: str, grades: ClassGrades) -> ClassGrades:
    """The class reduced to one submission."""
    kept = tuple(grade for grade in grades.grades if grade.id == submission)
    if not kept:
        known = ", ".join(quoted_name(grade.id) for grade in grades.grades[:5])
        raise bad_usage(
            f"there is no grade of a submission {quoted_name(submission)}; there are "
            f"{len(grades.grades)}: {known}{', …' if len(grades.grades) > 5 else ''}"
        )
    return replace(grades, grades=kept)


def _only_in(listed: ClassList, submission: str) -> ClassList:
    """What there is to say of one submission."""
    places = tuple(each for each in listed.places if each.grade and each.grade.id == submission)
    about = (quoted_name(submission), ANY)
    notes = tuple(note for note in listed.notes if any(each in note for each in about))
    return replace(listed, places=places, notes=notes)


def _listed(
    grades: ClassGrades, course: Course, roster: Path | None, times: Path | None
) -> tuple[ClassList, list[Row]]:
    """The class with its students and times, and the rows of the roster's file."""
    try:
        students = read_roster(roster) if roster is not None else None
        rows = read_rows(roster) if roster is not None else []
        known = read_times(times) if times is not None else None
    except RosterError as error:
        raise bad_usage(str(error)) from None
    listed = class_list(grades, course.policy, students, known)
    return replace(listed, course=course.title), rows


def _write(chosen: Format, request: Request, to: Path | None, one: bool) -> list[str]:
    """Write what was asked for; what could not be put into it, one sentence each."""
    count = len(request.grades.grades)
    if chosen.of_one is not None and (one or chosen.of_class is None or count == 1):
        texts = _texts(request, chosen.of_one)
        # The ending tells a file from a folder, also in a class of one.
        in_file = one or to is None or to.suffix == chosen.ending or chosen.of_class is not None
        if in_file and count == 1:
            _to_file((text for _, text in texts), to)
        elif to is None or in_file:
            raise bad_usage(
                f"{chosen.name} is a file for each submission, and there are {count}: name a "
                "folder with --to DIR, or one of them with --submission ID"
            )
        else:
            _to_folder(texts, chosen.ending, to)
        return []
    assert chosen.of_class is not None
    written = chosen.of_class(request)
    _to_file([_MARK * (chosen.marked and to is not None), written.text], to)
    for remark in written.remarks:
        typer.echo(f"grader: {terminal(remark)}", err=True)
    return list(written.left_out)


def _texts(request: Request, of_one: Callable[[Request, Place], str]) -> Iterator[tuple[str, str]]:
    """The file of each submission, by its id, as its grade is read."""
    places = {place.grade.id: place for place in request.listed.places if place.grade}
    for grade in request.grades.grades:
        yield grade.id, of_one(request, replace(places[grade.id], grade=grade))


def _to_file(parts: Iterable[str], to: Path | None) -> None:
    """Write a text that comes in parts, as UTF-8."""
    try:
        if to is not None:
            with whole_file(to) as file:
                file.writelines(part.encode("utf-8") for part in parts)
            return
        # Whatever the terminal's encoding: the file that this is piped into must be right.
        for part in parts:
            sys.stdout.buffer.write(part.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # who reads wants no more; typer ends quietly
    except OSError as error:
        place = "standard output" if to is None else f"--to {to}"
        raise bad_usage(f"{place}: {error.strerror}") from None


def _to_folder(texts: Iterator[tuple[str, str]], ending: str, to: Path) -> None:
    try:
        count = write_folder(to, ((f"{file_stem(id)}{ending}", text) for id, text in texts))
    except FolderError as error:
        raise bad_usage(f"--to {error}") from None
    typer.echo(f"grader: {count} files are in {to}", err=True)


def _say(listed: ClassList, notes: list[str]) -> None:
    """All that an instructor must look at, and last how many of each there are."""
    for note in notes:
        typer.echo(f"grader: {terminal(note)}", err=True)
    if listed.roster is not None:
        counts = Counter(place.status for place in listed.places)
        counted = ", ".join(f"{number} {status}" for status, number in counts.items())
        students = len(listed.roster.students)
        typer.echo(f"grader: {students} students in {listed.roster.file}: {counted}", err=True)
