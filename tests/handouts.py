"""A small course of one exercise and a draft, and what the tests of handouts ask about them."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

from grader.course import Course, HandoutPolicy, Policy, load_course
from grader.stubs import write_stubs

MANIFEST = """\
format = 1
title = "Twice"
# a secret of the instructor's

[handout]
hints = "none"

[limits]
memory_mib = 512

[[exercises]]
name = "triple"
title = "Three times"
points = 5
functions = ["triple"]
draft = true

[[exercises]]
name = "double"
title = "Two times"
points = 100
requires = ["triple"]
functions = ["double"]

[exercises.forbidden]
double = ["torch.mul"]
"""

SOLUTION = '''\
"""Twice a number."""

import torch


### BEGIN SOLUTION
def _added_to_itself(number: torch.Tensor) -> torch.Tensor:
    both = torch.stack([number, number])
    return both.sum(dim=0, dtype=number.dtype)


### END SOLUTION


def double(number: torch.Tensor) -> torch.Tensor:
    """Twice `number`, of its shape."""
    ### BEGIN SOLUTION
    return _added_to_itself(number)
    ### END SOLUTION
'''

PUBLIC = '''\
"""What `double` must do."""

import torch

from grader.checking import assert_gives, points


@points(40)
def test_double_of_two(double):
    """Twice 2 is 4."""
    assert_gives(double.double, torch.tensor(4.0), torch.tensor(2.0))
'''

HIDDEN = '''\
"""Hidden checks of `double`."""

from hypothesis import given

from grader.checking import assert_matches, points, strategies


@points(60)
@given(pair=strategies.pairs())
def test_double_adds_a_number_to_itself(double, pair):
    """Twice any number, negative ones and infinity too."""
    assert_matches(double.double, lambda number: number + number, pair[0])
'''

MISTAKES = '''\
"""What goes wrong in `double`."""

from grader.misconceptions import misconception


@misconception(of="double", hint="Multiply by two, do not raise to the power of two.")
def double_by_squaring(number):
    squared_instead = number**2
    return squared_instead
'''

DRAFT = '''\
"""Three times a number."""


def triple(number):
    """Thrice `number`, and nothing that anybody has seen so far."""
    ### BEGIN SOLUTION
    return number + number + number
    ### END SOLUTION
'''

DRAFT_CHECK = '''\
"""What `triple` must do."""

import torch

from grader.checking import assert_gives, points


@points(5)
def test_triple_of_two(triple):
    """Thrice 2 is 6."""
    assert_gives(triple.triple, torch.tensor(6.0), torch.tensor(2.0))
'''

FILES = {
    "course.toml": MANIFEST,
    "solutions/double.py": SOLUTION,
    "solutions/triple.py": DRAFT,
    "exercises/test_double.py": PUBLIC,
    "exercises/test_triple.py": DRAFT_CHECK,
    "exercises/README.md": "# Exercises\n",
    "grader/checks/test_double.py": HIDDEN,
    "grader/checks/test_triple.py": DRAFT_CHECK,
    "grader/misconceptions/double.py": MISTAKES,
}


def make_course(root: Path) -> Course:
    """Write the small course below `root` and load it."""
    for name, text in FILES.items():
        put(root / name, text)
    write_stubs(root / "solutions", root / "exercises")
    return load_course(root)


def changed(course: Course, **handout: object) -> Course:
    """The course with another policy for its handout; nothing is recorded unless it says so."""
    policy = HandoutPolicy(**{"hints": "none", **handout})  # type: ignore[arg-type]
    return dataclasses.replace(course, policy=Policy(handout=policy))


def put(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def folder_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, links and empty folders by name alone."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        found[name] = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
    return found


def archive_files(archive: Path) -> dict[str, bytes]:
    """The bytes of every member of a zip, below its one folder."""
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    (top,) = {name.partition("/")[0] for name in members}
    assert top == archive.stem
    return {name.partition("/")[2]: data for name, data in members.items()}
