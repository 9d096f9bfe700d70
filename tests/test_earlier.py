"""Of which checks an earlier result is offered to the examiner again, and which it never sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from books import CONDITIONS, LAYERS, WORK, begun
from changing import CHANGES, write_course

from grader.course import Course, load_course
from grader.gradebook import Gradebook, GradedExercise, MadeExercise, NewGrading
from grader.grading.earlier import Earlier
from grader.grounds import grounds_of

EDITED = replace(CONDITIONS, checks="d" * 64)


def names(course: Course, *functions: str) -> set[str]:
    """The checks of these functions; of all where none is named."""
    ids = grounds_of(course, "counting").checks
    found = {id.removeprefix("counting/test_") for id in ids}
    return {name for name in found if not functions or name.startswith(functions)}


def entry(course: Course, **ended: str) -> dict[str, Any]:
    """A result of `counting`: passed, unless it is said; what `counts` not was passed."""
    uncounted = {name for name, outcome in ended.items() if outcome == "does not count"}
    checks = [
        {
            "id": f"counting/test_{name}",
            "title": "It is right.",
            "function": name.partition("_")[0],
            "hidden": True,
            "outcome": "failed" if name in uncounted else ended.get(name, "passed"),
            "points": 1.0,
            "max_points": 1.0,
            "message": f"of {name}",
            "hint": None,
            "misconception": None,
            "seconds": 0.5,
        }
        for name in sorted(names(course))
    ]
    evidence = {
        "put": len(checks),
        "passed": [f"counting/test_{name}" for name in uncounted],
        "answered": {"counting/test_double_gradient": 4},
        "drew": [],
        "spent": {"seconds": 1.0, "bytes": 0, "functions": {}},
    }
    status = {"name": "counting", "status": "failed", "points": 1.0, "max_points": 70.0}
    return {**status, "checks": checks, "curves": [], "evidence": evidence}


_CLOSING = ExitStack()


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Close what a test has opened."""
    with _CLOSING:
        yield


class Book:
    """A gradebook with one result, made before the course was changed."""

    def __init__(self, root: Path, **ended: str) -> None:
        self.course = write_course(root / "course")
        self._book = _CLOSING.enter_context(Gradebook(root / "gradebook.db"))
        course = load_course(self.course)
        made = MadeExercise("counting", CONDITIONS, LAYERS, entry(course, **ended))
        self._book.add(NewGrading(begun(self._book), "ada", WORK, None, [made]))
        then = Earlier(self._book, course, {"counting": CONDITIONS})
        then.note(
            "counting", {check["id"]: f"asks {check['id']}" for check in made.entry["checks"]}
        )

    def found(self) -> GradedExercise:
        assert self._book.find("ada", WORK, {"counting": EDITED}) == {}
        return self._book.find_earlier("ada", WORK, {"counting": EDITED})["counting"]

    def now(self) -> Earlier:
        return Earlier(self._book, load_course(self.course), {"counting": EDITED})

    def kept(self, *changes: str) -> set[str]:
        """The checks that are offered after some changes."""
        for name in changes:
            CHANGES[name][0](self.course)
        data = self.now().kept(self.found())
        return {id.removeprefix("counting/test_") for id in data["results"]} if data else set()


@pytest.fixture
def all_names(tmp_path: Path) -> set[str]:
    return names(load_course(write_course(tmp_path / "whole")))


def test_what_has_no_fault_is_offered_whatever_changed(tmp_path: Path, all_names: set[str]):
    told = Book(tmp_path, double_gradient="todo")
    assert told.kept("a check is stricter", "a hint", "a new check", "a solution") == all_names


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        ("a title", True),
        ("points are moved", True),
        ("a solution", True),
        ("a check is stricter", True),
        ("a known mistake is gone", False),
        ("a check is gone", False),
    ],
)
def test_a_function_with_a_fault_is_offered_where_nothing_of_it_changed(
    tmp_path: Path, all_names: set[str], change: str, offered: bool
):
    of_double = names(load_course(write_course(tmp_path / "whole")), "double")
    told = Book(tmp_path, double_gradient="failed")
    assert told.kept(change) == (all_names if offered else all_names - of_double)


def test_a_known_mistake_is_behind_no_loop(tmp_path: Path, all_names: set[str]):
    told = Book(tmp_path, double_gradient="timeout")
    assert told.kept("a known mistake is gone") == all_names


def test_a_fault_in_a_check_that_changed_is_left_out_by_itself(tmp_path: Path, all_names: set[str]):
    told = Book(tmp_path, average_of_large_numbers="error")
    assert told.kept("a check is stricter") == all_names - {"average_of_large_numbers"}


def test_what_a_rule_is_about_is_left_out(tmp_path: Path, all_names: set[str]):
    told = Book(tmp_path)
    size = {name for name in all_names if name.startswith("size")}
    assert told.kept("a rule") == all_names - size != all_names


def test_after_a_change_of_the_limits_nothing_is_offered(tmp_path: Path):
    assert Book(tmp_path).kept("a limit") == set()


def test_of_a_module_that_could_not_be_imported_nothing_is_offered(tmp_path: Path):
    told = Book(tmp_path)
    assert (
        told.now().kept(replace(told.found(), entry={**told.found().entry, "status": "error"}))
        is None
    )


def test_what_was_passed_and_did_not_count_is_offered_as_passed(tmp_path: Path):
    told = Book(tmp_path, double_refuses_text="does not count", double_gradient="failed")
    data = told.now().kept(told.found())
    assert data is not None
    of_it = data["results"]["counting/test_double_refuses_text"]
    assert (of_it["outcome"], of_it["message"], of_it["answered"]) == ("passed", None, 0)
    of_it = data["results"]["counting/test_double_gradient"]
    assert (of_it["outcome"], of_it["message"], of_it["answered"]) == (
        "failed",
        "of double_gradient",
        4,
    )
    assert of_it["asked"] == "asks counting/test_double_gradient"


def test_only_what_no_verdict_rests_on_leaves_a_result_as_it_is(tmp_path: Path):
    told = Book(tmp_path)
    assert told.now().is_same(told.found())
    CHANGES["a comment"][0](told.course)
    assert told.now().is_same(told.found())
    CHANGES["a title"][0](told.course)
    assert not told.now().is_same(told.found())


@pytest.mark.parametrize("changed", [{"engine": "e" * 64}, {"seed": 8}, {"torch": "2.12.0"}])
def test_what_was_made_by_another_grader_is_not_found(tmp_path: Path, changed: dict[str, Any]):
    told = Book(tmp_path)
    now = {"counting": replace(EDITED, **changed)}
    assert told._book.find_earlier("ada", WORK, now) == {}


def test_of_a_result_whose_grounds_nobody_kept_nothing_is_offered(tmp_path: Path):
    told = Book(tmp_path)
    unknown = replace(told.found(), conditions=replace(CONDITIONS, checks="f" * 64))
    assert told.now().kept(unknown) is None and not told.now().is_same(unknown)
