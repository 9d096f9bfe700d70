"""What a check expects of an answer, and the problem with one that is not as expected.

An answer is plain data, from the student's process or from this one. Judging it never runs
anything of the student's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from grader import untrusted
from grader.checking import words
from grader.checking.compare import (
    SIDE_EFFECTS,
    Difference,
    Tolerance,
    changed_text,
    compare_observations,
)
from grader.checking.question import Question
from grader.outcome import Contrast, Frame, Problem

TODO = "TODO"  # what the message of a stub's NotImplementedError begins with
_FRAMES_SHOWN = 8
_NAMES_LOOKED_AT = 100  # of an exception's types, or of what is forbidden
_SHORT_TEXT = 72
_LONG_NAME = 100
_LONG_PATH = 300
_MANY_LINES = 1_000_000  # no file has as many


class Mismatch(AssertionError):
    """A wrong answer; hypothesis looks for a smaller input that gives one too."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Verdict(BaseException):
    """An outcome that no smaller input makes clearer; it passes through hypothesis untouched."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Expectation(Protocol):
    """What a right answer is."""

    def problem_with(
        self, question: Question, answer: Mapping[str, Any], device: str
    ) -> Problem | None:
        """None where the answer is right."""
        ...


def fail(problem: Problem) -> None:
    """Raise the exception that fits a problem."""
    if problem.outcome in ("failed", "error"):
        raise Mismatch(problem)
    raise Verdict(problem)


@dataclass(frozen=True)
class Matches:
    """The observation that the reference gives, to a tolerance."""

    observation: Mapping[str, Any]
    tolerance: Tolerance

    def problem_with(
        self, question: Question, answer: Mapping[str, Any], device: str
    ) -> Problem | None:
        return _or_what_it_needs(question, answer, self._problem_with(question, answer, device))

    def _problem_with(
        self, question: Question, answer: Mapping[str, Any], device: str
    ) -> Problem | None:
        general = _general_problem(question, answer)
        if general is not None:
            return general
        raised = answer.get("raised")
        if raised is not None:
            return _exception_problem(question, raised, self.observation, device)
        observation = answer.get("observation")
        if not isinstance(observation, dict):
            return Problem("error", "its process gave no answer that can be read")
        difference = compare_observations(
            self.observation, observation, self.tolerance.on(device), device
        )
        if difference is None:
            return None
        asked = words.shortened(question, difference.part)
        return Problem(
            "failed",
            numbers=asked.numbers,
            call=words.question_text(asked, self.observation, device),
            contrast=difference.placed(words.place_text(asked, difference.part)),
            notes=_also(difference, observation),
        )


def _also(difference: Difference, observation: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong beside a wrong result."""
    changed = changed_text(observation)
    if difference.what == SIDE_EFFECTS or changed in ("", "?"):
        return ()
    return (words.cut(f"it changed too: {changed}"),)


@dataclass(frozen=True)
class Raises:
    """An exception of one of these types, or of one derived from them.

    Its message must name all of `mentions`.
    """

    exceptions: tuple[str, ...]
    mentions: tuple[str, ...] = ()

    def problem_with(
        self, question: Question, answer: Mapping[str, Any], device: str
    ) -> Problem | None:
        return _or_what_it_needs(question, answer, self._problem_with(question, answer, device))

    def _problem_with(
        self, question: Question, answer: Mapping[str, Any], device: str
    ) -> Problem | None:
        general = _general_problem(question, answer)
        if general is not None:
            return general
        raised = answer.get("raised")
        expected = " or ".join(self.exceptions)
        if raised is None:
            got = f"no exception{_returned(question, answer.get('observation'))}"
        elif any(name in self.exceptions for name in _strings(raised.get("types"))):
            message = _said(raised)
            if all(name in message for name in self.mentions):
                return None
            expected += f" whose message names {', '.join(self.mentions)}"
            got = _exception_text(raised)
        else:
            got = _exception_text(raised)
        return Problem(
            "failed",
            numbers=question.numbers,
            call=words.question_text(question, device=device),
            contrast=Contrast(expected, got),
        )


def _returned(question: Question, observation: object) -> str:
    """What a call returned that should have raised; of other probes the value is not what came."""
    if question.probe != "call" or not isinstance(observation, dict):
        return ""
    return f"; it returned {words.value_text(observation.get('value'))}"


def _general_problem(question: Question, answer: Mapping[str, Any]) -> Problem | None:
    """What is wrong with an answer whatever was expected."""
    if "missing" in answer:
        return Problem(
            "error",
            f"{question.exercise}.py has no {question.function}: "
            "is it misspelt, or was it deleted?",
        )
    if "forbidden" in answer:
        tried = words.cut(", ".join(_strings(answer["forbidden"]))) or "something"
        said = f"{question.function} used {tried}, which this exercise asks you to write"
        return Problem("forbidden", said, frames=_frames(answer.get("frames")))
    raised = answer.get("raised")
    if raised is None:
        return None
    if not isinstance(raised, dict):
        return Problem("error", "its process gave no answer that can be read")
    if _is_todo(raised):
        return Problem("todo", f"{question.function} is still to be written")
    return None


def _is_todo(raised: Mapping[str, Any]) -> bool:
    is_stub = "NotImplementedError" in _strings(raised.get("types"))
    return is_stub and _said(raised).startswith(TODO)


def _or_what_it_needs(
    question: Question, answer: Mapping[str, Any], problem: Problem | None
) -> Problem | None:
    """A problem, unless it came of what is still to be written: then that, and where it is."""
    unwritten = _unwritten(answer)
    if problem is None or unwritten is None or problem.outcome not in ("todo", "failed", "error"):
        return problem
    name, file, line = unwritten
    raised = answer["raised"] if isinstance(answer.get("raised"), dict) else {}
    frames = _frames(raised.get("frames"))
    inferred = problem.outcome != "todo"
    own, method = name.partition(".")[::2]
    if own != question.function or _stem(file) != question.exercise:
        needed = f"{question.function} needs {name}, which is still to write ({file}:{line})"
        callers = () if inferred else tuple(dict.fromkeys(frames[:-1]))
        return Problem("todo", needed, frames=callers, needs=name, inferred=inferred)
    said = f"{question.function} is still to be written"
    if method:
        return Problem("todo", f"{said}\n  {name} ({file}:{line})", inferred=inferred)
    if _said(raised) != f"{TODO}: {name}":  # a part of it, which its author left for later
        return Problem("todo", said, frames=frames, inferred=inferred)
    return Problem("todo", said, inferred=inferred)


def _unwritten(answer: Mapping[str, Any]) -> tuple[str, str, int] | None:
    """Which function is unwritten, its file and its line; a name is all that can be said here."""
    match answer.get("unwritten"):
        case [str(name), str(file), int(line)] if _is_name(name) and 0 < line < _MANY_LINES:
            return name, words.cut(file, _LONG_PATH), int(line)
    return None


def _is_name(text: str) -> bool:
    return len(text) <= _LONG_NAME and all(part.isidentifier() for part in text.split("."))


def _stem(file: str) -> str:
    return re.split(r"[\\/]", file)[-1].removesuffix(".py")


def load_problem(exercise: str, raised: object) -> Problem:
    """Why a module could not be imported; `todo` where it calls what is still to be written."""
    raised = raised if isinstance(raised, dict) else {}
    unwritten, failed = _unwritten(raised), f"{exercise}.py could not be imported:"
    frames = _frames(raised.get("frames"))
    if unwritten is not None:
        name, file, line = unwritten
        said = f"{failed} it calls {name}, which is still to write ({file}:{line})"
        return Problem("todo", said, frames=frames[:-1], of_file=True, needs=name)
    said = f"{failed} {_exception_text(raised)}"
    column = raised.get("column")
    if frames and type(column) is int and 0 < column <= len(frames[-1].text):
        frames = (*frames[:-1], replace(frames[-1], column=column))
    return Problem("error", said, frames=frames, of_file=True)


def _exception_problem(
    question: Question, raised: Mapping[str, Any], expected: Mapping[str, Any], device: str
) -> Problem:
    wanted = _short_text(expected.get("value")) or "no exception"
    return Problem(
        "error",
        numbers=question.numbers,
        call=words.question_text(question, expected, device),
        contrast=Contrast(wanted, _exception_text(raised)),
        frames=_frames(raised.get("frames")),
    )


def _short_text(value: object) -> str | None:
    """A value that is one thing and takes a few words; None for any other."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    if isinstance(value, dict) or any(isinstance(part, (list, tuple, dict)) for part in parts):
        return None
    text = words.value_text(value)
    return text if len(text) <= _SHORT_TEXT else None


def _exception_text(raised: Mapping[str, Any]) -> str:
    kind = words.cut(next(iter(_strings(raised.get("types"))), "an exception"), _LONG_NAME)
    # Lines of the student's own are marked, so that none can be taken for one of the grader's.
    said = untrusted.block(_said(raised))
    return f"{kind}: {said}" if said else kind


def _said(raised: Mapping[str, Any]) -> str:
    """An exception's message; nothing but text is ever formatted: a tensor's text has no bound."""
    message = raised.get("message")
    return message if isinstance(message, str) else ""


def _frames(frames: object) -> tuple[Frame, ...]:
    """The student's own lines, outermost first."""
    found = []
    for frame in frames[-_FRAMES_SHOWN:] if isinstance(frames, list) else []:
        match frame:
            case [str(file), int(number), str(function), str(text)]:
                found.append(Frame(file, number, function, text))
    return tuple(found)


def _strings(found: object) -> Sequence[str]:
    """The texts among the first entries of a list; none where it is no list."""
    names = found[:_NAMES_LOOKED_AT] if isinstance(found, list) else []
    return [name for name in names if isinstance(name, str)]
