"""A small course, quick to grade, and a class that hands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_MANIFEST = """\
format = 1
title = "A small course"
hidden_feedback = "hint"
"""
_ENTRY = """
[[exercises]]
name = "{name}"
title = "To be {name}"
points = {points}
functions = ["{function}"]
"""
_PUBLIC = """\
import torch
from grader.checking import assert_gives, points

@points(10)
def test_{function}_of_one({name}):
    \"\"\"{function} of one number.\"\"\"
    assert_gives({name}.{function}, torch.tensor([{of_two}]), torch.tensor([2.0]))
"""
_HIDDEN = """\
import torch
from hypothesis import given
from grader.checking import assert_matches, points, strategies

@points({hidden})
@given(pair=strategies.pairs())
def test_{function}_matches_torch({name}, pair):
    \"\"\"{function} agrees with torch.\"\"\"
    assert_matches({name}.{function}, lambda x: torch.mul(x, {factor}), pair[0])
"""
_MISTAKES = """\
from grader.misconceptions import misconception

@misconception(of="{function}", hint="This is the square.")
def {function}_squares(x):
    return x * x
"""
_RIGHT = "import torch\n\n\ndef {function}(x):\n    return {factor} * x\n"
# A solution that needs its sibling's, and so does whoever hands it in.
_TRIPLE = "from doubling import double\n\n\ndef triple(x):\n    return double(x) + x\n"
_EXERCISES = (
    ("doubling", "double", 40, 2),
    ("tripling", "triple", 30, 3),
    ("negating", "negate", 30, -1),
)


def write_course(root: Path) -> Path:
    """Write a course of three exercises, of 100 points."""
    manifest = _MANIFEST
    for name, function, points, factor in _EXERCISES:
        words = {"name": name, "function": function, "points": points, "factor": factor}
        words |= {"hidden": points - 10, "of_two": float(2 * factor)}
        manifest += _ENTRY.format(**words)
        _write(root / "exercises" / f"test_{name}.py", _PUBLIC.format(**words))
        _write(root / "exercises" / f"{name}.py", f"def {function}(x): ...\n")
        _write(root / "grader" / "checks" / f"test_{name}.py", _HIDDEN.format(**words))
        _write(root / "grader" / "misconceptions" / f"{name}.py", _MISTAKES.format(**words))
    for name, source in solutions().items():
        _write(root / "solutions" / name, source)
    _write(root / "course.toml", manifest)
    return root


def solutions() -> dict[str, str]:
    """What earns every point, by file."""
    right = {
        f"{name}.py": _RIGHT.format(function=function, factor=factor)
        for name, function, _, factor in _EXERCISES
    }
    return {**right, "tripling.py": _TRIPLE}


def write_class(folder: Path, size: int) -> Path:
    """Write submissions that differ: right, wrong, unfinished, broken, with nothing in them."""
    right = solutions()
    kinds: list[Mapping[str, str]] = [
        right,
        {**right, "doubling.py": "def double(x):\n    return x * x\n"},
        {**right, "negating.py": "def negate(x):\n    raise NotImplementedError\n"},
        {**right, "negating.py": "import os\n\ndef negate(x):\n    os._exit(0)\n"},
        {"doubling.py": right["doubling.py"], "tripling.py": "def triple(x:\n"},
        {"notes.txt": "sorry"},
    ]
    for number in range(size):
        for name, source in kinds[number % len(kinds)].items():
            _write(folder / f"student{number:02}" / name, f"# {number}\n{source}")
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
