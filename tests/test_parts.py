"""What an exercise's digest is made of: a part changes with its text, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from small import write_course

from grader.course import load_course
from grader.digests import exercise_digest
from grader.parts import exercise_parts, texts

MODULE = '''\
"""Hidden checks."""

import torch
from grader.checking import points

SHAPES = [(1,), (2,)]
BOTH = SHAPES * 2


def pairs():
    return [torch.zeros(shape) for shape in SHAPES]


@points(1)
def test_l1_with_a_helper(losses):
    """It is right."""
    assert pairs()


@points(1)
def test_l1_alone(losses):
    """It is right."""
    assert losses
'''


def differing(before: str, after: str) -> list[str]:
    old, new = (dict(texts(text.encode())) for text in (before, after))
    return [name for name in new if old.get(name) != new[name]]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("assert losses", "assert losses is not None", ["test_l1_alone"]),
        ("return [torch", "return 2 * [torch", ["pairs", "test_l1_with_a_helper"]),
        ("[(1,), (2,)]", "[(1,), (3,)]", ["pairs", "test_l1_with_a_helper"]),
        ("import torch\n", "import numpy as torch\n", ["pairs", "test_l1_with_a_helper"]),
        ("BOTH = SHAPES * 2", "BOTH = SHAPES * 3", []),
        ('"""Hidden checks."""', '"""Checks."""\n\n# in another place\n', []),
        ("@points(1)\ndef test_l1_a", "@points(2)\ndef test_l1_a", ["test_l1_alone"]),
    ],
)
def test_a_check_changes_with_what_it_needs_and_with_nothing_else(old, new, changed):
    assert old in MODULE
    assert differing(MODULE, MODULE.replace(old, new)) == changed


def test_a_check_is_the_same_with_the_line_ends_of_another_system():
    assert differing(MODULE, MODULE.replace("\n", "\r\n")) == []


def test_a_page_break_in_a_check_does_not_move_what_is_taken_for_its_text():
    odd = MODULE.replace("SHAPES = ", "\x0c\nSHAPES = ")
    assert differing(odd, odd.replace("assert losses", "assert 1")) == ["test_l1_alone"]


def test_a_fixture_of_the_module_belongs_to_the_checks_that_ask_for_it():
    fixture = "\n\ndef losses():\n    return {}\n"
    changed = differing(MODULE + fixture.format(1), MODULE + fixture.format(2))
    assert changed == ["test_l1_with_a_helper", "test_l1_alone", "losses"]


def test_a_module_that_is_no_python_has_no_texts():
    assert list(texts(b"def (")) == [] and list(texts(b"\0")) == []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        (
            "exercises/test_tripling.py",
            ["file exercises/test_tripling.py", "check tripling/test_triple_of_one"],
        ),
        (
            "grader/checks/test_tripling.py",
            ["file grader/checks/test_tripling.py", "check tripling/test_triple_matches_torch"],
        ),
        ("grader/checks/shapes.py", ["file grader/checks/shapes.py"]),
        ("grader/misconceptions/tripling.py", ["file grader/misconceptions/tripling.py"]),
        ("solutions/tripling.py", ["file solutions/tripling.py", "solution tripling/triple"]),
        ("solutions/doubling.py", ["file solutions/doubling.py"]),  # which tripling imports
        ("course.toml", ["setting points"]),
        ("solutions/negating.py", []),
        ("exercises/tripling.py", []),
    ],
)
def test_parts_change_exactly_where_the_digest_does(root, file, parts):
    before = exercise_parts(load_course(root), "tripling")
    digest = exercise_digest(load_course(root), "tripling")
    path = root / file
    text = path.read_text() if path.exists() else ""
    path.write_text(_edited(file, text))
    after = exercise_parts(load_course(root), "tripling")
    changed = [name for name in after | before if after.get(name) != before.get(name)]
    assert changed == parts
    assert bool(changed) == (exercise_digest(load_course(root), "tripling") != digest)


def _edited(file: str, text: str) -> str:
    """Another text that is still of this course."""
    if file == "course.toml":
        text = text.replace("points = 40", "points = 39", 1)
        return text.replace("points = 30", "points = 31", 1)  # the first is of tripling
    return text.rstrip("\n") + "  # edited\n"


def test_a_check_that_becomes_public_is_another(root):
    before = exercise_parts(load_course(root), "doubling")
    public, hidden = (root / place / "test_doubling.py" for place in ("exercises", "grader/checks"))
    texts = public.read_text(), hidden.read_text()
    public.write_text(texts[1])
    hidden.write_text(texts[0])
    after = exercise_parts(load_course(root), "doubling")
    checks = [name for name in before if name.startswith("check ")]
    assert len(checks) == 2 and all(before[name] != after[name] for name in checks)


def test_every_check_and_function_of_the_course_is_a_part():
    course = load_course(ROOT)
    for exercise in course.exercises:
        parts = exercise_parts(course, exercise.name)
        solved = {name for name in parts if name.startswith("solution ")}
        assert solved == {f"solution {exercise.name}/{each}" for each in exercise.functions}
        files = course.only([exercise.name]).check_files()
        written = sum(file.read_text().count("\ndef test_") for file in files)
        assert sum(name.startswith("check ") for name in parts) == written > 0
