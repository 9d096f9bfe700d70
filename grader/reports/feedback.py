"""Feedback files: for each submission a Markdown and an HTML file that can be given to the student.

They are made of what `student_view` shows, and of nothing else of a grade.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from grader.grades import ClassGrades, Grade
from grader.reports.feedback_html import html_page
from grader.reports.feedback_markdown import markdown_page
from grader.reports.names import file_stem
from grader.reports.parts import over_parts
from grader.reports.view import student_view
from grader.untrusted import sheet_cell
from grader.writing import whole_folder

FOLDER = "feedback"
INDEX = "index.csv"
_COLUMNS = ("submission", "points", "max_points", "markdown", "html")


class FeedbackError(Exception):
    """The feedback cannot be written: says where, and what to do."""


def write_feedback(grades: ClassGrades, folder: Path, hidden_feedback: str) -> Path:
    """Write STEM.md and STEM.html for every submission into `folder`/feedback, and an index.csv.

    The index says which files are whose, for a mail merge. What was there is replaced as a whole;
    FeedbackError where that would remove what is none of the grader's, or where the disk refuses.
    """
    target = folder / FOLDER
    try:
        _require_ours(target)
        with whole_folder(target) as unfinished:
            files = partial(_write_files, grades.course, hidden_feedback, unfinished)
            rows = [row for part in over_parts(grades.grades, files) for row in part]
            with open(unfinished / INDEX, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([_COLUMNS, *rows])
    except OSError as error:
        raise FeedbackError(f"{error.filename or target}: {error.strerror}") from None
    return target


def _write_files(
    course: str, hidden_feedback: str, folder: Path, grades: Iterable[Grade]
) -> list[tuple[str, ...]]:
    """Write the files of some submissions; their rows of the index."""
    rows = []
    for grade in grades:
        stem = file_stem(grade.id)
        seen = student_view(grade, hidden_feedback)
        files = {
            f"{stem}.md": markdown_page(seen, course, hidden_feedback),
            f"{stem}.html": html_page(seen, course, hidden_feedback),
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        points = f"{grade.points:g}", f"{grade.max_points:g}"
        rows.append((sheet_cell(grade.id), *points, *files))
    return rows


def _require_ours(folder: Path) -> None:
    """FeedbackError where a folder holds what its index does not name."""
    if not folder.is_dir():
        return
    known = _named_in(folder / INDEX)
    for found in sorted(folder.iterdir()):
        if found.name not in known:
            raise FeedbackError(
                f"{found}: was not written by the grader, and would be removed; move it away"
            )


def _named_in(index: Path) -> set[str]:
    """The files that an index names, itself included; none where it is no index of ours."""
    if not index.is_file():
        return set()
    # An editor may have saved it again, in another form.
    with open(index, encoding="utf-8", errors="replace", newline="") as file:
        try:
            header, *rows = csv.reader(file)
        except (csv.Error, ValueError):
            return set()
    if tuple(header) != _COLUMNS:
        return set()
    return {INDEX} | {name for row in rows for name in row[-2:]}
