"""Which checks are put again to work that was graded before, and which of its results stand.

A check asks what was recorded of it: who passed it passes whatever asks the very same. So a result
stands where the digest of what the check asks and expects is what it was. What a function that has
a fault is told depends on all its checks: how much was looked for a smaller counterexample, which
known mistake explains it. Such a function stands as a whole or is put again as a whole, and so is
one that fails a check which is put to it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from grader.course import Limits
from grader.examiner.marks import Marks, Spent
from grader.examiner.recording import Recording
from grader.outcome import SETTLED, Check, Result
from grader.sandbox.client import Purse

_SHARE = 2  # checks put apart may have used up one half of a limit together, and met none of it


class Put(Protocol):
    """Puts checks, by id, to sandboxes of their own."""

    def __call__(self, put: set[str], alone: bool = False) -> Marks: ...


@dataclass(frozen=True)
class KeptResult:
    """How a check ended before; `asked` is the digest of what it asked then."""

    asked: str
    outcome: str
    message: str | None
    hint: str | None
    misconception: str | None
    seconds: float
    answered: int

    def of(self, check: Check) -> Result:
        """The same of the check as it is now: its title and its points may be others."""
        return Result(
            check, self.outcome, self.message, self.seconds, self.hint, self.misconception
        )


@dataclass(frozen=True)
class Kept:
    """What is known of one exercise of a submission from its grading before.

    `results` are by the check's id. `drew` are the checks of which the `curves` were, also where
    none came of it. `slow` are the functions that ran into the limit of time.
    """

    results: Mapping[str, KeptResult]
    curves: Sequence[Mapping[str, Any]]
    drew: frozenset[str]
    slow: frozenset[str]
    spent: Spent

    @staticmethod
    def read(data: Mapping[str, Any]) -> Kept:
        """From plain data, as `grader.grading.earlier` makes it of what is in the gradebook."""
        return Kept(
            {id: KeptResult(**result) for id, result in data["results"].items()},
            data["curves"],
            frozenset(data["drew"]),
            frozenset(data["slow"]),
            Spent(**data["spent"]),
        )

    def curve(self, function: str) -> Mapping[str, Any] | None:
        return next((one for one in self.curves if one["function"] == function), None)


@dataclass(frozen=True)
class Plan:
    """What is put: checks without the others of their functions, and whole functions."""

    alone: frozenset[str]
    whole: frozenset[str]


def planned(kept: Kept, recordings: Sequence[Recording]) -> Plan:
    """What has to be put, so that every check has the result that it would have put with all."""
    alone: set[str] = set()
    whole: set[str] = set()
    standing = {one.check.id for one in recordings if _stands(kept, one)}
    for function, own in _by_function(recordings).items():
        ids = {one.check.id for one in own}
        known = ids & standing
        if known == ids:
            continue
        if known and all(kept.results[id].outcome in SETTLED for id in known):
            alone |= ids - known
        else:
            whole.add(function)
    return Plan(frozenset(alone), frozenset(whole))


def _stands(kept: Kept, recording: Recording) -> bool:
    """Whether a check asks the same as before, and has what is shown of it as a curve."""
    check = recording.check
    result = kept.results.get(check.id)
    if result is None or not recording.asked or result.asked != recording.asked:
        return False
    if recording.curve is None:
        return True
    drawn = kept.curve(check.function)
    same = drawn is None or list(drawn["expected"]) == list(recording.curve.numbers)
    return check.id in kept.drew and same


def marked_again(kept: Kept, recordings: Sequence[Recording], limits: Limits, put: Put) -> Marks:
    """The marks of all checks: those that stand, and those that are put now.

    What is left of a limit depends on all that was put before: where one counts, all are put.
    """
    functions = _by_function(recordings)
    plan = planned(kept, recordings)
    whole = set(plan.whole)
    parts: list[Marks] = []
    spent = kept.spent
    if plan.alone and not whole & kept.slow:
        parts.append(put(set(plan.alone), alone=True))
        whole |= _to_widen(kept, parts[0], limits)
        spent = _together(spent, parts[0], whole, anew=False)
    if whole and not (whole & kept.slow or _met_a_limit(parts)):
        parts.append(put({one.check.id for name in whole for one in functions[name]}))
        spent = _together(spent, parts[-1], whole, anew=True)
    if whole & kept.slow or (parts and (_met_a_limit(parts) or _is_scarce(spent, limits))):
        return put({one.check.id for one in recordings})
    return _merged(kept, recordings, parts, spent)


def _met_a_limit(parts: Sequence[Marks]) -> bool:
    """Whether a check ran into the limit of time, or the module could not be imported at all."""
    return any(
        marks.unloadable or any(result.outcome == "timeout" for result in marks.results)
        for marks in parts
    )


def _to_widen(kept: Kept, marks: Marks, limits: Limits) -> set[str]:
    """The functions of which a check that was put alone is not enough."""
    found = {one.check.function for one in marks.results if one.outcome not in SETTLED}
    for function, seconds in marks.spent.functions.items():
        in_all = seconds + kept.spent.functions.get(function, 0.0)
        if in_all * _SHARE > limits.function_seconds:
            found.add(function)
    return found


def _is_scarce(spent: Spent, limits: Limits) -> bool:
    return spent.seconds * _SHARE > limits.exercise_seconds or spent.bytes * _SHARE > Purse().spare


def _together(spent: Spent, marks: Marks, whole: set[str], anew: bool) -> Spent:
    """All that was used up, as if it had been at once; no less than that, and perhaps more.

    By function those in `whole` are what they are where all their checks are put `anew`.
    """
    functions = dict(spent.functions)
    for name, took in marks.spent.functions.items():
        if name not in whole:
            functions[name] = functions.get(name, 0.0) + took
        elif anew:
            functions[name] = took
    seconds, beyond = spent.seconds + marks.spent.seconds, spent.bytes + marks.spent.bytes
    return Spent(seconds, beyond, functions)


def _merged(
    kept: Kept, recordings: Sequence[Recording], parts: Sequence[Marks], spent: Spent
) -> Marks:
    """The results that stand and those that were put, of a check put twice the later."""
    put = {result.check.id: result for marks in parts for result in marks.results}
    answered = {id: result.answered for id, result in kept.results.items() if id not in put}
    for marks in parts:
        answered |= marks.answered
    results = [
        put.get(one.check.id) or kept.results[one.check.id].of(one.check) for one in recordings
    ]
    return Marks(
        results,
        answered,
        _curves(kept, recordings, parts, set(put)),
        spent,
        unloadable=False,
        put=frozenset(put),
    )


def _curves(
    kept: Kept, recordings: Sequence[Recording], parts: Sequence[Marks], put: set[str]
) -> list[Mapping[str, Any]]:
    """The curves of the checks that stand, and of those that were put."""
    new = {curve["function"]: curve for marks in parts for curve in marks.curves}
    found = []
    for recording in recordings:
        if recording.curve is None:
            continue
        function = recording.check.function
        curve, before = new.get(function), kept.curve(function)
        if recording.check.id not in put:
            curve = before
        elif curve is not None and before is not None:
            # What a sandbox had been asked by then is known of the whole grading alone.
            curve = {**curve, "hidden": curve["hidden"] or before["hidden"]}
        if curve is not None:
            found.append(curve)
    return found


def _by_function(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    found: dict[str, list[Recording]] = {}
    for one in recordings:
        found.setdefault(one.check.function, []).append(one)
    return found
