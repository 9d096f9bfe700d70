"""Which passed checks count: what can be known beforehand earns nothing by itself.

The sandbox is the student's process: one that has been taken over answers whatever it likes. An
example with fixed numbers, or a ValueError that is due, is the same in every run, and whoever has
read the checks can have the answer ready. What is drawn from the seed cannot be known. So a
function's other checks count where it also gives right answers to what was drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import is_hypothesis_test

from grader.checking.diagnosis import Evidence
from grader.checking.expectations import Expectation, Matches
from grader.outcome import Result

WORKS = 3  # one in so many drawn questions must be answered rightly; guesses reach one in five


def is_drawn(item: pytest.Item) -> bool:
    """Whether a check's inputs follow from the seed: by strategies, or by the fixture `drawn`."""
    if not isinstance(item, pytest.Function):
        return False
    return is_hypothesis_test(item.function) or "drawn" in item.fixturenames


def values(expectations: Sequence[Expectation]) -> int:
    """How many of some questions ask for a value, and not for an exception."""
    return sum(isinstance(expectation, Matches) for expectation in expectations)


def counted(
    results: Sequence[Result], drawn: Mapping[str, int], evidence: Mapping[str, Evidence]
) -> list[Result]:
    """The results, with those failed that could be prepared for a function that does not work.

    `drawn` gives for each drawn check, by id, how many values it asks for. A function without one
    is taken to work, and so is one that passes one.
    """
    asked: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    for result in results:
        check = result.check
        if drawn.get(check.id, 0):
            asked[check.function] += drawn[check.id]
            found = (one.expectation for one in evidence[check.id].right)
            passed = result.outcome == "passed"
            right[check.function] += drawn[check.id] * WORKS if passed else values(list(found))
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
