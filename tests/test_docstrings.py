"""What a student has to work from: each stub's docstrings, and exercises/README.md.

That their examples are true is in test_stubs.py; here, that nothing a student needs is missing.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from grader import commands
from grader.course import Exercise, load_course
from grader.outcome import Check, Contrast, Frame, Problem, Result
from grader.student.page import Page
from grader.student.panel import Reading, panel

COURSE = load_course(ROOT)
README = (COURSE.stubs / "README.md").read_text(encoding="utf-8")
EVERY = [(exercise, name) for exercise in COURSE.exercises for name in exercise.functions]
NAMES = [f"{exercise.name}.{name}" for exercise, name in EVERY]
# What a docstring or a formula calls a parameter, beside its name.
_ALSO_CALLED = {"params": "params|the parameters", "betas": "β₁", "etas": "η⁻"}


def tree_of(exercise: Exercise) -> ast.Module:
    return ast.parse((COURSE.stubs / exercise.file_name).read_text(encoding="utf-8"))


def node_of(exercise: Exercise, name: str) -> ast.FunctionDef | ast.ClassDef:
    (node,) = (
        node
        for node in tree_of(exercise).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
    )
    return node


def functions_in(node: ast.FunctionDef | ast.ClassDef) -> list[ast.FunctionDef]:
    if isinstance(node, ast.FunctionDef):
        return [node]
    return [part for part in node.body if isinstance(part, ast.FunctionDef)]


def said_of(exercise: Exercise, name: str) -> str:
    """All that the stub says of a function or class, in one line."""
    node = node_of(exercise, name)
    texts = [ast.get_docstring(part) or "" for part in (node, *functions_in(node))]
    return " ".join(re.sub(r"^(>>>|\.\.\.) .*", "", "\n".join(texts), flags=re.MULTILINE).split())


# the stubs


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.name)
def test_an_exercise_opens_with_what_it_is_for_and_a_formula(exercise: Exercise) -> None:
    opening = ast.get_docstring(tree_of(exercise)) or ""
    first, empty, *rest = opening.splitlines()
    assert re.fullmatch(r"\w[\w ]+: .+[.,]|\w[\w ]+: .+", first) and not empty
    assert len(opening.splitlines()) <= 25, "it is read before anything is written: keep it short"
    formulas = [line for line in rest if line.startswith("    ")]
    assert any(re.search(r"[=←→↦]", line) for line in formulas)


@pytest.mark.parametrize(("exercise", "name"), EVERY, ids=NAMES)
def test_each_parameter_is_spoken_of(exercise: Exercise, name: str) -> None:
    said = f"{ast.get_docstring(tree_of(exercise))} {said_of(exercise, name)}"
    for function in functions_in(node_of(exercise, name)):
        for one in function.args.args:
            known = _ALSO_CALLED.get(one.arg, one.arg)
            assert one.arg == "self" or re.search(rf"(?<!\w)({known})(?!\w)", said), one.arg


@pytest.mark.parametrize(("exercise", "name"), EVERY, ids=NAMES)
def test_a_docstring_begins_with_a_line_of_its_own_and_lets_nothing_overflow(
    exercise: Exercise, name: str
) -> None:
    text = ast.get_docstring(node_of(exercise, name)) or ""
    first = text.split("\n\n")[0]
    assert first and "\n" not in first and first[-1] in ".:", "one sentence, then more"
    assert text.count("\n") < 45


@pytest.mark.parametrize(("exercise", "name"), EVERY, ids=NAMES)
def test_what_is_forbidden_is_said_where_it_is(exercise: Exercise, name: str) -> None:
    said = said_of(exercise, name)
    forbidden = exercise.forbidden.get(name, ())
    assert ("Forbidden: " in said) == bool(forbidden)
    _, _, rule = said.partition("Forbidden: ")
    for thing in forbidden:
        assert re.search(rf"(?<![\w.]){re.escape(thing)}(?!\w)", rule), thing


def due_exceptions() -> Iterator[tuple[str, str, str]]:
    """Exercise, function and exception of everything that some check demands to be raised."""
    for exercise in COURSE.exercises:
        for folder in (COURSE.stubs, COURSE.hidden_checks):
            tree = ast.parse((folder / f"test_{exercise.name}.py").read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                match node:
                    case ast.Call(
                        func=ast.Name(id="assert_raises"),
                        args=[ast.Name(id=error), ast.Attribute(attr=function), *_],
                    ):
                        yield exercise.name, function, error


@pytest.mark.parametrize(
    ("exercise", "function", "error"), sorted(set(due_exceptions())), ids=lambda part: str(part)
)
def test_every_exception_that_is_due_is_announced(exercise: str, function: str, error: str) -> None:
    assert re.search(
        rf"[Rr]aises.*\b{error}|\b{error} where", said_of(COURSE.exercise(exercise), function)
    )


def test_due_exceptions_are_found_at_all() -> None:
    found = set(due_exceptions())
    assert ("losses", "l1_loss", "ValueError") in found and len(found) > 15


def test_a_student_runs_the_examples_of_one_function_beside_the_checks(tmp_path: Path) -> None:
    """As exercises/README.md says it, with a function that is right and one that is wrong."""
    (command,) = re.findall(r"^    pytest (--doctest-modules .*) -k l1_loss$", README, re.MULTILINE)
    shutil.copyfile(ROOT / "course.toml", tmp_path / "course.toml")
    (tmp_path / "exercises").mkdir()
    stub = (COURSE.stubs / "losses.py").read_text(encoding="utf-8")
    for function, body in (("l1_loss", "(input - target).abs().mean()"), ("mse_loss", "input")):
        stub = stub.replace(f'raise NotImplementedError("TODO: {function}")', f"return {body}")
    (tmp_path / "exercises" / "losses.py").write_text(stub, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *command.split(), "-k", "l1_loss or mse_loss"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "1 failed, 1 passed, 3 deselected" in done.stdout, done.stdout + done.stderr
    assert "Expected:\n    tensor(4.)\nGot:\n    tensor([1., 2., 3.])" in done.stdout


# exercises/README.md


def rows() -> list[list[str]]:
    """The cells of the table of exercises."""
    table = README.split("## The nine exercises")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| [")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_readme_lists_the_course_as_it_is() -> None:
    expected = [
        [
            f"[{exercise.name}]({exercise.file_name})",
            ", ".join(f"`{name}`" for name in exercise.functions),
            f"{exercise.points:g}",
            ", ".join(exercise.requires),
        ]
        for exercise in COURSE.graded().exercises
    ]
    assert [[name, *others] for name, _, *others in rows()] == expected
    assert all(purpose for _, purpose, *_ in rows())


def test_all_that_the_readme_names_is_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert link.startswith("https://") or (COURSE.stubs / link).is_file(), link
    for name in re.findall(r"exercises/(\w+\.py)", README):
        assert (COURSE.stubs / name).is_file(), name
    functions = {name for _, name in EVERY}
    for name in re.findall(r"-k (\w+)", README):
        assert name in functions | {"NAME"}
    offered = {name for names in commands.STUDENTS.values() for name in names}
    assert set(re.findall(r"`grader (\w+)", README)) <= offered


def test_the_readme_reads_a_panel_from_top_to_bottom() -> None:
    """Its labels are those that a panel has, in the panel's order."""
    problem = Problem(
        "error",
        call="l1_loss(1)",
        contrast=Contrast("1", "2", place="the loss"),
        frames=(Frame("losses.py", 3, "l1_loss", "return 2"),),
        notes=("it changed its input",),
    )
    check = Check("losses/test_l1_loss", "losses", "l1_loss", "It is torch's.", 1.0, False)
    result = Result(check, "error", problem.message, 0.0, hint="Mean.", problem=problem)
    lines = panel(result, Reading("losses.py:1", "The error", "pytest exercises"), Page())
    shown = ["".join(span.text for span in line) for line in lines]
    section = README.split("## Read a failed check")[1].split("\n## ")[0]
    labels = [word for word in re.findall(r"\*\*([^*]+)\*\*", section) if " " not in word]
    found = [line.split()[0] for line in shown if line.split()[:1] and line.split()[0] in labels]
    assert found == labels and len(labels) > 5
    assert shown.index("l1_loss(1)") < shown.index(next(s for s in shown if s[:8] == "expected"))


def test_the_options_that_the_readme_names_are_the_plugins_or_pytests() -> None:
    plugin = (ROOT / "grader" / "plugin.py").read_text(encoding="utf-8")
    pytests = {"--doctest-modules", "--lf"}
    assert set(re.findall(r"(?<=[ `])--[a-z-]+", README)) - pytests == set(
        re.findall(r'"(--report)"', plugin)
    )
