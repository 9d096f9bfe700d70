"""Every text that a student may be shown is pasted into a shell, with the solution in their place.

It runs, and what it shows is what the check expects.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from conftest import ROOT, solution
from recording import Recorder, of_the_course, present
from shells import SHOWN, Shell

from grader.checking.compare import Tolerance, compare
from grader.checking.expectations import Expectation, Matches, Raises
from grader.checking.question import Question
from grader.checking.words import place_text, question_text, shortened
from grader.checking.words_values import Part
from grader.course import load_course

COURSE = load_course(ROOT)
STANDS_FOR_ANOTHER = r"torch\.rand(n|int)\((?!.*generator=)"  # a tensor that no text can give again
DIGITS = 10.0  # by so much wider are tolerances where inputs are written to seven digits


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return of_the_course()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pasted(text: str, names: Mapping[str, Any]) -> Shell:
    shell = Shell(names)
    with contextlib.redirect_stdout(io.StringIO()):
        shell.paste(text)
    return shell


def problem_with(question: Question, expectation: Expectation, shell: Shell) -> str | None:
    """What is wrong with what the shell showed; None where it is what is expected."""
    if isinstance(expectation, Raises):
        raised = {kind.__name__ for kind in type(shell.raised).__mro__}
        return None if raised & set(expectation.exceptions) else f"raised {shell.raised!r}"
    if shell.raised is not None:
        return f"raised {shell.raised!r}"
    assert isinstance(expectation, Matches)
    if question.probe not in SHOWN:
        return None
    expected, shown = SHOWN[question.probe](expectation.observation, shell)
    difference = compare(expected, shown, Tolerance(expectation.tolerance.scale, DIGITS))
    return None if difference is None else "\n".join(difference.placed().lines())


def solved(name: str) -> dict[str, Any]:
    """The functions of an exercise as its solution has them."""
    if not present(COURSE, name):
        pytest.skip(f"{name} is not written yet")
    functions = COURSE.exercise(name).functions
    return {name: value for name, value in vars(solution(name)).items() if name in functions}


@pytest.mark.parametrize("name", COURSE.names)
def test_what_is_shown_runs_and_shows_what_is_expected(
    name: str, recorder: Recorder, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, seen, problems = solved(name), set(), []
    monkeypatch.chdir(tmp_path)
    for question, expectation in recorder.asked[name]:
        given = expectation.observation if isinstance(expectation, Matches) else None
        for text in {question_text(question, given), question_text(question)} - seen:
            seen.add(text)
            problem = problem_with(question, expectation, pasted(text, names))
            problems += [f"{text}\n{problem}"] if problem else []
    assert seen, "its checks ask nothing"
    assert not [text for text in seen if re.search(STANDS_FOR_ANOTHER, text)]
    assert not problems, f"{len(problems)} texts, among them\n\n" + "\n\n".join(problems[:3])


def parts_of(value: Any, part: Part = ()) -> Iterator[Part]:
    """Every part of an observation that may differ; of long lists the first ones."""
    yield part
    if isinstance(value, dict):
        for key, item in value.items():
            yield from parts_of(item, (*part, key))
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value[:3]):
            yield from parts_of(item, (*part, position))


@pytest.mark.parametrize("name", COURSE.names)
def test_what_is_shown_of_a_part_runs_too(
    name: str, recorder: Recorder, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, seen, problems = solved(name), set(), []
    monkeypatch.chdir(tmp_path)
    for question, expectation in recorder.asked[name]:
        if not isinstance(expectation, Matches):
            continue
        for part in parts_of(expectation.observation):
            asked = shortened(question, part)
            text = question_text(asked, expectation.observation)
            assert asked.numbers <= question.numbers + 1  # a number of steps that was left out
            assert "\n" not in place_text(asked, part)
            if text not in seen:
                seen.add(text)
                shell = pasted(text, names)
                problems += [f"{text}\nraised {shell.raised!r}"] if shell.raised else []
    assert not problems, f"{len(problems)} texts, among them\n\n" + "\n\n".join(problems[:3])


def test_every_check_could_be_recorded(recorder: Recorder) -> None:
    assert recorder.broken == []
