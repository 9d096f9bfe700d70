"""The whole report as a folder: the page of the class, and one page a student."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from grader.grades import ClassGrades, Grade
from grader.reports.html.condensed import Condensed
from grader.reports.html.index import index_parts, student_address
from grader.reports.html.student import student_page
from grader.reports.parts import over_parts
from grader.writing import whole_folder


def write_report(grades: ClassGrades, folder: Path) -> Path:
    """Write the report into `folder`, in place of the one before, and return the class's page.

    Whoever reads meanwhile, or after the writer was killed, sees the old report or the new one,
    whole. OSError passes, and the old one stays.
    """
    with whole_folder(folder) as unfinished:
        (unfinished / "students").mkdir()
        condensed = Condensed()
        pages = partial(_student_pages, grades.course, unfinished)
        for part in over_parts(grades.grades, pages):
            condensed.extend(part)
        with open(unfinished / "index.html", "w", encoding="utf-8") as file:
            file.writelines(index_parts(grades, condensed))
    return folder / "index.html"


def _student_pages(course: str, folder: Path, grades: Iterable[Grade]) -> Condensed:
    """Write the pages of some students; what the class's page needs of them."""
    condensed = Condensed()
    for grade in grades:  # once: each is read from the gradebook as its turn comes
        condensed.add(grade)
        text = student_page(grade, course, home="../index.html")
        (folder / student_address(grade.id)).write_text(text, encoding="utf-8")
    return condensed
