"""The course's own audit, whole, and that an audit finds what there is to find."""

from __future__ import annotations

import pytest
from conftest import ROOT

from grader.audit.runner import Audit, Tally, passes
from grader.course import Course, load_course
from grader.examiner.engine import Engine

JOBS = 2


@pytest.fixture(scope="session")
def tallies(course: Course, engine: Engine) -> dict[str, Tally]:
    audit = Audit(course, engine)
    return {tally.exercise: tally for tally in audit.run(audit.trials(), JOBS)}


@pytest.mark.parametrize("name", load_course(ROOT).names)
def test_the_checks_catch_every_known_mistake_and_every_mutant(
    tallies: dict[str, Tally], name: str
) -> None:
    tally = tallies[name]
    found = [f"{finding.what}\n{finding.details}" for finding in tally.findings]
    assert not found, "\n\n".join(found)
    assert tally.examined == 3, "a stub, a solution and torch itself"
    assert tally.failed == tally.mistakes > 0
    assert tally.killed + tally.equivalent == tally.mutants > 0


def test_known_mistakes_are_called_by_their_own_name(tallies: dict[str, Tally]) -> None:
    assert passes(list(tallies.values())), [
        finding.what for tally in tallies.values() for finding in tally.unnamed
    ]
