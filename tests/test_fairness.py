"""Who is graded beside endless loops loses nothing: a busy machine is nobody's fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from test_attacks import quick_course

from grader.course import load_course
from grader.examiner.engine import Engine, EngineSettings

Files = Mapping[str, bytes]
Grades = list[dict[str, Any]]
LOOPS, RIGHT = 16, 4
# On two cores a loop is given an eighth of one: half a second of processor time takes four
# on the wall. Were waiting counted, as idleness or on the wall, these limits would be met long before.
LIMITS = {
    "cpu_seconds": 0.5,
    "idle_seconds": 0.75,
    "wall_seconds": 1.0,
    "function_seconds": 1.5,
}
LOOP = b"\ndef l1_loss(input, target, reduction='mean'):\n    while True:\n        pass\n"


@pytest.fixture(scope="module")
def crowded(solutions: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[Grades, Grades]:
    """The grades of the loops and of the right submissions, all examined at the same time."""
    folder = quick_course(tmp_path_factory.mktemp("fairness") / "course")
    manifest = folder / "course.toml"
    text = manifest.read_text(encoding="utf-8")
    for name, value in LIMITS.items():
        text, found = re.subn(rf"(?m)^{name} = [\d.]+", f"{name} = {value}", text)
        assert found == 1, name
    manifest.write_text(text, encoding="utf-8")
    looping = {**solutions, "losses.py": solutions["losses.py"] + LOOP}
    with (
        Engine(EngineSettings(load_course(Path(folder)).only(["losses"]))) as engine,
        ThreadPoolExecutor(LOOPS + RIGHT) as pool,
    ):
        # The loops come first: all of them are at it when the others begin.
        handed_in = [looping] * LOOPS + [dict(solutions)] * RIGHT
        graded = [grade for (grade,) in pool.map(engine.examine, handed_in)]
    return graded[:LOOPS], graded[LOOPS:]


def test_no_right_submission_loses_a_point_beside_sixteen_endless_loops(
    crowded: tuple[Grades, Grades],
) -> None:
    for grade in crowded[1]:
        lost = [check for check in grade["checks"] if check["outcome"] != "passed"]
        assert not lost, lost[0]["message"]


def test_processor_time_ends_a_loop_however_long_it_waits_for_a_processor(
    crowded: tuple[Grades, Grades],
) -> None:
    for grade in crowded[0]:
        looping = [check for check in grade["checks"] if check["function"] == "l1_loss"]
        assert {check["outcome"] for check in looping} == {"timeout"}
        said = "l1_loss: it did not end within 0.5 s: is there an endless loop?"
        assert looping[0]["message"] == said
        others = [check for check in grade["checks"] if check["function"] != "l1_loss"]
        assert {check["outcome"] for check in others} == {"passed"}


def test_the_loops_did_wait_for_each_other(crowded: tuple[Grades, Grades]) -> None:
    """Else the tests above prove nothing on this machine."""
    longest = max(check["seconds"] for grade in crowded[0] for check in grade["checks"])
    assert longest > LIMITS["wall_seconds"]
