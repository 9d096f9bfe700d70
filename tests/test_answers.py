"""What one fork finds out about a known mistake, the next one reads."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from grader.checking.compare import Tolerance
from grader.checking.diagnosis import answer_of, same_answer
from grader.checking.expectations import Matches
from grader.checking.question import Question
from grader.examiner import answers as module
from grader.examiner.answers import SharedAnswers
from grader.examiner.recording import Recording
from grader.misconceptions import Misconception
from grader.outcome import Check

RAN: list[tuple[str, float]] = []


def doubled(x: torch.Tensor) -> torch.Tensor:
    RAN.append(("doubled", float(x.sum())))
    return 2 * x


def refused(x: torch.Tensor) -> torch.Tensor:
    RAN.append(("refused", float(x.sum())))
    raise ValueError("no number from 1 to 3")


def talkative(x: torch.Tensor) -> torch.Tensor:
    RAN.append(("talkative", float(x.sum())))
    raise ValueError("no! " * (1 << 18))


MISTAKES = {
    function.__name__: Misconception(function.__name__, "f", "hint", function)
    for function in (doubled, refused, talkative)
}


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    RAN.clear()
    yield
    RAN.clear()


@pytest.fixture
def recording() -> Recording:
    """Two questions of one check."""
    found = Recording(Check("some/test_f", "some", "f", "a title", 1.0, True))
    for number in (1.0, 2.0):
        question = Question("some", "f", "call", (torch.full((3,), number),), {})
        expectation = Matches({"value": question.args[0]}, Tolerance())
        answer = {"observation": {"value": question.args[0]}}
        found.add(question, expectation, answer, "cpu")
    return found


def in_a_fork(work: Callable[[], None]) -> int:
    """Have a fork do something; how it ended, as `os.waitpid` says it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def ask(shared: SharedAnswers, recording: Recording, *names: str, of: str = "some/f") -> list[Any]:
    """What mistakes answer to all questions, and what was new of it shared."""
    answers = shared.of(of, [recording])
    found = [answers(MISTAKES[name], one) for name in names for one in recording.questions]
    shared.share(of, answers)
    return found


@pytest.mark.parametrize("name", ["doubled", "refused"])
def test_what_a_fork_finds_out_is_not_run_again(recording: Recording, name: str) -> None:
    shared = SharedAnswers()
    assert in_a_fork(lambda: bool(ask(shared, recording, name))) == 0
    found = ask(shared, recording, name)
    assert RAN == []
    definition = MISTAKES[name].definition
    for question, answer in zip(recording.questions, found, strict=True):
        assert same_answer(question, answer, answer_of(definition, question), "cpu")


def test_what_nobody_found_out_is_run_once(recording: Recording) -> None:
    shared = SharedAnswers()
    ask(shared, recording, "doubled")
    ask(shared, recording, "doubled", "refused")
    assert RAN == [("doubled", 3.0), ("doubled", 6.0), ("refused", 3.0), ("refused", 6.0)]


def test_answers_are_of_one_function(recording: Recording) -> None:
    shared = SharedAnswers()
    ask(shared, recording, "doubled")
    RAN.clear()
    ask(shared, recording, "doubled", of="some/other")
    assert len(RAN) == 2


def test_an_answer_that_is_too_large_to_keep_is_found_out_each_time(recording: Recording) -> None:
    shared = SharedAnswers()
    for _ in range(2):
        ask(shared, recording, "talkative", "doubled")
    said = [name for name, _ in RAN]
    assert said.count("talkative") == 4
    assert said.count("doubled") == 2


def test_a_fork_that_is_ended_while_it_writes_leaves_nothing_half_written(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedAnswers()
    ask(shared, recording, "doubled")
    write = os.pwrite

    def write_and_die(file: int, data: bytes, place: int) -> int:
        write(file, data[: len(data) // 2], place)
        os._exit(3)

    def work() -> None:
        monkeypatch.setattr(os, "pwrite", write_and_die)
        ask(shared, recording, "refused")

    assert os.waitstatus_to_exitcode(in_a_fork(work)) == 3
    RAN.clear()
    ask(shared, recording, "doubled")
    assert RAN == []
    ask(shared, recording, "refused")  # who comes next writes over it, whole
    RAN.clear()
    ask(shared, recording, "doubled", "refused")
    assert RAN == []


def test_nobody_waits_for_a_fork_that_is_writing(recording: Recording) -> None:
    shared = SharedAnswers()
    fcntl.lockf(shared.file, fcntl.LOCK_EX)
    assert in_a_fork(lambda: bool(ask(shared, recording, "doubled"))) == 0  # it ends
    fcntl.lockf(shared.file, fcntl.LOCK_UN)
    ask(shared, recording, "doubled")
    assert len(RAN) == 2


def test_memory_that_is_full_stays_as_it_is(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedAnswers()
    ask(shared, recording, "doubled")
    before = os.fstat(shared.file).st_size
    monkeypatch.setattr(module, "_ROOM", before)
    ask(shared, recording, "refused")
    assert os.fstat(shared.file).st_size == before
    RAN.clear()
    ask(shared, recording, "doubled", "refused")
    assert RAN == [("refused", 3.0), ("refused", 6.0)]
