"""The report as text: what grades add up to, what a page tells, how its folder is written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer
from books import begun, graded, rejected
from classes import ROOT, a_class, hostile_class
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.cli import app
from grader.commands.common import class_grades
from grader.commands.reporting import report_of_run
from grader.course import HIDDEN_FEEDBACK
from grader.gradebook import Gradebook
from grader.grades import ClassGrades, Curve, Grade
from grader.reports.html.curves import curve_chart
from grader.reports.html.findings import exercise_findings
from grader.reports.html.heat import heat_map
from grader.reports.html.index import index_page, student_address
from grader.reports.html.report import write_report
from grader.reports.html.scales import scale, steps
from grader.reports.html.statistics import by_points, exercise_records, mistakes, spread, troubles
from grader.reports.html.student import student_page
from grader.reports.view import student_view

FINITE = st.floats(-1e30, 1e30, allow_nan=False)

# Writes a report over the one in argv[1], and is stopped by a reader of its output half way.
WRITES = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from classes import a_class
from grader.reports.html import report
whole = report.student_page
def half(grade, *arguments, **options):
    print("writing", flush=True)
    if grade.id.startswith("dana"):
        sys.stdin.readline()
    return whole(grade, *arguments, **options)
report.student_page = half
report.write_report(a_class(12), Path(sys.argv[1]))
print("written", flush=True)
"""


@pytest.fixture(scope="module")
def grades() -> ClassGrades:
    return a_class(60)


def test_every_check_that_was_not_passed_is_told_once(grades: ClassGrades) -> None:
    for grade in grades.grades:
        for exercise in grade.exercises:
            found = exercise_findings(exercise)
            told = Counter(
                check.id
                for part in (*found.functions, *found.unwritten)
                for finding in part.findings
                for check in finding.checks
            )
            left = [check.id for check in exercise.checks if not check.passed]
            assert told == Counter(left)
            assert found.left == len(left)
            for part in found.functions:
                for finding in part.findings:
                    assert {*finding.alike, *finding.others} == {*finding.checks}


def test_a_file_that_cannot_be_imported_is_told_once_and_not_at_each_function(
    grades: ClassGrades,
) -> None:
    exercise = next(grade for grade in grades.grades if grade.graded).exercises[0]
    message = "linear_regression.py could not be imported: SyntaxError: '(' was never closed"
    checks = tuple(
        replace(check, outcome="error", points=0.0, message=message, hint=None, misconception=None)
        for check in exercise.checks
    )
    found = exercise_findings(replace(exercise, status="error", points=0.0, checks=checks))
    assert [part.function for part in found.functions] == [None]
    grade = Grade("a", "graded", None, 0.0, exercise.max_points, (found.grade,))
    assert student_page(grade, "course").count("SyntaxError") == 1


def test_the_numbers_of_the_class_are_those_of_its_grades(grades: ClassGrades) -> None:
    graded = [grade for grade in grades.grades if grade.graded]
    found = spread(grades.grades)
    assert found is not None
    assert sum(found.counts) == len(graded)
    assert found.full == sum(grade.points == grade.max_points for grade in graded)
    assert found.mean == pytest.approx(sum(grade.points for grade in graded) / len(graded) / 100)
    for record in exercise_records(grades.grades):
        for check in record.checks.values():
            left = [
                number
                for number, grade in enumerate(grades.grades)
                for each in grade.checks
                if each.id == check.check.id and not each.passed
            ]
            assert check.left == left and check.asked == len(graded)
    by_name = {
        (mistake.function, mistake.name): mistake.students for mistake in mistakes(grades.grades)
    }
    for number, grade in enumerate(grades.grades):
        made = {(each.function, each.misconception) for each in grade.checks if each.misconception}
        assert made == {key for key, students in by_name.items() if number in students}
    counts = [len(mistake.students) for mistake in mistakes(grades.grades)]
    assert counts == sorted(counts, reverse=True)


def test_the_heat_map_has_a_cell_for_each_student_and_function(grades: ClassGrades) -> None:
    order = by_points(grades.grades)
    found = heat_map(grades.grades, order, exercise_records(grades.grades))
    assert len(found.cells) == len(order) * len(found.columns)
    for row, number in enumerate(order):
        for place, column in enumerate(found.columns):
            checks = [
                check
                for exercise in grades.grades[number].exercises
                if exercise.name == column.exercise
                for check in exercise.checks_of(column.function)
            ]
            kind = found.cells[row * len(found.columns) + place]
            assert (kind == "f") == all(check.passed for check in checks)
            assert (kind == "t") == all(check.outcome == "todo" for check in checks)
            assert (kind in "nbt") == (sum(check.points for check in checks) == 0)


def test_who_was_asked_for_fewer_exercises_has_empty_cells_there(grades: ClassGrades) -> None:
    some = [
        replace(grade, exercises=grade.exercises[:2], max_points=25.0) if number % 2 else grade
        for number, grade in enumerate(grades.grades)
        if grade.graded
    ]
    found = heat_map(some, range(len(some)), exercise_records(some))
    rows = [found.cells[at : at + 58] for at in range(0, len(found.cells), 58)]
    assert [row.count("-") for row in rows[:4]] == [0, 40, 0, 40]
    page = index_page(replace(grades, grades=tuple(some)))
    assert "percent of the points they were asked for" in page and "<small>/25</small>" in page


def test_what_crashed_is_named_and_a_single_exception_is_not(grades: ClassGrades) -> None:
    found = troubles(grades.grades)
    for trouble in found:
        exercise = next(
            each
            for each in grades.grades[trouble.student].exercises
            if each.name == trouble.exercise
        )
        alike = [check for check in exercise.checks if check.outcome == trouble.outcome]
        assert len(alike) == trouble.checks
        assert trouble.outcome != "error" or len(alike) == len(exercise.checks)
    assert {trouble.outcome for trouble in found} >= {"crashed", "timeout", "forbidden"}


@pytest.mark.parametrize("level", HIDDEN_FEEDBACK)
def test_a_page_of_what_a_student_may_see_tells_nothing_more(level: str) -> None:
    grade = next(grade for grade in a_class(30).grades if grade.graded and grade.points < 90)
    marked = replace(
        grade,
        exercises=tuple(
            replace(
                exercise,
                curves=(),
                checks=tuple(
                    replace(
                        check,
                        title=f"TITLE {check.title}",
                        message="MESSAGE" if not check.passed else None,
                    )
                    if check.hidden
                    else check
                    for check in exercise.checks
                ),
            )
            for exercise in grade.exercises
        ),
    )
    page = student_page(student_view(marked, level), "course")
    assert ("MESSAGE" in page) == (level == "counterexample")
    assert ("TITLE" in page) == (level in ("counterexample", "hint", "title"))
    assert ("are for checks that are not listed here" in page) == (level == "none")
    assert f"<b>{grade.points:g}</b>" in page
    assert "← The class" not in page and "<script" not in page


def test_the_same_grades_give_the_same_pages(grades: ClassGrades) -> None:
    assert index_page(grades) == index_page(grades)
    assert student_page(grades.grades[0], "course") == student_page(grades.grades[0], "course")


class Tags(HTMLParser):
    """The tags of a page, with their attributes, as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_pages_ask_nobody_for_anything_and_run_no_script_but_their_own() -> None:
    hostile = hostile_class()
    pages = [index_page(hostile), student_page(hostile.grades[0], hostile.course, home="x.html")]
    for page, scripts in zip(pages, (1, 0), strict=True):
        tags = Tags(page).found
        assert [tag for tag, _ in tags].count("script") == scripts
        assert not {tag for tag, _ in tags} & {"img", "link", "iframe", "object", "base", "image"}
        for _, attributes in tags:
            assert not [name for name in attributes if name.startswith("on")]
            assert not {"src", "srcset", "xlink:href", "action"} & attributes.keys()
            assert re.fullmatch(r"(#|students/|x\.html).*", attributes.get("href") or "#")
        assert "default-src 'none'" in page and "url(" not in page and "@import" not in page


def test_the_page_of_a_class_of_a_thousand_stays_small(grades: ClassGrades) -> None:
    many = [replace(grade, id=f"{grade.id}-{n}") for n in range(17) for grade in grades.grades]
    page = index_page(replace(grades, grades=tuple(many)))
    assert len(page.encode()) < 1_800_000
    # Elements are what a browser is slow at.
    assert page.count("<") / 2 < 40_000


@given(st.lists(FINITE, min_size=1, max_size=30), st.lists(FINITE, min_size=1, max_size=30))
def test_every_curve_is_drawn_inside_its_picture(got: list[float], expected: list[float]) -> None:
    figure = str(curve_chart(Curve("The loss", "train", tuple(got), tuple(expected)), "curve"))
    lines = re.findall(r'points="([^"]*)"', figure)
    assert [len(line.split()) for line in lines] == [len(got), len(expected)]
    for line in lines:
        for point in line.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 520 and 0 <= y <= 250


@given(st.lists(FINITE, min_size=1, max_size=5))
def test_an_axis_has_a_few_marks_in_order_and_holds_what_it_shows(values: list[float]) -> None:
    axis = scale(values, 200.0, 0.0)
    assert 2 <= len(axis.marks) <= 12
    assert list(axis.marks) == sorted(set(axis.marks))
    blur = max(1e-6 * max(map(abs, values)), 1e-12)  # nobody sees as little
    assert axis.low <= min(values) + blur and axis.high >= max(values) - blur


@given(st.integers(1, 500))
def test_the_axis_of_steps_marks_whole_ones(count: int) -> None:
    axis = steps(count, 0.0, 100.0)
    assert all(mark == int(mark) and 1 <= mark <= count for mark in axis.marks)
    assert 1 <= len(axis.marks) <= 9


def test_a_new_report_takes_the_place_of_the_old_one(grades: ClassGrades, tmp_path: Path) -> None:
    few = replace(grades, grades=grades.grades[:5])
    write_report(grades, tmp_path / "results" / "report")
    page = write_report(few, tmp_path / "results" / "report")
    assert page == tmp_path / "results" / "report" / "index.html"
    found = {file.relative_to(page.parent).as_posix() for file in page.parent.rglob("*.html")}
    assert found == {"index.html", *(student_address(grade.id) for grade in few.grades)}
    assert os.listdir(tmp_path / "results") == ["report"]


def test_a_killed_writer_leaves_the_old_report_whole_and_the_next_one_cleans_up(
    grades: ClassGrades, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    write_report(replace(grades, grades=grades.grades[:5]), folder)
    before = {file: file.read_bytes() for file in folder.rglob("*.html")}
    started = [sys.executable, "-c", WRITES, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(started, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        # While it is at work, another writes a report of its own and takes nothing from it.
        write_report(replace(grades, grades=grades.grades[:5]), folder)
        assert len(os.listdir(tmp_path)) == 2
        writer.send_signal(signal.SIGKILL)
    assert {file: file.read_bytes() for file in folder.rglob("*.html")} == before
    assert len(os.listdir(tmp_path)) == 2
    write_report(grades, folder)
    assert os.listdir(tmp_path) == ["report"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    grades: ClassGrades, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "report"
    write_report(replace(grades, grades=grades.grades[:5]), folder)
    bad = replace(grades.grades[0], graded_at="yesterday")  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        write_report(replace(grades, grades=(*grades.grades[1:4], bad)), folder)
    assert os.listdir(tmp_path) == ["report"] and len(os.listdir(folder / "students")) == 5


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results, with a gradebook of three submissions."""
    folder = tmp_path / "results"
    folder.mkdir()
    with Gradebook(folder / "gradebook.db") as gradebook:
        run = begun(gradebook)
        graded(gradebook, "ada", points=2, run=run)
        graded(gradebook, "bela", points=0.5, run=run, message="it is wrong: <b>")
        rejected(gradebook, "chidi", "it holds no file of the course", run=run)
    return folder


def test_the_report_is_made_again_from_the_gradebook(results: Path) -> None:
    said = CliRunner().invoke(app, ["report", "--out", str(results)])
    page = results / "report" / "index.html"
    assert said.exit_code == 0 and f"3 submissions is {page}" in said.stdout
    text = page.read_text(encoding="utf-8")
    assert "it holds no file of the course" in text
    student = (page.parent / student_address("bela")).read_text(encoding="utf-8")
    assert "it is wrong: &lt;b&gt;" in student


def test_a_report_that_cannot_be_written_after_a_run_loses_no_grade(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "report").write_text("somebody's notes")
    with pytest.raises(typer.Exit) as ended:
        report_of_run(results, results / "gradebook.db")
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert "there is a file of that name" in said and "`grader report` writes it again" in said
    assert (results / "report").read_text() == "somebody's notes"
    with class_grades(results / "gradebook.db") as grades:
        assert [grade.id for grade in grades.grades] == ["ada", "bela", "chidi"]
    again = CliRunner().invoke(app, ["report", "--out", str(results)])
    assert again.exit_code == 2 and "there is a file of that name" in again.stderr


def test_report_without_a_gradebook_or_a_place_is_bad_usage(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["report", "--out", str(tmp_path / "nowhere")])
    assert said.exit_code == 2 and "gradebook" in said.stderr
    assert not (tmp_path / "nowhere").exists()
