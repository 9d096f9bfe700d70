"""Recordings as bytes, and back: frames of the wire, so that nothing in them can name code.

What was recorded goes through this also in a run that keeps nothing, so that every run marks with
the very same data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grader.checking.compare import Tolerance
from grader.checking.curves import ReferenceCurve
from grader.checking.expectations import Expectation, Matches, Raises
from grader.checking.question import Question
from grader.examiner.recording import Recording
from grader.outcome import Check
from grader.sandbox import wire
from grader.sandbox.answers import Encoded


class PackingError(Exception):
    """The bytes are no recordings."""


def packed(recordings: Sequence[Recording]) -> bytes:
    """One exercise's recordings as bytes."""
    return wire.encode([_recording_as_data(recording) for recording in recordings])


def unpacked(data: bytes) -> list[Recording]:
    """The recordings of an exercise; PackingError where the bytes are anything else."""
    rest = memoryview(data)

    def receive(size: int) -> bytes:
        nonlocal rest
        chunk, rest = rest[:size], rest[size:]
        return bytes(chunk)

    try:
        found = wire.FrameReader(receive, wire.REQUEST_LIMITS).read()
        return [_recording(entry) for entry in found]
    except (wire.WireError, EOFError, KeyError, TypeError, ValueError, IndexError) as error:
        raise PackingError(f"{type(error).__name__}: {error}") from None


def _recording_as_data(recording: Recording) -> dict[str, Any]:
    curve = recording.curve
    return {
        "check": asdict(recording.check),
        "shrinks": recording.shrinks,
        "questions": [_question_as_data(question) for question in recording.questions],
        "expectations": [_expectation_as_data(each) for each in recording.expectations],
        "known": [[list(encoded) for encoded in each] for each in recording.known],
        "drawn": _places(recording.drawn, recording.expectations),
        "curve": None
        if curve is None
        else {
            "question": _places([curve.question], recording.questions)[0],
            "title": curve.title,
            "numbers": list(curve.numbers),
            "stride": curve.stride,
        },
    }


def _recording(entry: Mapping[str, Any]) -> Recording:
    made = Recording(Check(**entry["check"]), entry["shrinks"])
    made.questions = [_question(made.check, each) for each in entry["questions"]]
    made.expectations = [_expectation(each) for each in entry["expectations"]]
    made.drawn = [made.expectations[place] for place in entry["drawn"]]
    made.known = [tuple(map(_encoded, each)) for each in entry["known"]]
    if not len(made.questions) == len(made.expectations) == len(made.known) > 0:
        raise ValueError("each question needs an expectation and its right answers")
    if entry["curve"] is not None:
        found = entry["curve"]
        question, numbers = made.questions[found["question"]], tuple(found["numbers"])
        made.curve = ReferenceCurve(question, found["title"], numbers, found["stride"])
    made.seal()
    return made


def _encoded(entry: Sequence[Any]) -> Encoded:
    structure, blob = entry
    return structure, blob


def _places(some: Sequence[object], every: Sequence[object]) -> list[int]:
    """Where some things, the very same ones, stand among others."""
    place = {id(one): number for number, one in enumerate(every)}
    return [place[id(one)] for one in some]


def _question_as_data(question: Question) -> dict[str, Any]:
    return {"exercise": question.exercise, **question.as_data()}


def _question(check: Check, entry: Mapping[str, Any]) -> Question:
    names = entry["exercise"], entry["function"], entry["probe"]
    return Question(*names, tuple(entry["args"]), entry["kwargs"])


def _expectation_as_data(expectation: Expectation) -> dict[str, Any]:
    if isinstance(expectation, Matches):
        tolerance = asdict(expectation.tolerance)
        return {"observation": dict(expectation.observation), "tolerance": tolerance}
    if isinstance(expectation, Raises):
        return asdict(expectation)
    raise TypeError(f"{type(expectation).__name__} is no expectation that is recorded")


def _expectation(entry: Mapping[str, Any]) -> Expectation:
    if "observation" in entry:
        return Matches(entry["observation"], Tolerance(**entry["tolerance"]))
    return Raises(**entry)
