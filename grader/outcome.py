"""A check and how it ended: the records that go from the run of a check to every report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One test function. `id` is unique in the course: `losses/test_l1_loss_is_torchs`."""

    id: str
    exercise: str
    function: str
    title: str
    points: float
    hidden: bool


@dataclass(frozen=True)
class Result:
    """How one check ended, as the report of its test carries it (`report.grader_result`).

    `outcome` is passed, failed, todo (a stub's NotImplementedError), error (an exception), timeout,
    crashed (the process died) or forbidden; only passed earns points. `seconds` are of wall time.
    `misconception` names the known mistake that explains the failure, and `hint` says what to do.
    """

    check: Check
    outcome: str
    message: str | None
    seconds: float
    hint: str | None = None
    misconception: str | None = None
