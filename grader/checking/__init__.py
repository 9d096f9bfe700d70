"""What a check author writes with; all that a check file imports from the grader.

Each name is imported when it is first asked for: what reads students' files needs no torch, and a
check file that draws nothing needs no hypothesis.
"""

from typing import TYPE_CHECKING, Any

__all__ = [
    "assert_gives",
    "assert_gradient_matches",
    "assert_matches",
    "assert_raises",
    "points",
    "probes",
    "strategies",
]

if TYPE_CHECKING:
    from grader import probes
    from grader.checking import strategies
    from grader.checking.assertions import (
        assert_gives,
        assert_gradient_matches,
        assert_matches,
        assert_raises,
    )
    from grader.checking.check import points
else:

    def __getattr__(name: str) -> Any:
        if name == "strategies":
            import grader.checking.strategies as strategies

            return strategies
        if name == "probes":
            import grader.probes as probes

            return probes
        if name == "points":
            from grader.checking.check import points

            return points
        if name in __all__:
            import grader.checking.assertions as assertions

            return getattr(assertions, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
