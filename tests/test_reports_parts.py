"""A large class is written by several processes, and nobody can tell from what they wrote."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from books import begun, graded, rejected

from grader.gradebook import Gradebook
from grader.grades import Grade
from grader.reports.feedback import write_feedback
from grader.reports.html.report import write_report
from grader.reports.parts import over_parts

SIZE = 230  # more than two parts, and no round number of them


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    """A gradebook that is open, as while its report is written."""
    with Gradebook(tmp_path_factory.mktemp("class") / "gradebook.db") as book:
        run = begun(book)
        for number in range(SIZE):
            id = f"student{number:03}"
            if number % 50 == 7:
                rejected(book, id, "it is a link", run)
            else:
                message = None if number % 3 else f"it({number})\nexpected  1\ngot       2"
                graded(book, id, (1.5, 2.0, 2.0)[number % 3], run=run, message=message)
        yield book


@contextmanager
def one_processor() -> Iterator[None]:
    """Where there is only one, everything is done in this process."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_one_process_and_several_write_the_same(book: Gradebook, tmp_path: Path) -> None:
    for name in ("several", "one"):
        folder = tmp_path / name
        folder.mkdir()
        grades = book.class_grades()
        if name == "several":
            write_report(grades, folder / "report")
            write_feedback(grades, folder, "hint")
        else:
            with one_processor():
                write_report(grades, folder / "report")
                write_feedback(grades, folder, "hint")
    several, one = files_in(tmp_path / "several"), files_in(tmp_path / "one")
    assert several == one
    assert len(one) == SIZE + 1 + 2 * SIZE + 1


def test_a_class_is_gone_over_in_its_order_and_the_gradebook_stays_usable(book: Gradebook) -> None:
    grades = book.class_grades().grades
    parts = list(over_parts(grades, lambda part: [(os.getpid(), grade.id) for grade in part]))
    assert [id for part in parts for _, id in part] == [grade.id for grade in grades]
    workers = {pid for part in parts for pid, _ in part}
    assert (os.getpid() in workers) == (len(os.sched_getaffinity(0)) == 1)
    assert graded(book, "one more").number == len(book.newest())


@pytest.mark.parametrize("processors", ["one", "all"])
def test_what_a_part_raises_is_raised(book: Gradebook, processors: str) -> None:
    def full(part: Iterable[Grade]) -> None:
        for grade in part:
            if grade.id == "student120":
                raise OSError(errno.ENOSPC, "No space left on device", "page.html")

    grades = book.class_grades().grades
    with pytest.raises(OSError, match="No space left") as raised:
        if processors == "one":
            with one_processor():
                list(over_parts(grades, full))
        else:
            list(over_parts(grades, full))
    assert raised.value.filename == "page.html"
