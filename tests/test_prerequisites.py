"""What is said where a written function needs one that is still a stub."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.compare import Tolerance
from grader.checking.expectations import (
    Expectation,
    Matches,
    Mismatch,
    Problem,
    Raises,
    Verdict,
    load_problem,
)
from grader.checking.question import Question
from grader.course import Course, load_course
from grader.probes import run_probe
from grader.student.session import StudentSession
from grader.student.unwritten import ToWrite

MANIFEST = """\
format = 1
title = "Two exercises"

[[exercises]]
name = "sooner"
title = "What comes first"
points = 50
functions = ["double", "triple"]

[[exercises]]
name = "later"
title = "What builds on it"
points = 50
requires = ["sooner"]
functions = ["halve", "quarter", "Scaler", "Doubler"]
"""
SOONER = '''\
def double(x):
    """2 · x"""
    raise NotImplementedError("TODO: double")


def triple(x):
    """3 · x"""
    raise NotImplementedError("TODO: triple")
'''
LATER = '''\
def halve(x):
    """x / 2"""
    raise NotImplementedError("TODO: halve")


def quarter(x):
    """x / 4"""
    raise NotImplementedError("TODO: quarter")


class Base:
    def __init__(self, factor):
        """Keep it."""
        raise NotImplementedError("TODO: Base.__init__")

    def scale(self, x):
        """x times it"""
        raise NotImplementedError("TODO: Base.scale")


class Scaler(Base):
    def __init__(self, factor):
        """Begin."""
        raise NotImplementedError("TODO: Scaler.__init__")


class Doubler(Scaler):
    def __call__(self, x):
        """2 · x"""
        raise NotImplementedError("TODO: Doubler.__call__")
'''
HALVE, QUARTER, BASE = "later.py:1", "later.py:6", "later.py:12"
NEEDS_HALVE = f"quarter needs halve, which is still to write ({HALVE})"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    (tmp_path / "course.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "sooner.py").write_text(SOONER, encoding="utf-8")
    (tmp_path / "exercises" / "later.py").write_text(LATER, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "exercises")
    monkeypatch.syspath_prepend(tmp_path / "exercises")
    yield load_course(tmp_path)
    for name in ("sooner", "later"):
        sys.modules.pop(name, None)


def write(course: Course, exercise: str, function: str, body: str) -> None:
    """Write a function of a stub."""
    file = course.stubs / f"{exercise}.py"
    source = file.read_text(encoding="utf-8")
    line = f'raise NotImplementedError("TODO: {function}")'
    (before,) = [text for text in source.splitlines() if text.strip() == line]
    written = indent(dedent(body).strip(), before.removesuffix(line))
    file.write_text(source.replace(before, written), encoding="utf-8")


def expected(value: Any) -> Expectation:
    observation = run_probe("call", lambda *_: value, "cpu", (), {})
    return Matches(observation, Tolerance())


def problem_of(
    course: Course, function: str, expectation: Expectation | None = None, exercise: str = "later"
) -> Problem | None:
    """What a student is told of one call; None where it is as expected."""
    question = Question(exercise, function, "call", (torch.tensor([4.0]),), {})
    try:
        StudentSession(course).examine(question, expectation or expected(torch.tensor([1.0])))
    except (Mismatch, Verdict) as raised:
        return raised.problem
    return None


WAYS = {
    "calls it": "return halve(halve(x))",
    "makes another exception of it": """
        try:
            return halve(halve(x))
        except Exception as error:
            raise ValueError("no halves") from error
    """,
    "makes another exception of it and hides it": """
        try:
            return halve(halve(x))
        except Exception:
            raise ValueError("no halves") from None
    """,
    "makes nothing of it": """
        try:
            return halve(halve(x))
        except NotImplementedError:
            return x
    """,
    "passes it on": "return sum(map(halve, [x]))",
    "keeps it in a generator": "return sum(halve(part) for part in x)",
    "calls it in a function of its own": """
        def twice(y):
            try:
                return halve(halve(y))
            except BaseException:
                return None

        return twice(x)
    """,
    "leaves": """
        try:
            return halve(x)
        except Exception:
            raise SystemExit(3)
    """,
}


@pytest.mark.parametrize("body", WAYS.values(), ids=WAYS)
def test_whatever_becomes_of_its_exception_the_function_that_is_missing_is_named(
    course: Course, body: str
) -> None:
    write(course, "later", "quarter", body)
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert (problem.outcome, problem.needs) == ("todo", "halve")
    assert problem.message.splitlines()[0] == NEEDS_HALVE
    assert problem.inferred == ("try" in body)  # in grading it is asked again in a fresh sandbox


def test_the_line_that_calls_what_is_missing_is_shown_and_the_stub_is_not(course: Course) -> None:
    write(course, "later", "quarter", WAYS["calls it"])
    problem = problem_of(course, "quarter")
    line = "  later.py, line 8: return halve(halve(x))"
    assert told(problem) == ("todo", f"{NEEDS_HALVE}\n{line}", "halve")


@pytest.mark.parametrize(
    "body",
    [
        "from sooner import double\nreturn double(x) / 8",
        "import sooner\nreturn sooner.double(x) / 8",
    ],
)
def test_a_function_of_an_earlier_exercise_is_named_with_its_file(
    course: Course, body: str
) -> None:
    write(course, "later", "quarter", body)
    problem = problem_of(course, "quarter")
    assert problem is not None
    line = problem.message.splitlines()[0]
    assert line == "quarter needs double, which is still to write (sooner.py:1)"


def test_an_earlier_function_whose_exception_is_swallowed_is_named(course: Course) -> None:
    file = course.stubs / "later.py"
    file.write_text("import sooner as earlier\n" + LATER, encoding="utf-8")
    write(
        course, "later", "quarter", "try:\n    earlier.double(x)\nexcept Exception:\n    return 0"
    )
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert problem.message == "quarter needs double, which is still to write (sooner.py:1)"


def test_what_is_missing_is_not_to_blame_for_a_right_answer(course: Course) -> None:
    write(course, "later", "quarter", "try:\n    halve(x)\nexcept Exception:\n    return x / 4")
    assert problem_of(course, "quarter") is None


def test_what_is_missing_and_not_called_is_not_to_blame_for_a_wrong_answer(course: Course) -> None:
    write(course, "later", "quarter", "return x if x.sum() > 0 else halve(x)")
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert problem.outcome == "failed"
    assert "halve" not in problem.message


def test_a_due_exception_is_right_whatever_it_was_made_of(course: Course) -> None:
    write(course, "later", "quarter", WAYS["makes another exception of it"])
    assert problem_of(course, "quarter", Raises(("ValueError",))) is None
    problem = problem_of(course, "quarter", Raises(("TypeError",)))
    assert problem is not None and problem.needs == "halve"


def test_an_exception_of_ones_own_is_told_as_such(course: Course) -> None:
    write(course, "later", "quarter", 'raise NotImplementedError("quarters of floats")')
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert (problem.outcome, problem.needs) == ("error", "")
    assert problem.message.splitlines()[-2:] == [
        "got       NotImplementedError: quarters of floats",
        '  later.py, line 8: raise NotImplementedError("quarters of floats")',
    ]


def test_a_part_that_is_left_for_later_is_shown_with_its_line(course: Course) -> None:
    body = 'if x.dim():\n    raise NotImplementedError("TODO: not for vectors yet")\nreturn x / 4'
    write(course, "later", "quarter", body)
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert problem.message.splitlines()[:2] == [
        "quarter is still to be written",
        '  later.py, line 9: raise NotImplementedError("TODO: not for vectors yet")',
    ]


def test_a_stub_names_what_its_exercise_builds_on_until_that_is_written(course: Course) -> None:
    first = problem_of(course, "quarter")
    builds = "  later builds on sooner:"
    assert told(first) == (
        "todo",
        f"quarter is still to be written\n{builds} double is still to write (sooner.py:1)",
        "",
    )
    write(course, "sooner", "double", "return 2 * x")
    second = problem_of(course, "quarter")
    assert second is not None
    assert second.message.endswith(f"{builds} triple is still to write (sooner.py:6)")
    write(course, "sooner", "triple", "return 3 * x")
    third = problem_of(course, "quarter")
    assert told(third) == ("todo", "quarter is still to be written", "")


# classes


def told(problem: Problem | None) -> tuple[str, str, str]:
    assert problem is not None
    return problem.outcome, problem.message, problem.needs


def first_line(problem: Problem | None) -> str:
    assert problem is not None and problem.outcome == "todo"
    return problem.message.splitlines()[0]


@pytest.fixture
def settled(course: Course) -> Course:
    """With the earlier exercise written."""
    write(course, "sooner", "double", "return 2 * x")
    write(course, "sooner", "triple", "return 3 * x")
    return course


def test_a_class_waits_for_the_base_that_it_is_built_on(settled: Course) -> None:
    needed = f"Scaler needs Base.__init__, which is still to write ({BASE})"
    assert first_line(problem_of(settled, "Scaler")) == needed
    write(settled, "later", "Scaler.__init__", "super().__init__(factor)")
    sys.modules.pop("later")
    assert first_line(problem_of(settled, "Scaler")) == needed


def test_a_class_whose_base_is_written_names_its_own_method(settled: Course) -> None:
    write(settled, "later", "Base.__init__", "self.factor = factor")
    write(settled, "later", "Base.scale", "return self.factor * x")
    assert told(problem_of(settled, "Scaler")) == (
        "todo",
        "Scaler is still to be written\n  Scaler.__init__ (later.py:22)",
        "",
    )


def test_a_base_that_a_class_does_without_is_not_asked_for(settled: Course) -> None:
    write(settled, "later", "Scaler.__init__", "self.factor = factor")
    write(settled, "later", "quarter", "return Scaler(1).scale(x)")
    file = settled.stubs / "later.py"
    unwritten = (
        "    def scale(self, x):\n        raise NotImplementedError('TODO: Scaler.scale')\n\n"
    )
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace("class Doubler", f"{unwritten}\nclass Doubler"), "utf-8")
    line = first_line(problem_of(settled, "quarter"))
    assert line == "quarter needs Scaler.scale, which is still to write (later.py:27)"


# a module that calls a stub while it is imported


@pytest.mark.parametrize(
    ("line", "name", "place"),
    [
        ("halve(1)", "halve", "later.py:2"),
        ("from sooner import double; double(1)", "double", "sooner.py:1"),
    ],
)
def test_a_module_that_calls_a_stub_when_imported_is_told_which(
    course: Course, line: str, name: str, place: str
) -> None:
    file = course.stubs / "later.py"
    file.write_text(f"import sys\n{LATER}\n\n{line}\n", encoding="utf-8")
    problem = problem_of(course, "quarter")
    assert problem is not None
    assert problem.outcome == "todo"
    number = len(LATER.splitlines()) + 4
    assert problem.message.splitlines() == [
        f"later.py could not be imported: it calls {name}, which is still to write ({place})",
        f"  later.py, line {number}: {line}",
    ]


# what the next step is, by the source alone


def next_of(course: Course, function: str, exercise: str = "later") -> tuple[str, str] | None:
    found = ToWrite(course).first(exercise, function)
    return None if found is None else (found.name, found.place)


@pytest.mark.parametrize(
    ("function", "body", "first"),
    [
        ("quarter", "return halve(halve(x))", ("halve", HALVE)),
        ("quarter", "f = map(halve, [x])\nreturn f", ("halve", HALVE)),
        ("quarter", "from sooner import triple as t\nreturn t(x) / 12", ("triple", "sooner.py:6")),
        ("quarter", "import sooner\nreturn sooner.double(x) / 8", ("double", "sooner.py:1")),
        ("quarter", "return Scaler(0.25).scale(x)", ("Base.__init__", BASE)),
        ("quarter", "return x / 4", None),
        ("quarter", "return quarter(x)", None),
        ("quarter", "return helper(x)", None),
    ],
)
def test_what_a_function_calls_is_written_before_it(
    course: Course, function: str, body: str, first: tuple[str, str] | None
) -> None:
    write(course, "later", function, body)
    assert next_of(course, function) == first


def test_bases_are_written_before_the_classes_built_on_them(course: Course) -> None:
    assert next_of(course, "Scaler") == ("Base.__init__", BASE)
    write(course, "later", "Base.__init__", "self.factor = factor")
    write(course, "later", "Base.scale", "return self.factor * x")
    assert next_of(course, "Scaler") == ("Scaler.__init__", "later.py:22")
    assert next_of(course, "Doubler") == ("Scaler.__init__", "later.py:22")
    write(course, "later", "Scaler.__init__", "super().__init__(factor)")
    assert next_of(course, "Scaler") is None
    assert next_of(course, "Doubler") == ("Doubler.__call__", "later.py:28")


def test_functions_that_call_each_other_end_the_search(course: Course) -> None:
    write(course, "later", "halve", "return quarter(x)")
    write(course, "later", "quarter", "return halve(x)")
    assert next_of(course, "halve") is None


def test_a_file_that_cannot_be_read_has_no_next_step(course: Course) -> None:
    (course.stubs / "later.py").write_text("def halve(x:\n", encoding="utf-8")
    assert next_of(course, "halve") is None


# what comes from a sandbox may say anything

QUESTION = Question("later", "quarter", "call", (1,), {})
SAID = {"types": ["NotImplementedError"], "message": "TODO: halve", "frames": []}


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.lists(st.one_of(st.text(), st.integers(), st.none()), max_size=4),
        st.tuples(st.text(), st.text(), st.integers()).map(list),
        st.tuples(
            st.just("halve"), st.text("a\n\x1b\u202e/", max_size=3000), st.integers(1, 9)
        ).map(list),
    )
)
def test_a_forged_place_is_one_short_printable_line(unwritten: Any) -> None:
    """A name is an identifier or nothing; a file is one line, escaped and cut, as in a frame."""
    answer = {"raised": SAID, "unwritten": unwritten}
    problem = expected(1).problem_with(QUESTION, answer, "cpu")
    assert problem is not None and problem.outcome == "todo"
    (line,) = problem.message.splitlines()
    assert line.isprintable() and len(line) < 600
    assert problem.needs == "" or problem.needs.replace(".", "").isidentifier()
    assert "\n" not in load_problem("later", {**SAID, "unwritten": unwritten}).message


def test_what_a_sandbox_says_is_missing_earns_nothing_and_hides_no_forbidden_use() -> None:
    answer: dict[str, Any] = {"unwritten": ["halve", "later.py", 1]}
    wrong = {"observation": {"value": 2, "devices": ["cpu"], "changed": []}}

    def outcome(more: dict[str, Any]) -> str:
        problem = expected(1).problem_with(QUESTION, {**answer, **more}, "cpu")
        return "passed" if problem is None else problem.outcome

    assert outcome(wrong) == "todo"
    assert outcome({"forbidden": ["torch.mul"], "frames": []}) == "forbidden"
