"""What a student's run imports, and that reading names first changes nothing of what is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import load_course
from grader.student.keywords import may_select
from grader.student.unread import checks_of

ROOT = Path(__file__).parent.parent
DRAWN = 400 if "GRADER_THOROUGH" in os.environ else 15  # expressions, beside the written ones
HEAVY = ("torch", "hypothesis", "torchvision", "matplotlib", "tensorboard")
RUN = f"""
import json, sys, pytest
status = int(pytest.main(sys.argv[1:]))
print(json.dumps([status, [name for name in {HEAVY} if name in sys.modules]]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's public side, where nothing of this repository's own settings is found."""
    root = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "exercises", root / "exercises", ignore=ignored)
    return root


def python(root: Path, *arguments: str) -> list[str]:
    """What a fresh Python writes in a folder, line by line."""
    ours = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


# what is imported


def test_where_nothing_is_selected_not_even_torch_is_imported(copy):
    *shown, found = python(copy, "-c", RUN, "exercises", "-q", "-k", "nothing_matches")
    assert json.loads(found) == [5, []]
    assert shown[-1].split(" in ")[0].endswith(" deselected")


def test_a_check_of_a_loss_imports_torch_and_nothing_for_pictures(copy):
    *_, found = python(copy, "-c", RUN, "exercises", "-q", "-k", "l1_loss")
    assert json.loads(found) == [1, ["torch", "hypothesis"]]


def test_a_check_that_draws_nothing_needs_no_hypothesis(copy):
    *_, found = python(copy, "-c", RUN, "exercises", "-q", "-k", "same_padding")
    assert json.loads(found) == [1, ["torch"]]


# what is selected


@pytest.fixture(scope="module")
def compared(copy, tmp_path_factory) -> dict:
    found = tmp_path_factory.mktemp("compared") / "found.json"
    python(copy, str(ROOT / "tests" / "selecting.py"), str(found), str(DRAWN))
    return json.loads(found.read_text(encoding="utf-8"))


def test_the_same_checks_are_selected_as_by_pytest_alone(compared):
    assert compared["compared"] > DRAWN
    assert compared["different"] == []
    assert 0 < compared["selected"] < compared["compared"]
    some, none = compared["checks read"]
    assert some > 0 and none == 0


def test_all_checks_are_counted_where_none_is_imported(compared):
    assert compared["all deselected"]
    assert compared["imported for nothing"] == []


def test_what_is_read_of_each_file_is_what_importing_gives(compared):
    assert sorted(compared["files"]) == [f"test_{name}.py" for name in sorted(COURSE.names)]
    assert all(compared["files"].values())


def test_every_attribute_and_mark_of_a_check_is_reckoned_with(compared):
    assert compared["unforeseen"] == []


COURSE = load_course(ROOT)
CHECK = '''
@points(1)
def test_l1_loss_is_right(losses):
    """The title."""
'''
PLAIN = f"from grader.checking import points\n{CHECK}"
PARAMETERS = '@pytest.mark.parametrize("n", [1, 2])\n@points(1)'
ODD = {
    "no Python": PLAIN + "def (",
    "a mark": PLAIN + "import pytest\npytestmark = pytest.mark.slow\n",
    "parameters": "import pytest\n" + PLAIN.replace("@points(1)", PARAMETERS),
    "a class": PLAIN + "class TestOthers:\n    def test_l1_loss_too(self): ...\n",
    "an async check": PLAIN.replace("def test", "async def test"),
    "a check that yields": PLAIN + "    yield\n",
    "tests under a condition": PLAIN + "if True:\n    def test_l1_loss_too(losses): ...\n",
    "names made in a loop": PLAIN + "for n in range(3): globals()[f'test_{n}'] = print\n",
    "a name set in an expression": PLAIN + "ONE = [test_l1_loss := 1]\n",
    "a test assigned": PLAIN + "test_l1_loss_too = test_l1_loss_is_right\n",
    "a test imported": PLAIN + "from torch.testing import test_l1_loss\n",
    "everything imported": PLAIN + "from torch import *\n",
    "a module nobody knows": PLAIN + "import helpers_of_mine\n",
    "unittest": PLAIN + "from unittest import TestCase as Case\n",
    "a test deleted": PLAIN + "del test_l1_loss_is_right\n",
    "a test defined twice": PLAIN + CHECK,
    "a decorator replaced": PLAIN.replace("\n\n", "\n\npoints = print\n", 1),
    "a decorator of its own": PLAIN.replace("@points", "@twice\n@points"),
    "a decorator without a call": PLAIN.replace("@points(1)", "@points"),
    "another's points": PLAIN.replace("grader.checking", "torch"),
    "a fixture of others": PLAIN.replace("(losses)", "(losses, tmp_path)"),
    "any number of arguments": PLAIN.replace("(losses)", "(losses, *others)"),
    "what pytest calls": PLAIN + "def pytest_generate_tests(metafunc): ...\n",
    "names on demand": PLAIN + "def __getattr__(name): ...\n",
    "no points": PLAIN.replace("@points(1)", ""),
    "points that are none": PLAIN.replace("points(1)", "points(-1)"),
    "points computed": PLAIN.replace("points(1)", "points(len('a'))"),
    "no title": PLAIN.replace("The title.", ""),
    "of no function": PLAIN.replace("test_l1_loss_is", "test_something_is"),
}


@pytest.fixture
def read(tmp_path: Path):
    """What is read of a check file of `losses` with this text."""
    shutil.copyfile(ROOT / "course.toml", tmp_path / "course.toml")
    (tmp_path / "exercises").mkdir()
    file = tmp_path / "exercises" / "test_losses.py"

    def reading(text: str):
        file.write_text(text, encoding="utf-8")
        return checks_of(load_course(tmp_path), file)

    return reading


@pytest.mark.parametrize("oddity", ODD)
def test_a_file_that_is_more_than_plain_checks_is_imported(read, oddity):
    assert read(PLAIN) is not None
    assert read(ODD[oddity]) is None


def test_a_plain_file_may_hold_constants_helpers_and_what_is_drawn(read):
    ((name, line, check),) = read(
        '"""What it is about."""\n'
        "from __future__ import annotations\n"
        "import torch.nn as nn\n"
        "from hypothesis import given as drawn, strategies as st\n"
        "from grader.checking import points as worth\n"
        "LOW, HIGH = 0, torch.ones(3)\n"
        "def helper(): yield 1\n"
        "@worth(0.5)\n"
        "@drawn(pair=st.integers())\n"
        "def test_l1_loss_is_right(losses, pair, device):\n"
        '    """The title.\n\n    The rest."""\n'
    )
    assert (name, line) == ("test_l1_loss_is_right", 10)
    assert (check.id, check.function) == ("losses/test_l1_loss_is_right", "l1_loss")
    assert (check.title, check.points, check.hidden) == ("The title.", 0.5, False)


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("l1", True),
        ("L1 and TEST", True),
        ("mse", False),
        ("not mse", True),
        ("not l1", False),
        ("mse or (l1 and not huber)", True),
        ("mse and hypothesis", True),  # it may have such a mark: in doubt, yes
        ("mse l1", True),  # pytest says what is wrong with it
        ("mse(l1)", True),
        ("mse(", True),
        ("()", True),
        ("mse=1", True),
        (" or ".join(["mse"] * 500), True),  # nobody writes that
    ],
)
def test_an_expression_is_taken_to_select_unless_it_cannot(expression, may):
    assert may_select(expression, ["test_l1_loss", "test_losses.py"], ["hypothesis"]) is may


CONFTESTS = {
    "a fixture with parameters": (
        "import pytest\n"
        '@pytest.fixture(autouse=True, params=["nothing_matches", "other"])\n'
        "def either(request): ...\n",
        "1/2 tests collected (1 deselected)",
    ),
    "a keyword": (
        'def pytest_itemcollected(item):\n    item.extra_keyword_matches.add("nothing_matches")\n',
        "1 test collected",
    ),
}


@pytest.mark.parametrize("who", CONFTESTS)
def test_who_else_has_a_say_in_what_is_collected_is_heard(copy, tmp_path, who):
    conftest, collected = CONFTESTS[who]
    root = tmp_path / "course"
    (root / "exercises").mkdir(parents=True)
    shutil.copyfile(copy / "course.toml", root / "course.toml")
    (root / "exercises" / "test_losses.py").write_text(PLAIN, encoding="utf-8")
    (root / "exercises" / "conftest.py").write_text(conftest, encoding="utf-8")
    shown = python(root, "-m", "pytest", "--co", "-q", "-k", "nothing_matches")
    assert shown[0].startswith("exercises/test_losses.py::test_l1_loss_is_right")
    assert shown[-1].startswith(collected)
