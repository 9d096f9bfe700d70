"""Who is graded beside endless loops loses nothing: a busy machine is nobody's fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from test_attacks import quick_course

from grader.course import load_course
from grader.examiner.engine import Engine, EngineSettings

Files = Mapping[str, bytes]
Grades = list[dict[str, Any]]
LOOPS, RIGHT = 16, 4
# On two cores a loop is given an eighth of one: half a second of processor time takes four on the
# wall. Were waiting counted, as idleness or on the wall, these limits would be met long before.
LIMITS = {
    "cpu_seconds": 0.5,
    "idle_seconds": 0.75,
    "wall_seconds": 1.0,
    "function_seconds": 1.5,
    "exercise_seconds": 6.5,
}
LOOP = b"\ndef l1_loss(input, target, reduction='mean'):\n    while True:\n        pass\n"
ENDLESS = ("l1_loss", "mse_loss", "nll_loss", "cross_entropy")
# Each check needs a sandbox of its own, and each of these costs most of what one check may.
SLOW_AND_DYING = b"""
import os
import time

while time.process_time() < 0.4:
    pass


def l1_loss(*args, **kwargs):
    os._exit(1)


mse_loss = binary_cross_entropy = nll_loss = cross_entropy = l1_loss
"""


@dataclass(frozen=True)
class Crowd:
    """The grades of submissions that were all examined at the same time."""

    loops: Grades
    right: Grades
    endless: dict[str, Any]  # with four functions of five that never end
    dying: dict[str, Any]


@pytest.fixture(scope="module")
def crowded(solutions: Files, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    folder = quick_course(tmp_path_factory.mktemp("fairness") / "course")
    manifest = folder / "course.toml"
    text = manifest.read_text(encoding="utf-8")
    for name, value in LIMITS.items():
        text, found = re.subn(rf"(?m)^{name} = [\d.]+", f"{name} = {value}", text)
        assert found == 1, name
    manifest.write_text(text, encoding="utf-8")
    solved = solutions["losses.py"]
    endless = "".join(f"\n{name} = l1_loss" for name in ENDLESS).encode()
    # The loops come first: all of them are at it when the others begin.
    handed_in = [solved + LOOP] * LOOPS + [solved] * RIGHT
    handed_in += [solved + LOOP + endless, solved + SLOW_AND_DYING]
    with (
        Engine(EngineSettings(load_course(folder).only(["losses"]))) as engine,
        ThreadPoolExecutor(len(handed_in)) as pool,
    ):
        submissions = [{"losses.py": source} for source in handed_in]
        graded = [grade for (grade,) in pool.map(engine.examine, submissions)]
    return Crowd(graded[:LOOPS], graded[LOOPS : LOOPS + RIGHT], *graded[LOOPS + RIGHT :])


def outcomes(grade: dict[str, Any], functions: Collection[str], inside: bool) -> set[str]:
    """The outcomes of the checks of these functions, or of all others."""
    return {
        check["outcome"] for check in grade["checks"] if (check["function"] in functions) == inside
    }


def test_no_right_submission_loses_a_point_beside_sixteen_endless_loops(crowded: Crowd) -> None:
    for grade in crowded.right:
        lost = [check for check in grade["checks"] if check["outcome"] != "passed"]
        assert not lost, lost[0]["message"]


def test_processor_time_ends_a_loop_however_long_it_waits_for_a_processor(crowded: Crowd) -> None:
    for grade in crowded.loops:
        looping = [check for check in grade["checks"] if check["function"] == "l1_loss"]
        assert {check["outcome"] for check in looping} == {"timeout"}
        said = "l1_loss: it did not end within 0.5 s: is there an endless loop?"
        assert looping[0]["message"] == said
        assert outcomes(grade, ["l1_loss"], inside=False) == {"passed"}


def test_four_endless_functions_cost_their_own_checks_and_no_other(crowded: Crowd) -> None:
    assert outcomes(crowded.endless, ENDLESS, inside=True) == {"timeout"}
    assert outcomes(crowded.endless, ENDLESS, inside=False) == {"passed"}


def test_an_exercise_that_has_used_its_time_is_not_asked_again(crowded: Crowd) -> None:
    first, last = crowded.dying["checks"][0], crowded.dying["checks"][-1]
    assert first["outcome"] == "crashed"
    assert last["outcome"] == "timeout"
    assert last["message"] == "losses.py has used its 6.5 s in the checks before"


def test_the_loops_did_wait_for_each_other(crowded: Crowd) -> None:
    """Else the tests above prove nothing on this machine."""
    longest = max(check["seconds"] for grade in crowded.loops for check in grade["checks"])
    assert longest > LIMITS["wall_seconds"]
