"""A class of thousands takes no more memory than one of a hundred, and nothing goes over all of it
for each submission. No engine is needed: the gradebook is filled as a run fills it.

`SCALE=3000` tries a class of that size; one of a few hundred by default.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from books import LAYERS, begun
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from small import solutions, write_course
from sqlalchemy import Engine, event
from typer.testing import CliRunner

from grader.cli import app
from grader.commands.grading import write_json
from grader.course import Course, load_course
from grader.digests import conditions_of
from grader.gradebook import Gradebook, Grading, MadeExercise, NewGrading
from grader.grading import FinishedRun, Run, RunGrade, RunSettings
from grader.screen import Screen
from grader.submissions import find_submissions, read_submission
from grader.untrusted import json_document, json_stream

SIZES = (40, int(os.environ.get("SCALE", "160")))
MESSAGE = 20_000  # characters of each grading: what of 120 more were kept could not be missed
# What is kept of each submission: where it is, its points, its row of a table or page.
SMALL = 4_000
SEED = 7


def document(run: dict[str, Any]) -> str:
    """The JSON of a run, as it is documented."""
    return json.dumps(run, indent=1).replace("##", "#\\u0023") + "\n"


# The JSON

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("a###b")
keys = st.text() | st.integers() | st.booleans() | st.none() | st.floats()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(keys, inner))


@given(values)
def test_json_is_written_as_python_writes_it(data: Any) -> None:
    assert json_document(data) == document(data)


@settings(max_examples=20)
@given(st.dictionaries(st.text(), leaves), st.lists(values, max_size=3))
def test_a_stream_of_json_is_the_document(head: dict[str, Any], items: list[Any]) -> None:
    head.pop("last", None)
    assert "".join(json_stream(head, "last", items)) == document({**head, "last": items})


# Classes that were graded


class Heard:
    """Hears of a run."""

    def __init__(self) -> None:
        self.grades: list[tuple[str, bool]] = []

    def began(self, submissions: int) -> None:
        pass

    def graded(self, grade: dict[str, Any], reused: bool) -> None:
        self.grades.append((grade["id"], reused))


def entry(number: int, message: str) -> dict[str, Any]:
    """An exercise's entry in the JSON: one check in three is failed, at length."""
    failed = number % 3 == 0
    check = {
        "id": "doubling/test_double_matches_torch",
        "title": "double agrees with torch.",
        "function": "double",
        "hidden": True,
        "outcome": "failed" if failed else "passed",
        "points": 0.0 if failed else 40.0,
        "max_points": 40.0,
        "message": f"{number}\n{message}",
        "hint": "This is the ## square." if failed else None,
        "misconception": "double_squares" if failed else None,
        "seconds": number / 1000,
    }
    status = "failed" if failed else "passed"
    curve = {"title": "Loss", "function": "double", "got": [1.0], "expected": [0.5], "hidden": True}
    whole = {"name": "doubling", "status": status, "points": check["points"], "max_points": 40.0}
    return {**whole, "checks": [check], **({"curves": [curve]} if number % 5 == 0 else {})}


class Graded:
    """A course, submissions and a gradebook in which all of them are graded."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        self.out = folder / "results"
        self.book = self.out / "gradebook.db"
        self.submissions = folder / "class"
        self.course: Course = load_course(write_course(folder / "course")).only(["doubling"])
        for number in range(size):
            place = self.submissions / f"student{number:05}"
            place.mkdir(parents=True)
            text = f"# {number}\n{solutions()['doubling.py']}" if number % 20 else "sorry"
            (place / ("doubling.py" if number % 20 else "notes.txt")).write_text(text)
        conditions = conditions_of(self.course, SEED, "cpu", "strict", None)
        with Gradebook(self.book) as book:
            run = begun(book, course=self.course.title, course_folder=self.course.root)
            for number, found in enumerate(find_submissions([self.submissions], ["doubling"])):
                work = read_submission(found, ["doubling"])
                made = MadeExercise(
                    "doubling", conditions["doubling"], LAYERS, entry(number, "x" * MESSAGE)
                )
                results = [] if work.reason else [made]
                book.add(NewGrading(run, found.id, work.digest, work.reason, results))
            book.end(run, LAYERS, 1.0)

    def run(self, progress: Any) -> FinishedRun:
        """The same again; all of it is in the gradebook."""
        with Gradebook(self.book) as book:
            return Run(RunSettings(self.course, SEED), book, self.out).grade(
                [self.submissions], progress
            )

    def command(self, *arguments: object) -> None:
        places = ["--out", self.out, "--course", self.course.root]
        ended = CliRunner().invoke(app, [str(each) for each in (*arguments, *places)])
        assert ended.exit_code == 0, ended.output


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Graded, Graded]:
    """A small class and a large one."""
    few, many = (Graded(tmp_path_factory.mktemp(f"class-{size}"), size) for size in SIZES)
    return few, many


@pytest.fixture
def few(classes: tuple[Graded, Graded]) -> Graded:
    return classes[0]


@pytest.fixture
def many(classes: tuple[Graded, Graded]) -> Graded:
    return classes[1]


def most_memory(work: Callable[[], object]) -> int:
    """Bytes that were in use at most, while something was done, beyond those before it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def assert_flat(few: Graded, many: Graded, work: Callable[[Graded], object]) -> None:
    """What is done takes no more memory for many than for few, but for what is small."""
    work(few)  # what is loaded once
    less, more = (most_memory(lambda each=each: work(each)) for each in (few, many))
    assert more - less < SMALL * (many.size - few.size), (less, more)


def test_a_run_keeps_little_of_each_submission(few: Graded, many: Graded, tmp_path: Path) -> None:
    def grade(graded: Graded) -> None:
        run = graded.run(Screen(console=Console(file=io.StringIO(), width=80)))
        assert len(run.grades) == graded.size
        write_json(run, graded.book, str(tmp_path / "run.json"))

    assert_flat(few, many, grade)


@pytest.mark.parametrize("what", ["report", "json", "junit", "csv", "gradescope", "markdown"])
def test_what_is_made_of_grades_holds_a_few_at_a_time(
    few: Graded, many: Graded, tmp_path: Path, what: str
) -> None:
    """The report is the students' feedback too."""
    to = tmp_path / what
    asked = ["report"] if what == "report" else ["export", what, "--to", to]
    assert_flat(few, many, lambda graded: graded.command(*asked))


def test_the_json_of_a_run_is_that_of_its_gradings_by_id(few: Graded, tmp_path: Path) -> None:
    heard = Heard()
    run = few.run(heard)
    assert len(heard.grades) == few.size and all(reused for _, reused in heard.grades)
    write_json(run, few.book, str(tmp_path / "run.json"))
    with Gradebook(few.book, reading=True) as book:
        entries = [shown(grading) for grading in book.newest()]
    assert any(each["status"] == "rejected" for each in entries)
    whole = {
        "format": 1,
        "course": "A small course",
        "seed": SEED,
        "device": "cpu",
        "torch": run.torch,
        "sandbox": {"level": "strict", "layers": LAYERS},
        "seconds": run.seconds,
        "submissions": entries,
    }
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == document(whole)


def shown(grading: Grading) -> dict[str, Any]:
    found = grading.entry
    for exercise in found["exercises"]:
        exercise.pop("curves", None)
    return found


def test_json_that_cannot_be_read_to_its_end_leaves_the_file_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded = Graded(tmp_path, 30)
    run = graded.run(Heard())
    target = tmp_path / "run.json"
    write_json(run, graded.book, str(target))
    before = target.read_bytes()
    with closing(sqlite3.connect(graded.book)) as book, book:
        book.execute("UPDATE exercise_grades SET entry = '{' WHERE submission_id > 'student00025'")
    with pytest.raises(typer.Exit) as ended:
        write_json(run, graded.book, str(target))
    assert ended.value.exit_code == 2
    assert "a grade in it is malformed" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".*unfinished"))


# What is asked for each submission

QUERIES_ONCE = ("sqlite_master", "runs", "gradebook_settings", "checks_parts", "gradebook_version")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to databases meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_query_for_a_submission_goes_over_the_whole_gradebook(few: Graded) -> None:
    with statements() as sent:
        few.run(Heard())
        with Gradebook(few.book, reading=True) as book:
            assert len(list(book.numbered(range(1, 31)))) == 30
            book.history("student00001")
    asked = {statement: parameters for statement, parameters in sent if "SELECT" in statement}
    assert len(asked) > 5
    with closing(sqlite3.connect(few.book)) as book:
        for statement, parameters in asked.items():
            if any(f"FROM {table}" in statement for table in QUERIES_ONCE):
                continue
            plan = book.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            steps = [step for *_, step in plan]
            assert not any(step.startswith("SCAN") for step in steps), (statement, steps)


# What is shown


def test_a_table_of_many_is_one_table() -> None:
    """Laid out in parts, of the same width; by id, whatever came first."""
    file = io.StringIO()
    screen = Screen(console=Console(file=file, width=60))
    ids = [f"student{number:03}" for number in range(250)]
    screen.began(len(ids))
    for id in reversed(ids):
        grade = {"id": id, "status": "graded", "points": 1.0, "max_points": 2.0, "exercises": []}
        screen.graded(grade if id != ids[7] else {**grade, "points": 1.5}, reused=False)
    file.truncate(0)
    grades = [RunGrade(id, 1, "graded", 1.0, 2.0) for id in ids]
    screen.summary(FinishedRun("", 0, "cpu", "2", "strict", (), 0.1, grades), "gradebook.db")
    head, *rows, last = file.getvalue().strip("\0").splitlines()
    assert head.split() == ["submission", "points", "what", "failed"]
    assert [row.split()[0] for row in rows] == ids
    assert {row.index("nothing") for row in rows} == {head.index("what")}
    assert last.startswith("250 submissions in 0.1 s")
