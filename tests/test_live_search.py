"""How long a smaller counterexample is looked for: counted in questions, never in seconds."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import torch

from grader.checking.expectations import Raises, Verdict
from grader.checking.question import Question
from grader.course import Course
from grader.examiner.examination import Examination, LiveSearch, Subjection
from grader.examiner.warmth import warmth_of
from grader.outcome import Problem

QUESTION = Question("losses", "l1_loss", "call", (torch.zeros(9),), {})
SEEN = Problem("failed", "wrong", numbers=20)


@pytest.fixture
def examination(course: Course) -> Iterator[Examination]:
    """Of a submission without the file: every question is put, and none is answered."""
    ours, theirs = socket.socketpair()
    exercise = course.exercise("losses")
    with (
        ours,
        theirs,
        Examination(
            ours, exercise, Subjection({}, "cpu", course.limits, warmth_of(course))
        ) as found,
    ):
        yield found


def put(search: LiveSearch) -> int:
    """How many questions a search puts before it gives back what it began with."""
    for number in range(1000):
        with pytest.raises(Verdict) as raised:
            search.examine(QUESTION, Raises(("ValueError",)))
        if raised.value.problem is SEEN:
            return number
    raise AssertionError("it does not end")


def test_a_check_puts_fifty_questions_and_a_function_eighty(examination: Examination) -> None:
    assert [put(LiveSearch(examination, SEEN, 1)) for _ in range(3)] == [50, 30, 0]


@pytest.mark.parametrize(
    ("numbers", "least", "worth_it"),
    [(6, 1, False), (7, 1, True), (9, 9, False), (10, 9, True), (9, 12, False)],
)
def test_nothing_is_looked_for_where_nothing_smaller_is_asked_or_needed(
    examination: Examination, numbers: int, least: int, worth_it: bool
) -> None:
    search = LiveSearch(examination, Problem("failed", "wrong", numbers=numbers), least)
    assert search.worth_it is worth_it
