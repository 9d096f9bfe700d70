"""The sentences that checks are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.checking.compare import Tolerance, largest_input
from grader.checking.expectations import Matches, Raises
from grader.checking.subjects import Subject
from grader.probes import PROBES, Probe, run_probe
from grader.probes.functions import call, gradient
from grader.probes.observe import devices, plain


def assert_matches(
    subject: Subject, reference: Any, *args: Any, probe: Probe = call, **kwargs: Any
) -> None:
    """Hold a student's function or class against torch's on the same inputs.

    Both are exercised by `probe` (default: called once) with `args` and `kwargs`, plain data only,
    and what is observed must agree: type, shape, dtype, device and values to torch's own
    tolerances, and inputs left as they were.
    """
    observation = run_probe(_name(probe), reference, "cpu", args, kwargs)
    tolerance = Tolerance(scale=max(1.0, largest_input([args, kwargs])))
    subject.examine(subject.question(_name(probe), args, kwargs), Matches(observation, tolerance))


def assert_gradient_matches(subject: Subject, reference: Any, *args: Any, **kwargs: Any) -> None:
    """Hold the value and the gradients of a student's function against torch's.

    `wrt` lists the inputs to differentiate by, as positions or keywords; default the first.
    """
    assert_matches(subject, reference, *args, probe=gradient, **kwargs)


def assert_gives(
    subject: Subject, expected: Any, *args: Any, probe: Probe = call, **kwargs: Any
) -> None:
    """Hold what comes back against a value known beforehand: the examples of the course."""
    observation = {"value": plain(expected)}
    if devices(expected):
        observation["devices"] = devices(expected)
    tolerance = Tolerance(scale=max(1.0, largest_input([args, kwargs])))
    subject.examine(subject.question(_name(probe), args, kwargs), Matches(observation, tolerance))


def assert_raises(
    exception: type[Exception] | tuple[type[Exception], ...],
    subject: Subject,
    *args: Any,
    probe: Probe = call,
    mentions: Sequence[str] = (),
    **kwargs: Any,
) -> None:
    """Expect an exception of this type, or of one of these, or of one derived from them.

    Its message must name everything in `mentions`.
    """
    kinds = exception if isinstance(exception, tuple) else (exception,)
    expectation = Raises(tuple(kind.__name__ for kind in kinds), tuple(mentions))
    subject.examine(subject.question(_name(probe), args, kwargs), expectation)


def _name(probe: Probe) -> str:
    name = getattr(probe, "__name__", "")
    if PROBES.get(name) is not probe:
        raise TypeError(f"{probe!r} is no probe; the probes are {', '.join(PROBES)}")
    return name
