"""A course of three small exercises as a student has it, and the last outcomes of its checks."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course, load_course
from grader.outcome import Result
from grader.student.progress import Progress
from grader.student.public import public_checks
from grader.student.written import Written

MANIFEST = """\
format = 1
title = "Small numbers"

[[exercises]]
name = "doubling"
title = "Two of everything"
points = 60
functions = ["double", "Doubler", "again"]

[[exercises]]
name = "halving"
title = "Half of it"
points = 40
requires = ["doubling"]
functions = ["halve"]
"""

DOUBLING = '''\
"""Doubles: −x and x² are not asked for."""

from __future__ import annotations


def double(x):
    """Twice x, such as 2 · 3."""
    raise NotImplementedError("TODO: double")


class Counter:
    """Counts."""

    def __init__(self):
        """Begin at 0."""
        raise NotImplementedError("TODO: Counter.__init__")


class Doubler(Counter):
    """Doubles and counts."""

    def __call__(self, x):
        """Twice x."""
        raise NotImplementedError("TODO: Doubler.__call__")


def again(x):
    """Twice twice x."""
    raise NotImplementedError("TODO: again")
'''

CHECKS = '''\
"""What `doubling` must do."""

import torch

from grader.checking import assert_gives, assert_raises, points


@points(2)
def test_double_of_two(doubling):
    """Twice 2 is 4."""
    assert_gives(doubling.double, torch.tensor(4.0), torch.tensor(2.0))


@points(1)
def test_double_of_nothing(doubling):
    """Twice 0 is 0, which a sum finds and a square does too."""
    assert_gives(doubling.double, torch.tensor(0.0), torch.tensor(0.0))


@points(1)
def test_doubler_counts(doubling):
    """It needs no arguments."""
    assert_raises(ValueError, doubling.Doubler, 1, 2, 3)


@points(1.5)
def test_again_of_two(doubling):
    """Twice twice 2 is 8."""
    assert_gives(doubling.again, torch.tensor(8.0), torch.tensor(2.0))
'''

HALVING = '''\
"""Halves."""


def halve(x):
    """Half of x."""
    raise NotImplementedError("TODO: halve")
'''

HALVING_CHECKS = '''\
"""What `halving` must do."""

import torch

from grader.checking import assert_gives, points


@points(1)
def test_halve_of_two(halving):
    """Half of 2 is 1."""
    assert_gives(halving.halve, torch.tensor(1.0), torch.tensor(2.0))
'''

HINTS = '''\
[double]
nudge = "What is 3 and 3?"
idea = """
Add the number
to itself."""
formula = """
double(x) = x + x
          = 2 · x"""

[Counter]
nudge = "Where does counting begin?"
idea = "At nothing."
formula = "n = 0"

[Doubler]
nudge = "How often was it called?"
idea = "Count, then double."
formula = "n ← n + 1"

[again]
nudge = "What is twice twice?"
idea = "Double what is doubled."
formula = "4 · x"
'''

FILES = {
    "course.toml": MANIFEST,
    "exercises/doubling.py": DOUBLING,
    "exercises/test_doubling.py": CHECKS,
    "exercises/halving.py": HALVING,
    "exercises/test_halving.py": HALVING_CHECKS,
    "exercises/hints/doubling.toml": HINTS,
    "grader/pristine/doubling.txt": DOUBLING,
    "grader/pristine/halving.txt": HALVING,
}


def write_handout(root: Path) -> Course:
    """The course as a handout holds it, all of it still to be written."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return load_course(root)


def write(course: Course, function: str, body: str, exercise: str = "doubling") -> None:
    """Put a body in the place of the line that makes a function a stub."""
    file = course.stubs / f"{exercise}.py"
    source = file.read_text(encoding="utf-8")
    stub = f'raise NotImplementedError("TODO: {function}")'
    assert source.count(stub) == 1
    file.write_text(source.replace(stub, body), encoding="utf-8", newline="\n")


def ran(course: Course, **outcomes: str) -> None:
    """Keep how checks ended, by their names without `test_`, as a run of pytest does.

    `failed: the hint` says what a known mistake was recognised by.
    """
    checks = {
        check.id.rpartition("test_")[2]: check
        for exercise in course.exercises
        for check in public_checks(course, exercise)
    }
    written = {one.name: Written.read(course, one) for one in course.exercises}
    results = []
    for name, said in outcomes.items():
        outcome, _, hint = said.partition(": ")
        message = None if outcome == "passed" else "expected  4\ngot       2"
        results.append(Result(checks[name], outcome, message, 0.1, hint or None))
    progress = Progress.read(course)
    progress.add(results, written)
    progress.write()
