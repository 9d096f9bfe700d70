"""What a student may see of a grade: of hidden checks what the course allows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoting import OF_THE_FILE, OVERHEARD, SECRET, SEEN, check_grade, grades, message

from grader.checking.expectations import load_problem
from grader.course import HIDDEN_FEEDBACK
from grader.examiner.engine import Engine
from grader.grades import CheckGrade, ExerciseGrade, Grade
from grader.reports.view import student_view

ASKED = "which this exercise asks you to write"
CLOSED = [level for level in HIDDEN_FEEDBACK if level != "counterexample"]


def grade_of(*checks: CheckGrade, status: str = "failed") -> Grade:
    name = checks[0].exercise
    exercise = ExerciseGrade(name, status, 0.0, 16.0, checks, (SEEN, OVERHEARD))
    return Grade("ada", "graded", None, 0.0, 16.0, (exercise,))


def hidden_check(text: str | None, outcome: str = "failed", hint: str | None = None) -> CheckGrade:
    check = check_grade("losses", "l1_loss", 0, True, outcome)
    return replace(check, message=text, hint=hint, misconception=hint and "a_mistake")


def told(check: CheckGrade, level: str = "hint") -> CheckGrade:
    (seen,) = student_view(grade_of(check), level).exercises[0].checks
    return seen


@settings(max_examples=60, deadline=None)
@given(grade=grades(st.just("3.0"), st.just(SECRET)), level=st.sampled_from(CLOSED))
def test_nothing_of_a_hidden_message_is_seen(grade: Grade, level: str) -> None:
    assert SECRET not in repr(student_view(grade, level))


@settings(max_examples=30, deadline=None)
@given(grade=grades(st.just("3.0"), st.just(SECRET)), level=st.sampled_from(HIDDEN_FEEDBACK))
def test_public_checks_and_points_are_as_they_were(grade: Grade, level: str) -> None:
    seen = student_view(grade, level)
    for before, after in zip(grade.exercises, seen.exercises, strict=True):
        public = [check for check in before.checks if not check.hidden]
        assert [check for check in after.checks if not check.hidden] == public
        assert (after.points, after.max_points) == (before.points, before.max_points)
    assert (seen.points, seen.max_points) == (grade.points, grade.max_points)


@given(text=st.text(), outcome=st.sampled_from(["failed", "error", "timeout", "forbidden"]))
def test_what_no_examiner_says_is_not_passed_on(text: str, outcome: str) -> None:
    seen = told(hidden_check(text + SECRET, outcome)).message
    assert seen is None or SECRET not in seen


def test_a_course_may_show_everything() -> None:
    grade = grade_of(hidden_check(f"l1_loss({SECRET})"))
    assert student_view(grade, "counterexample") == grade


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="hint, title, points"):
        student_view(grade_of(hidden_check(None)), "everything")


def test_each_level_shows_less() -> None:
    check = hidden_check(f"l1_loss({SECRET})", hint="Take the mean.")
    hinted, titled, summed = (told(check, level) for level in ("hint", "title", "points"))
    assert (hinted.title, hinted.outcome, hinted.hint) == (check.title, "failed", "Take the mean.")
    assert hinted.message is None
    assert (titled.title, titled.outcome) == (check.title, "failed")
    assert (titled.message, titled.hint, titled.misconception) == (None, None, None)
    assert (summed.title, summed.max_points) == ("The hidden checks of l1_loss.", 0.5)
    assert student_view(grade_of(check), "none").exercises[0].checks == ()


def test_a_curve_of_a_hidden_check_comes_with_counterexamples_only() -> None:
    grade = grade_of(hidden_check(None))
    for level in HIDDEN_FEEDBACK:
        (exercise,) = student_view(grade, level).exercises
        shown = (SEEN, OVERHEARD) if level == "counterexample" else (SEEN,)
        assert exercise.curves == shown


@pytest.mark.parametrize("template", OF_THE_FILE)
@pytest.mark.parametrize("level", ["hint", "title", "points"])
def test_why_a_file_cannot_be_imported_is_told(template: str, level: str) -> None:
    text = message(template, "losses", "l1_loss", "invalid syntax")
    assert told(hidden_check(text, "error"), level).message == text


def test_the_message_of_a_file_is_the_examiners() -> None:
    raised = {"types": ["ValueError"], "message": "no\nsuch", "frames": [["losses.py", 3, "", "x"]]}
    text = load_problem("losses", raised).message
    assert told(hidden_check(text, "error")).message == text


def test_an_exercise_that_fails_to_import_later_shows_no_counterexample() -> None:
    """A module may be importable in one sandbox and not in the next one."""
    asked = hidden_check(f"l1_loss(torch.tensor([{SECRET}]))")
    unloaded = hidden_check("losses.py could not be imported: ValueError: now", "error")
    seen = student_view(grade_of(asked, unloaded, status="error"), "hint")
    assert [check.message for check in seen.exercises[0].checks] == [None, unloaded.message]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("l1_loss is still to be written", "todo"),
        ("losses.py has no l1_loss: is it misspelt, or was it deleted?", "error"),
        ("l1_loss: it did not end within 3 s: is there an endless loop?", "timeout"),
        ("l1_loss has used its 9 s in the checks before", "timeout"),
        ("losses.py has used its 45 s in the checks before", "timeout"),
        ("l1_loss: the process was ended by SIGKILL", "crashed"),
        ("l1_loss: its files are larger than 64 MiB in all", "crashed"),
        (f"l1_loss used torch.nn.functional.l1_loss, {ASKED}", "forbidden"),
        (f"l1_loss used torch.optim, {ASKED}", "forbidden"),
    ],
)
def test_what_holds_no_input_is_told_with_hints(said: str, outcome: str) -> None:
    assert told(hidden_check(said, outcome)).message == said
    assert told(hidden_check(said, outcome), "title").message is None


@pytest.mark.parametrize(
    ("said", "outcome", "seen"),
    [
        ("l1_loss needs x77, which is still to write (losses.py:77)", "todo", "to be written"),
        ("l1_loss is still to be written\n  losses.py, line 77: 77", "todo", "to be written"),
        ("l1_loss: the process ended itself with exit status 77", "crashed", "the process ended"),
        ("l1_loss: it sent something else: 0x77", "crashed", "ended before it answered"),
        ("l1_loss: it did not end within 3 s, or 77", "timeout", "took too long"),
        (f"l1_loss used aten::x77, {ASKED}", "forbidden", "something"),
        (f"l1_loss used aten::l1_loss, {ASKED}\n  77", "forbidden", "aten::l1_loss"),
    ],
)
def test_of_what_may_hold_an_input_the_outcome_is_told(said: str, outcome: str, seen: str) -> None:
    words = told(hidden_check(said, outcome)).message
    assert words is not None and seen in words and "77" not in words


def test_what_the_examiner_says_without_inputs_is_told(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    """The words are the examiner's: where they change, the view has to know them again."""
    wrong = b"""
import os
import torch.nn.functional as F

l1_loss = F.l1_loss


def mse_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError
    return input.sum() * 0


def nll_loss(*args, **kwargs):
    raise NotImplementedError("TODO")


def binary_cross_entropy(*args, **kwargs):
    os._exit(7)


del cross_entropy
"""
    (graded,) = engine.examine(
        {"losses.py": solutions["losses.py"] + wrong}, ["losses"], smaller=False
    )
    exercise = ExerciseGrade.read(graded)
    grade = Grade("ada", "graded", None, 0.0, 16.0, (exercise,))
    seen: dict[str, set[str | None]] = {}
    for check in student_view(grade, "hint").checks:
        if check.hidden and not check.passed:
            seen.setdefault(check.function, set()).add(check.message)
    counts = "this is right, and counts once mse_loss works: of the inputs that were drawn for its "
    counts += "other checks it gets fewer than a third right"
    assert seen == {
        "l1_loss": {
            "l1_loss used torch.nn.functional.l1_loss, which this exercise asks you to write"
        },
        "mse_loss": {None, counts},
        "nll_loss": {"nll_loss is still to be written"},
        "binary_cross_entropy": {"binary_cross_entropy: the process ended itself"},
        "cross_entropy": {"losses.py has no cross_entropy: is it misspelt, or was it deleted?"},
    }
