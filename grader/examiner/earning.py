"""Which passed checks count: what can be known beforehand earns nothing by itself.

The sandbox is the student's process: one that has been taken over answers whatever it likes. An
example with fixed numbers, or a ValueError that is due, is the same in every run, and whoever has
read the checks can have the answer ready. What is drawn from the seed cannot be known. So a
function's other checks count where it also gives right answers to what was drawn.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from grader.checking.diagnosis import Evidence
from grader.checking.expectations import Expectation, Matches
from grader.outcome import Result
from grader.probes.observe import SHOWN

WORKS = 3  # one in so many drawn questions must be answered rightly; guesses reach one in five
_GUESSED = {0.0, 1.0, -1.0}  # NaN and infinity are taken for 0
_OF_ANY = ("devices", "changed", "graph", SHOWN)  # what is observed of any function


def tells(expectation: Expectation) -> bool:
    """Whether a right answer tells that a function works: an exception, or all zeros, is a guess.

    Many inputs that hypothesis draws are simple, and so is what comes of them.
    """
    if not isinstance(expectation, Matches):
        return False
    found = {
        atom
        for key, value in expectation.observation.items()
        if key not in _OF_ANY
        for atom in _atoms(value)
    }
    return len(found) > 1 or not found <= _GUESSED


def _atoms(value: object) -> Iterator[float | str]:
    """The numbers and texts that plain data holds; truth values tell too little."""
    if isinstance(value, torch.Tensor):
        yield from value.double().nan_to_num(0.0, 0.0, 0.0).reshape(-1).tolist()
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _atoms(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _atoms(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value) if math.isfinite(value) else 0.0


def answered(
    drawn: Mapping[str, Sequence[Expectation]], evidence: Mapping[str, Evidence]
) -> dict[str, int]:
    """Of each check in `evidence`, by id, how many of its drawn questions were answered rightly."""
    return {check: one.rightly(drawn.get(check, ())) for check, one in evidence.items()}


def counted(
    results: Sequence[Result],
    drawn: Mapping[str, Sequence[Expectation]],
    answered: Mapping[str, int],
) -> list[Result]:
    """The results, with those failed that could be prepared for a function that does not work.

    `drawn` gives for each check, by id, what is expected of inputs that follow from the seed and
    cannot be guessed; `answered` how many of them were answered rightly. A function without is
    taken to work, and so is one that passes such a check.
    """
    asked: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    for result in results:
        check = result.check
        expected = drawn.get(check.id, ())
        if expected:
            asked[check.function] += len(expected)
            passed = result.outcome == "passed"
            right[check.function] += len(expected) * WORKS if passed else answered.get(check.id, 0)
    idle = {name for name, number in asked.items() if right[name] * WORKS < number}
    return [
        _prepared(result)
        if result.check.function in idle and result.outcome == "passed"
        else result
        for result in results
    ]


def _prepared(result: Result) -> Result:
    """A passed check that does not count."""
    function = result.check.function
    return replace(
        result,
        outcome="failed",
        message=f"this is right, and counts once {function} works: of the inputs that were drawn "
        "for its other checks it gets fewer than a third right",
    )
