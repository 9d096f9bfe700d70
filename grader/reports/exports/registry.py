"""Every format that grades can be exported in: what it is, of what, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.grades import ClassGrades
from grader.matching import ClassList, Place
from grader.reports.exports import (
    canvas,
    exercism,
    github,
    gradescope,
    junit,
    markdown,
    moodle,
    plain_csv,
    run_json,
)
from grader.reports.exports.sheets import LEAVE, ExportError, Sheet
from grader.roster import Row


@dataclass(frozen=True)
class Request:
    """What is exported, and how; each format takes of it what it has a place for.

    The grades of `listed` are outlines: without checks.
    """

    grades: ClassGrades
    listed: ClassList
    hidden_feedback: str
    assignment: str | None = None
    points_possible: float | None = None
    missing: str = LEAVE
    roster_rows: Sequence[Row] = ()
    encoded: bool = False


@dataclass(frozen=True)
class Format:
    """One format. `of_class` writes a whole class, `of_one` a file for the student of one grade.

    `in_parts` writes a class too, whose file is so large that it is never in memory as a whole.
    `takes` are the options that change something in it. `marked` says that a file of it begins
    with the mark of UTF-8, without which Excel takes it for another encoding.
    """

    name: str
    what: str
    ending: str
    of_class: Callable[[Request], Sheet] | None = None
    of_one: Callable[[Request, Place], str] | None = None
    in_parts: Callable[[ClassGrades], Iterator[str]] | None = None
    takes: frozenset[str] = frozenset()
    marked: bool = False


_CLASS_OPTIONS = frozenset({"roster", "times", "missing"})
_COLUMN_OPTIONS = _CLASS_OPTIONS | {"assignment", "points-possible"}


def _gradescope(request: Request, place: Place) -> str:
    assert place.grade is not None
    return gradescope.results(
        place.grade, request.hidden_feedback, place.lateness, request.points_possible
    )


def _github(request: Request, place: Place) -> str:
    assert place.grade is not None
    write = github.encoded if request.encoded else github.result
    return write(place.grade, request.hidden_feedback)


def _exercism(request: Request, place: Place) -> str:
    assert place.grade is not None
    return exercism.results(place.grade, request.hidden_feedback)


def _markdown(request: Request, place: Place) -> str:
    assert place.grade is not None
    return markdown.summary(place.grade, request.hidden_feedback, place.lateness)


def _canvas(request: Request) -> Sheet:
    return canvas.gradebook(
        request.listed, request.assignment, request.points_possible, request.missing
    )


def _moodle(request: Request) -> Sheet:
    return moodle.gradebook(
        request.listed, request.assignment, request.points_possible, request.missing
    )


def _worksheet(request: Request) -> Sheet:
    if not request.roster_rows:
        raise ExportError(
            "moodle-worksheet needs --roster: the grading worksheet that the assignment gave "
            "(Submissions, Download grading worksheet)"
        )
    return moodle.worksheet(
        request.listed, request.roster_rows, request.points_possible, request.missing
    )


FORMATS = {
    each.name: each
    for each in (
        Format(
            "csv",
            "a table of everything, for people and programs",
            ".csv",
            of_class=lambda request: plain_csv.table(request.listed, request.missing),
            takes=_CLASS_OPTIONS,
            marked=True,
        ),
        Format(
            "canvas",
            "the file that Canvas' gradebook imports",
            ".csv",
            of_class=_canvas,
            takes=_COLUMN_OPTIONS,
            marked=True,
        ),
        Format(
            "moodle",
            "the file that Moodle's gradebook imports",
            ".csv",
            of_class=_moodle,
            takes=_COLUMN_OPTIONS,
            marked=True,
        ),
        Format(
            "moodle-worksheet",
            "the grading worksheet of a Moodle assignment, filled in",
            ".csv",
            of_class=_worksheet,
            takes=_CLASS_OPTIONS | {"points-possible"},
            marked=True,
        ),
        Format(
            "gradescope",
            "results.json of a Gradescope autograder, one a submission",
            ".json",
            of_one=_gradescope,
            takes=frozenset({"times", "points-possible"}),
        ),
        Format(
            "github",
            "the result of a GitHub Classroom runner, one a submission",
            ".json",
            of_one=_github,
            takes=frozenset({"encoded"}),
        ),
        Format(
            "exercism",
            "results.json of an exercism test runner, one a submission",
            ".json",
            of_one=_exercism,
        ),
        Format(
            "junit",
            "JUnit XML, for CI services",
            ".xml",
            in_parts=junit.report,
        ),
        Format(
            "markdown",
            "a step summary: of the class, or of one submission for its student",
            ".md",
            of_class=lambda request: Sheet(markdown.class_summary(request.grades)),
            of_one=_markdown,
            takes=frozenset({"times"}),
        ),
        Format(
            "json",
            "the grades as `grader grade --json` writes them",
            ".json",
            in_parts=run_json.run,
        ),
    )
}
