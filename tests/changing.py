"""A course whose checks change, in every way that they can, and a class of all kinds of work."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

_MANIFEST = """\
format = 1
title = "A course that changes"

[limits]
cpu_seconds = 0.5
function_seconds = 1.5
exercise_seconds = 20.0

[[exercises]]
name = "counting"
title = "Numbers"
points = 70
functions = ["double", "average", "size", "spread"]

[exercises.forbidden]
size = ["abs"]

[[exercises]]
name = "signs"
title = "Signs"
points = 30
functions = ["negate"]
"""
_PUBLIC = '''\
import torch
from grader.checking import assert_gives, points


@points(5)
def test_double_of_three(counting):
    """double of 3 is 6."""
    assert_gives(counting.double, torch.tensor([6.0]), torch.tensor([3.0]))


@points(5)
def test_average_of_two_numbers(counting):
    """The average of 1 and 4 is 2.5."""
    assert_gives(counting.average, torch.tensor(2.5), torch.tensor([1.0, 4.0]))
'''
_HIDDEN = '''\
"""Hidden checks."""

import torch
from hypothesis import given
from grader.checking import assert_gradient_matches, assert_matches, assert_raises, points
from grader.checking import strategies

LARGE = torch.tensor([100.0, -300.0])


def widened(pair):
    # Two checks use this.
    return pair[0] * 3


@points(10)
@given(pair=strategies.pairs())
def test_double_matches_torch(counting, pair):
    """double agrees with torch."""
    assert_matches(counting.double, lambda x: torch.mul(x, 2), pair[0])


@points(5)
@given(pair=strategies.pairs())
def test_double_gradient(counting, pair):
    """The gradient of double is 2."""
    assert_gradient_matches(counting.double, lambda x: torch.mul(x, 2), pair[0])


@points(5)
def test_double_refuses_text(counting):
    """double of a text is a TypeError."""
    assert_raises(TypeError, counting.double, "three")


@points(5)
@given(pair=strategies.pairs())
def test_average_matches_torch(counting, pair):
    """average agrees with torch's mean."""
    assert_matches(counting.average, lambda x: x.mean(), widened(pair))


@points(5)
def test_average_of_large_numbers(counting, drawn):
    """Large numbers have an average too."""
    assert_matches(counting.average, lambda x: x.mean(), drawn.near(LARGE))


@points(5)
def test_average_refuses_text(counting):
    """average of a text is a TypeError."""
    assert_raises(TypeError, counting.average, "three")


@points(5)
@given(pair=strategies.pairs())
def test_size_matches_torch(counting, pair):
    """size is the absolute value."""
    assert_matches(counting.size, torch.absolute, widened(pair))


@points(10)
def test_size_of_drawn_numbers(counting, drawn):
    """size of a few numbers."""
    assert_matches(counting.size, torch.absolute, drawn.tensor(3))


@points(10)
@given(pair=strategies.pairs())
def test_spread_matches_torch(counting, pair):
    """spread is the largest number less the smallest."""
    assert_matches(counting.spread, lambda x: x.max() - x.min(), pair[0].reshape(-1) + 1)
'''
_SIGNS = '''\
import torch
from grader.checking import assert_matches, points


@points(15)
def test_negate_{which}(signs, drawn):
    """negate of a few numbers, {which}."""
    assert_matches(signs.negate, torch.neg, drawn.tensor(3))
'''
_MISTAKES = {
    "means.py": """\
        from grader.misconceptions import misconception

        SUM = "This is the sum: divide it by how many there are."


        @misconception(of="average", hint=SUM)
        def average_sums(x):
            return refused(x).sum()


        @misconception(of="average", hint="This is the largest number.")
        def average_is_largest(x):
            return refused(x).max()


        def refused(x):
            if isinstance(x, str):
                raise TypeError("a text")
            return x
        """,
    "products.py": """\
        from grader.misconceptions import misconception


        @misconception(of="double", hint="This is the square.")
        def double_squares(x):
            if isinstance(x, str):
                raise TypeError("a text")
            return x * x
        """,
}
RIGHT = """\
import torch


def double(x):
    if isinstance(x, str):
        raise TypeError("a text")
    return 2 * x


def average(x):
    if isinstance(x, str):
        raise TypeError("a text")
    return x.sum() / x.numel()


def size(x):
    return torch.where(x < 0, -x, x)


def spread(x):
    return x.max() - x.min()
"""


def _own(function: str, *lines: str, refuses: bool = False) -> str:
    """A function of a student's own; where it `refuses`, a text is a TypeError."""
    first = ("if isinstance(x, str):", "    raise TypeError") if refuses else ()
    return "\n    ".join([f"def {function}(x):", *first, *lines]) + "\n"


# What else there is in the class: functions that stand in for the right ones.
OTHERS = {
    "squares": _own("double", "return x * x", refuses=True),
    "sums": _own("average", "return x.sum()", refuses=True),
    "sums-nearly": _own("average", "return x.mean() if x.numel() < 4 else x.sum()"),
    "takes-text": _own("double", "return 2 * x"),
    "takes-any-text": _own("average", "return 0 if isinstance(x, str) else x.mean()"),
    "small-alone": _own("average", "return x.clamp(-200, 200).mean()"),
    "smaller-alone": _own("average", "return x.clamp(-2000, 2000).mean()", refuses=True),
    "todo": _own("double", "raise NotImplementedError('TODO: double')"),
    "todo-in-part": _own("average", "raise NotImplementedError('TODO: average')", refuses=True),
    "loops": _own("average", "while True:", "    pass"),
    "loops-at-large": _own(
        "average", "while x.abs().max() > 50:", "    pass", "return x.mean()", refuses=True
    ),
    "loops-at-larger": _own(
        "average", "while x.abs().max() > 2000:", "    pass", "return x.mean()", refuses=True
    ),
    "forbidden": _own("size", "return torch.abs(x)"),
    "evades": _own("size", "return torch.maximum(x, -x)"),
    "refuses": _own("double", "raise TypeError('no')"),
    "by-heart": _own("double", "return torch.tensor([6.0])", refuses=True),
    "dies": _own("spread", "import os", "os._exit(0)"),
    "broken": "def double(x:\n",
    "no-gradient": _own("double", "return (2 * x).detach()", refuses=True),
}


def write_course(root: Path) -> Path:
    """Two exercises, the first of four functions; 100 points."""
    _write(root / "course.toml", _MANIFEST)
    _write(root / "exercises" / "test_counting.py", _PUBLIC)
    _write(root / "exercises" / "counting.py", "def double(x): ...\n")
    _write(root / "grader" / "checks" / "test_counting.py", _HIDDEN)
    _write(root / "solutions" / "counting.py", RIGHT)
    for name, text in _MISTAKES.items():
        _write(root / "grader" / "misconceptions" / "counting" / name, textwrap.dedent(text))
    _write(root / "grader" / "misconceptions" / "counting" / "__init__.py", "")
    for folder, which in (("exercises", "in_public"), ("grader/checks", "in_secret")):
        _write(root / folder / "test_signs.py", _SIGNS.format(which=which))
    _write(root / "exercises" / "signs.py", "def negate(x): ...\n")
    _write(root / "solutions" / "signs.py", "def negate(x):\n    return -x\n")
    return root


# Some of each kind that ends otherwise: what a quick look at all kinds takes.
FEW = (
    *("squares", "sums-nearly", "smaller-alone", "todo-in-part", "loops-at-larger"),
    *("forbidden", "refuses", "dies", "no-gradient"),
)


def write_class(folder: Path, others: Iterable[str] = OTHERS) -> Path:
    """One submission of each kind: the right one and `others`."""
    for name in ("right", *others):
        own = OTHERS.get(name, "")
        _write(folder / name / "counting.py", own if name == "broken" else f"{RIGHT}\n\n{own}")
        _write(folder / name / "signs.py", "def negate(x):\n    return -x\n")
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# changes


def _edit(file: str, *edits: tuple[str, str]) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    return change


def _both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        for one in changes:
            one(root)

    return change


CHECKS = "grader/checks/test_counting.py"
MEANS = "grader/misconceptions/counting/means.py"
PRODUCTS = "grader/misconceptions/counting/products.py"
_NEW = '''

@points(4)
def test_size_of_large_numbers(counting, drawn):
    """size of large numbers."""
    assert_matches(counting.size, torch.absolute, drawn.near(LARGE))
'''
_REFUSES = '''@points(5)
def test_double_refuses_text(counting):
    """double of a text is a TypeError."""
    assert_raises(TypeError, counting.double, "three")


'''
_GIVEN = "@given(pair=strategies.pairs())\n"
_TEXT = 'assert_raises(TypeError, counting.average, "three")'


def _points(check: str, old: int, new: int, given: str = _GIVEN) -> tuple[str, str]:
    """A check is worth something else."""
    start = f"{given}def {check}("
    return f"@points({old})\n{start}", f"@points({new})\n{start}"


# By name: what is changed, and how many checks are put again to who has everything right.
CHANGES: dict[str, tuple[Callable[[Path], None], int]] = {
    "a comment": (_edit(CHECKS, ("# Two checks use this.", "# Two checks need this.")), 0),
    "a docstring of the module": (_edit(CHECKS, ('"""Hidden checks."""', '"""Hidden."""')), 0),
    "a title": (_edit(CHECKS, ("Large numbers have", "Also large numbers have")), 0),
    "points are moved": (
        _edit(
            CHECKS,
            _points("test_double_matches_torch", 10, 12),
            _points("test_double_gradient", 5, 3),
        ),
        0,
    ),
    "a check is stricter": (_edit(CHECKS, ("drawn.near(LARGE))", "drawn.near(10 * LARGE))")), 1),
    "a check asks more": (_edit(CHECKS, (_TEXT, f"{_TEXT}\n    {_TEXT.replace('three', '')}")), 1),
    "a helper of two checks": (_edit(CHECKS, ("pair[0] * 3", "pair[0] * 5")), 2),
    "a new check": (
        _both(
            _edit(CHECKS, _points("test_size_of_drawn_numbers", 10, 6, given="")),
            lambda root: _append(root / CHECKS, _NEW),
        ),
        1,
    ),
    "a check is gone": (
        _edit(CHECKS, (_REFUSES, ""), _points("test_spread_matches_torch", 10, 15)),
        0,
    ),
    "a check has another name": (
        _edit(CHECKS, ("test_spread_matches_torch", "test_spread_is_right")),
        1,
    ),
    "a check is written otherwise": (
        _edit(CHECKS, ("lambda x: x.mean(), drawn", "torch.mean, drawn")),
        0,
    ),
    "a hint": (_edit(MEANS, ("This is the sum:", "It is the sum:")), 0),
    "a known mistake is gone": (
        _edit(PRODUCTS, ('@misconception(of="double", hint="This is the square.")\n', "")),
        0,
    ),
    "a solution": (
        _edit("solutions/counting.py", ("return x.sum() / x.numel()", "return x.mean()")),
        0,
    ),
    "a rule": (_edit("course.toml", ('size = ["abs"]', 'size = ["abs", "maximum"]')), 2),
    "a limit": (_edit("course.toml", ("exercise_seconds = 20.0", "exercise_seconds = 21.0")), 13),
}


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
