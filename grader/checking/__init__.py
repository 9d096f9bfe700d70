"""What a check author writes with; all that a check file imports from the grader."""

from grader import probes
from grader.checking import strategies
from grader.checking.assertions import (
    assert_gives,
    assert_gradient_matches,
    assert_matches,
    assert_raises,
)
from grader.checking.check import points

__all__ = [
    "assert_gives",
    "assert_gradient_matches",
    "assert_matches",
    "assert_raises",
    "points",
    "probes",
    "strategies",
]
