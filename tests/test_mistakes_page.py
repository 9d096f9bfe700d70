"""The known mistakes in docs/feedback.md are shown as `pytest exercises` shows them now."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import load_course
from grader.misconceptions import misconceptions_of

ROOT = Path(__file__).parent.parent
COURSE = load_course(ROOT)
MAKE = ROOT / "docs" / "mistakes" / "make.py"
SAMPLE = ["losses.mse_halved", "losses.ce_detached", "training.step_never_clears"]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    sys.path.insert(0, str(MAKE.parent))
    try:
        return importlib.import_module("make")
    finally:
        sys.path.remove(str(MAKE.parent))


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "feedback.md").read_text(encoding="utf-8")


def sections(text: str) -> list[str]:
    """The mistakes of the page; on which line of a file a function is changes with any above it."""
    text = re.sub(r"\.py:\d+", ".py:1", text)
    return re.findall(r"^### .*?^```text$.*?^```$", text, re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_a_student_sees_now(page):
    done = subprocess.run(
        [sys.executable, str(MAKE), *SAMPLE],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = sections(done.stdout)
    assert len(made) == len(SAMPLE)
    for section in made:
        assert section in sections(page), "run docs/mistakes/make.py"


def test_the_page_names_each_mistake_that_was_chosen_on_few_numbers(make, page):
    shown = sections(page)
    assert len(shown) == len(make.CHOSEN) >= 20
    assert {one.split(".")[0] for one in make.CHOSEN} == set(COURSE.names)
    for section, (one, title) in zip(shown, make.CHOSEN.items(), strict=True):
        exercise, name = one.split(".")
        (known,) = (each for each in misconceptions_of(exercise) if each.name == name)
        heading, numbers = section.split("\n\n")[:2]
        assert heading == f"### {exercise}.{known.function}: {title}"
        assert 0 < int(numbers.split()[0]) <= 8
        assert " ".join(known.hint.split()) in " ".join(section.split())
        assert all(len(line) <= 80 for line in section.splitlines()[1:])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hint": "Something else."}, "its hint is not shown"),
        ({"hint": None, "text": "nothing"}, "its hint is not shown"),
        ({"text": "a panel without it"}, "its hint is not shown"),
        ({"numbers": 9}, "it is shown on 9 numbers"),
        ({"numbers": 0}, "it is shown on 0 numbers"),
    ],
)
def test_a_mistake_that_is_not_named_on_few_numbers_is_refused(make, changed, why):
    (known,) = (one for one in misconceptions_of("losses") if one.name == "mse_halved")
    wrapped = known.hint.replace(" ", "\n          ", 1)
    shown = make.Shown("losses/test_mse", f"hint      {wrapped}", 8, known.hint, known.name)
    make.refuse(known, shown)
    with pytest.raises(make.Refused, match=why):
        make.refuse(known, replace(shown, **changed))
