"""What of an earlier result still holds where the course has changed since, check by check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.course import Course
from grader.gradebook import EVIDENCE, Conditions, Gradebook, GradedExercise
from grader.grounds import Grounds, grounds_of
from grader.outcome import DIAGNOSED, SETTLED


class Earlier:
    """Compares what verdicts rest on: then, as the gradebook knows it, and now."""

    def __init__(
        self, gradebook: Gradebook, course: Course, conditions: Mapping[str, Conditions]
    ) -> None:
        """`conditions` are those of now, by exercise."""
        self._gradebook = gradebook
        self._course = course
        self._conditions = conditions
        self._now: dict[str, Grounds] = {}
        self._then: dict[Conditions, Grounds | None] = {}
        self._noted: set[str] = set()

    def prepare(self) -> None:
        """Read now what verdicts rest on: there is time for it while the first is examined.

        Not in a thread: parsers of Python that run side by side disturb each other.
        """
        for name in self._course.names:
            self._grounds(name)

    def note(self, name: str, asked: Mapping[str, str]) -> None:
        """Keep what the verdicts of an exercise rest on; the examiner says what is `asked`."""
        if name not in self._noted:
            grounds = replace(self._grounds(name), asked=dict(asked))
            self._gradebook.keep_grounds(self._conditions[name], grounds.as_data())
            self._noted.add(name)

    def is_same(self, result: GradedExercise) -> bool:
        """Whether a result holds as it is: comments changed, or what else no verdict rests on."""
        then = self._grounds_then(result.conditions)
        return then is not None and then.everything == self._grounds(result.name).everything

    def kept(self, result: GradedExercise) -> dict[str, Any] | None:
        """The results of single checks that may stand, as plain data; None where none may.

        The examiner decides, who knows what the checks ask now: `grader.examiner.again`.
        """
        entry, evidence = result.entry, result.entry.get(EVIDENCE)
        then, now = self._grounds_then(result.conditions), self._grounds(result.name)
        if then is None or evidence is None or then.settings != now.settings:
            return None
        if entry["status"] == "error":  # of its import there is nothing by parts
            return None
        checks = entry["checks"]
        stand = {
            id
            for function in dict.fromkeys(check["function"] for check in checks)
            for id in self._stands(result.name, function, _outcomes(entry, function), then, now)
        }
        results = {
            check["id"]: _result(check, evidence, then.asked[check["id"]])
            for check in checks
            if check["id"] in stand and check["id"] in then.asked
        }
        if not results:
            return None
        return {
            "results": results,
            "curves": entry["curves"],
            "drew": evidence["drew"],
            "slow": sorted({one["function"] for one in checks if one["outcome"] == "timeout"}),
            "spent": evidence["spent"],
        }

    def _stands(
        self, name: str, function: str, outcomes: Mapping[str, str], then: Grounds, now: Grounds
    ) -> set[str]:
        """The ids of a function's checks whose results may stand.

        What is said of a fault rests on all checks of the function and on its known mistakes.
        """
        if then.rules.get(function) != now.rules.get(function):
            return set()
        faults = {id for id, outcome in outcomes.items() if outcome not in SETTLED}
        untouched = {
            id for id in outcomes if _base(id) in now.checks and _code(id, then) == _code(id, now)
        }
        if not faults & untouched:
            return set(outcomes) - faults
        exercise = self._course.exercise(name)
        same = then.checks_of(function, exercise) == now.checks_of(function, exercise)
        if any(outcome in DIAGNOSED for outcome in outcomes.values()):
            same &= then.mistakes.get(function) == now.mistakes.get(function)
        return set(outcomes) if same and untouched == set(outcomes) else set()

    def _grounds(self, name: str) -> Grounds:
        if name not in self._now:
            self._now[name] = grounds_of(self._course, name)
        return self._now[name]

    def _grounds_then(self, conditions: Conditions) -> Grounds | None:
        if conditions not in self._then:
            data = self._gradebook.grounds(conditions)
            self._then[conditions] = None if data is None else Grounds.read(data)
        return self._then[conditions]


def _result(check: Mapping[str, Any], evidence: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """How a check ended by itself: `grader.examiner.again.KeptResult` as plain data."""
    return {
        "asked": asked,
        "outcome": _outcome(check, evidence),
        "message": None if check["id"] in evidence["passed"] else check["message"],
        **{key: check[key] for key in ("hint", "misconception", "seconds")},
        "answered": evidence["answered"].get(check["id"], 0),
    }


def _outcome(check: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    """What is passed and does not count is passed."""
    return "passed" if check["id"] in evidence["passed"] else str(check["outcome"])


def _outcomes(entry: Mapping[str, Any], function: str) -> dict[str, str]:
    return {
        check["id"]: _outcome(check, entry[EVIDENCE])
        for check in entry["checks"]
        if check["function"] == function
    }


def _code(id: str, grounds: Grounds) -> str | None:
    return grounds.checks.get(_base(id))


def _base(id: str) -> str:
    """The test function: a check with parameters has them in brackets."""
    return id.partition("[")[0]
