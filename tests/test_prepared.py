"""What can be known before the seed is earns nothing: examples, constants, refusals."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from grader.checking.diagnosis import Evidence
from grader.checking.expectations import Expectation, Matches
from grader.checking.question import Question
from grader.course import Course
from grader.examiner.earning import counted, is_drawn, values
from grader.examiner.engine import Engine
from grader.outcome import Check, Result
from grader.plugin import CHECK
from grader.sandbox import wire

Asked = list[tuple[Question, Expectation]]
SEEDS = (101, 202)


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Recorder:
    """Stands in for the examiner: it notes each question by check, and is content."""

    asked: dict[str, Asked] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, tuple[Check, bool]] = field(default_factory=dict)
    running: str = ""

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        check = item.stash[CHECK]
        self.running = check.id
        self.checks[check.id] = check, is_drawn(item)

    def examine(self, question: Question, expectation: Expectation) -> None:
        self.asked[self.running].append((question, expectation))


def recorded(course: Course, seed: int) -> Recorder:
    """All that the course asks under a seed."""
    recorder = Recorder()
    arguments = [str(file) for file in course.check_files()]
    arguments += ["-c", os.devnull, f"--rootdir={course.root}", "--noconftest"]
    arguments += ["--import-mode=importlib", f"--hypothesis-seed={seed}"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert pytest.main(arguments, plugins=[recorder]) == 0
    finally:
        torch.set_num_threads(threads)
    return recorder


@pytest.fixture(scope="module")
def earlier_and_now(course: Course) -> Sequence[Recorder]:
    return [recorded(course, seed) for seed in SEEDS]


def digest(value: Any) -> bytes:
    return hashlib.sha256(wire.encode(value)).digest()


def observed(expectation: Expectation) -> bytes:
    assert isinstance(expectation, Matches)
    return digest(expectation.observation)


def replayed(earlier: Asked, now: Asked) -> tuple[Evidence, bool]:
    """What somebody gets right who has the right answers of another seed, and raises when due.

    A question that was asked before is answered as it was right then, any other with the answer
    that was right most often.
    """
    known = {digest(q.as_data()): observed(e) for q, e in earlier if isinstance(e, Matches)}
    often = Counter(known.values()).most_common(1)
    guess = often[0][0] if often else b""
    evidence = Evidence()
    for question, expectation in now:
        right = not isinstance(expectation, Matches) or observed(expectation) == known.get(
            digest(question.as_data()), guess
        )
        evidence.add(question, expectation, None if right else {})
    return evidence, not evidence.wrong


def test_the_right_answers_of_another_seed_earn_nothing(
    earlier_and_now: Sequence[Recorder], course: Course
) -> None:
    earlier, now = earlier_and_now
    results, evidence, drawn = [], {}, {}
    for name, asked in now.asked.items():
        check, is_it = now.checks[name]
        evidence[name], passed = replayed(earlier.asked[name], asked)
        results.append(Result(check, "passed" if passed else "failed", None, 0.0))
        if is_it:
            drawn[name] = values([expectation for _, expectation in asked])
    before = sum(result.check.points for result in results if result.outcome == "passed")
    assert before > 40, "without the rule a replay would be worth having"
    kept = counted(results, drawn, evidence)
    assert [r.check.id for r in kept if r.outcome == "passed"] == []


def test_every_function_has_a_check_that_is_drawn(
    earlier_and_now: Sequence[Recorder], course: Course
) -> None:
    _, now = earlier_and_now
    of_value = {
        check.function
        for check, is_it in now.checks.values()
        if is_it and check.hidden and values([e for _, e in now.asked[check.id]])
    }
    functions = {name for exercise in course.exercises for name in exercise.functions}
    assert functions - of_value == set()


def test_a_function_that_always_refuses_earns_nothing(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    refusing = b"\n\ndef l1_loss(input, target, reduction='mean'):\n    raise ValueError('no')\n"
    files = {"losses.py": solutions["losses.py"] + refusing}
    (grade,) = engine.examine(files, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    assert {check["outcome"] for check in mine} == {"failed", "error"}
    said = [check["message"] for check in mine if "refuses" in check["id"]]
    assert said and all("counts once l1_loss works" in message for message in said)


def test_examples_known_by_heart_earn_nothing(engine: Engine, solutions: dict[str, bytes]) -> None:
    by_heart = b"""

def l1_loss(input, target, reduction='mean'):
    return {'mean': torch.tensor(2 / 3), 'sum': torch.tensor(2.0)}.get(
        reduction, torch.tensor([0.0, 0.0, 2.0])
    )
"""
    (grade,) = engine.examine({"losses.py": solutions["losses.py"] + by_heart}, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    assert any("counts once" in str(check["message"]) for check in mine)
    assert sum(check["points"] for check in mine) == 0


def test_a_function_that_is_right_for_some_keeps_what_it_passes(
    engine: Engine, solutions: dict[str, bytes]
) -> None:
    only_mean = b"\n\ndef l1_loss(input, target, reduction='mean'):\n"
    only_mean += (
        b"    if input.shape != target.shape or reduction not in ('mean', 'sum', 'none'):\n"
    )
    only_mean += b"        raise ValueError('shapes or reduction')\n"
    only_mean += b"    return (input - target).abs().mean()\n"
    (grade,) = engine.examine({"losses.py": solutions["losses.py"] + only_mean}, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    passed = {check["id"] for check in mine if check["outcome"] == "passed"}
    assert any("refuses" in name for name in passed)
    assert not any("counts once" in str(check["message"]) for check in mine)
