"""The course's own audit: `grader audit`, of every second known mistake and mutant here.

AUDIT=whole leaves nothing out, as the command does.
"""

from __future__ import annotations

import os

import pytest
from conftest import ROOT

from grader.audit.runner import Audit, Tally, passes
from grader.course import Course, load_course
from grader.examiner.engine import Engine

JOBS = 2
EVERY = 1 if os.environ.get("AUDIT") == "whole" else 2


@pytest.fixture(scope="session")
def tallies(course: Course, engine: Engine) -> dict[str, Tally]:
    audit = Audit(course, engine)
    trials = audit.trials()
    whole = [trial for trial in trials if trial.kind == "whole"]
    drawn = [trial for trial in trials if trial.kind != "whole"][::EVERY]
    return {tally.exercise: tally for tally in audit.run([*whole, *drawn], JOBS)}


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
