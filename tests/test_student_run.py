"""`pytest exercises` as a student runs it: what it says of stubs, of solutions and of mistakes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.course import load_course

ROOT = Path(__file__).parent.parent
COURSE = load_course(ROOT)
GREY = "\x1b[2m"


@dataclass(frozen=True)
class Run:
    """One run of pytest: its exit status and what it wrote."""

    status: int
    text: str

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.text)

    @property
    def lines(self) -> list[str]:
        return self.plain.splitlines()

    def after(self, check: str) -> list[str]:
        """What is said of a check that is not passed."""
        headings = [n for n, line in enumerate(self.lines) if re.fullmatch(r"[_=]+ .* [_=]+", line)]
        (start,) = (n for n in headings if self.lines[n].strip("_ ") == check)
        end = min(n for n in headings if n > start)
        return self.lines[start + 1 : end]

    def closing(self, exercise: str) -> str:
        """The line that closes an exercise, with single spaces."""
        (line,) = (line for line in self.lines if re.match(rf"{exercise} +\[", line))
        return re.sub(r" +", " ", line)


Handout = Callable[..., Path]


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Handout:
    """Make a student's copy of the course, with functions written or files replaced."""

    def make(written: dict[str, str] | None = None, files: dict[str, bytes] | None = None) -> Path:
        root = tmp_path_factory.mktemp("course")
        shutil.copyfile(ROOT / "course.toml", root / "course.toml")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "exercises", root / "exercises", ignore=ignored)
        for name, body in (written or {}).items():
            exercise, function = name.split(".")
            write(root / "exercises" / f"{exercise}.py", function, body)
        for file, content in (files or {}).items():
            (root / file).write_bytes(content)
        return root

    return make


def write(file: Path, function: str, body: str) -> None:
    """Write a function in the place of its stub, and after it what follows two empty lines."""
    source = file.read_text(encoding="utf-8")
    stub = f'    raise NotImplementedError("TODO: {function}")\n'
    assert source.count(stub) == 1
    body, gap, after = body.strip().partition("\n\n\n")
    indented = "".join(f"    {line}\n" for line in body.split("\n"))
    file.write_text(source.replace(stub, f"{indented}{gap}{after}\n"), encoding="utf-8")


def run(root: Path, *arguments: str) -> Run:
    """Run pytest as a student does, in their folder, with nothing of this run's environment."""
    ours = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        env=environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr)


def number_of_checks(exercise: str) -> int:
    source = (ROOT / "exercises" / f"test_{exercise}.py").read_text(encoding="utf-8")
    return len(re.findall(r"^def test_", source, re.MULTILINE))


CHECKS = sum(map(number_of_checks, COURSE.names))
COMES_FIRST = {"optimizers": "Optimizer.__init__"}  # what every optimizer is built on


# untouched stubs


@pytest.fixture(scope="module")
def stubs(handout: Handout) -> Run:
    return run(handout(), "exercises", "-v", "--color=yes")


def test_each_check_of_a_stub_is_one_grey_line(stubs):
    lines = [line for line in stubs.text.splitlines() if "TODO" in line]
    assert len(lines) == CHECKS
    assert all(f"{GREY}TODO" in line for line in lines)


def test_stubs_are_not_shown_as_failures(stubs):
    assert "FAIL" not in stubs.plain
    assert "Error" not in stubs.plain
    assert stubs.lines[-1].strip("= ").startswith(f"{CHECKS} todo in ")


def test_stubs_are_not_passed_either(stubs):
    assert stubs.status == 1
    assert "passed" not in stubs.plain


def test_each_exercise_closes_with_its_points_a_bar_and_the_next_step(stubs):
    for exercise in COURSE.exercises:
        file = ROOT / "exercises" / exercise.file_name
        source = file.read_text(encoding="utf-8").splitlines()
        line = stubs.closing(exercise.name)
        pattern = rf"{exercise.name} \[\.{{24}}\] 0/[\d.]+ points next: write (\S+) \((.*):(\d+)\)"
        match = re.fullmatch(pattern, line)
        assert match, line
        assert match[1] == COMES_FIRST.get(exercise.name, exercise.functions[0])
        assert match[2] == f"exercises/{exercise.file_name}"
        name = match[1].rpartition(".")[2]
        assert re.match(rf"\s*(def|class) {name}\b", source[int(match[3]) - 1])


def test_nothing_but_the_course_is_talked_about(stubs):
    for word in ("Warning", "warning", "Traceback", "site-packages", "hypothesis.", "todo: "):
        assert word not in stubs.plain


# everything solved


@pytest.fixture(scope="module")
def solved(handout: Handout) -> Run:
    solutions = {
        f"exercises/{exercise.file_name}": (ROOT / "solutions" / exercise.file_name).read_bytes()
        for exercise in COURSE.exercises
    }
    return run(handout(files=solutions), "exercises")


def test_solutions_pass_every_check(solved):
    assert solved.status == 0
    assert solved.lines[-1].strip("= ").startswith(f"{CHECKS} passed in ")


def test_an_exercise_that_is_done_says_so(solved):
    for name in COURSE.names:
        pattern = rf"{name} \[#{{24}}\] ([\d.]+)/\1 points done"
        assert re.fullmatch(pattern, solved.closing(name))


def test_where_all_is_done_nothing_else_is_said(solved):
    for word in ("next:", "still to write", "Warning", "warning"):
        assert word not in solved.plain


# mistakes


FORBIDDEN = "return torch.nn.functional.binary_cross_entropy(input, target, weight, None, None)"
MISTAKES = {
    "losses.l1_loss": "import pytest\npytest.skip('too hard')",
    "losses.mse_loss": """
print("here I am")
losses = (input - target) ** 2
return losses.sum() if reduction == "sum" else losses.mean()""",
    "losses.binary_cross_entropy": FORBIDDEN,
    "losses.nll_loss": "return _picked(input)\n\n\ndef _picked(input):\n    return input[17]",
    "losses.cross_entropy": """
losses = -input.log_softmax(-1).gather(-1, target.unsqueeze(-1)).squeeze(-1)
losses = losses.sum() if reduction == "sum" else losses.mean() if reduction == "mean" else losses
return losses.detach()""",
    "training.train_step": "raise SystemExit(0)",
    "training.batch_losses": "import pytest\npytest.xfail('too hard')",
    "training.lbfgs_step": "import pytest\npytest.exit('enough for today')",
}


@pytest.fixture(scope="module")
def mistaken_course(handout: Handout) -> Path:
    root = handout(MISTAKES)
    training = root / "exercises" / "training.py"
    training.write_bytes(b"\xef\xbb\xbf" + training.read_bytes())
    optimizers = root / "exercises" / "optimizers.py"
    source = optimizers.read_text(encoding="utf-8")
    optimizers.write_text(
        source.replace("class Adam(Optimizer):", "class Adam(:"), encoding="utf-8"
    )
    convnets = root / "exercises" / "convnets.py"
    source = convnets.read_text(encoding="utf-8")
    convnets.write_text(source + "\nraise ValueError('not today')\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def mistaken(mistaken_course: Path) -> Run:
    return run(mistaken_course, "exercises")


def line_number(root: Path, exercise: str, text: str) -> int:
    source = (root / "exercises" / f"{exercise}.py").read_text(encoding="utf-8-sig")
    (number,) = (n for n, line in enumerate(source.split("\n"), 1) if line.strip() == text)
    return number


def test_a_wrong_answer_is_shown_with_the_call_and_what_was_expected(mistaken):
    said = mistaken.after("test_mse_loss_refuses_unequal_shapes")
    column = "torch.tensor([[0.0], [0.0], [0.0]])"
    assert said[:3] == [
        f"mse_loss({column}, torch.tensor([0.0, 0.0, 0.0]))",
        "expected  ValueError",
        "got       no exception; it returned torch.tensor(0.0)",
    ]


def test_what_the_student_printed_is_shown(mistaken):
    assert mistaken.after("test_mse_loss_refuses_unequal_shapes")[-2:] == [
        "----- Captured stdout call -----".center(200, "-"),
        "here I am",
    ]


def test_the_smallest_input_is_shown(mistaken):
    said = mistaken.after("test_cross_entropy_gradient_is_torchs")
    assert said[0].startswith("input = torch.tensor([")
    assert len(said[0]) < 130
    assert said[1].startswith("result = cross_entropy(input, torch.tensor([")
    assert "the gradient:" in said
    assert any(line.startswith("stay in torch: ") for line in said)


def test_an_exception_is_shown_with_the_students_own_lines(mistaken, mistaken_course):
    said = mistaken.after("test_nll_loss_takes_the_targets_log_probability")
    outer, inner = (
        line_number(mistaken_course, "losses", text)
        for text in ("return _picked(input)", "return input[17]")
    )
    (got,) = (n for n, line in enumerate(said) if line.startswith("got "))
    assert said[got].startswith("got       IndexError: index 17 is out of bounds")
    assert said[got + 1 :] == [
        f"  exercises/losses.py, line {outer}: return _picked(input)",
        f"  exercises/losses.py, line {inner}: return input[17]",
    ]


def test_what_is_forbidden_is_told_with_its_line(mistaken, mistaken_course):
    line = line_number(mistaken_course, "losses", FORBIDDEN)
    assert mistaken.after("test_binary_cross_entropy_of_two_probabilities") == [
        "binary_cross_entropy used torch.nn.functional.binary_cross_entropy, "
        "which this exercise asks you to write",
        f"  exercises/losses.py, line {line}: {FORBIDDEN}",
    ]


def test_skipping_a_check_does_not_pass_it(mistaken):
    assert "skipped" not in mistaken.plain.splitlines()[-1]
    for check in ("test_l1_loss_of_three_numbers", "test_l1_loss_is_torchs"):
        assert "got       Skipped: too hard" in mistaken.after(check)


def test_neither_does_an_expected_failure(mistaken):
    assert "xfailed" not in mistaken.lines[-1]
    assert "got       XFailed: too hard" in mistaken.after("test_batch_losses_are_one_a_batch")


def test_code_that_would_end_python_or_the_run_is_one_mistake_among_others(mistaken):
    assert "got       SystemExit: 0" in mistaken.after("test_train_step_lowers_the_loss")
    said = mistaken.after("test_lbfgs_step_returns_the_loss")
    assert "got       Exit: enough for today" in said


@pytest.mark.parametrize(
    ("exercise", "check", "problem", "line"),
    [
        ("optimizers", "test_sgd_descends", "SyntaxError: invalid syntax", "class Adam(:"),
        ("convnets", "test_same_padding_on_paper", None, "raise ValueError('not today')"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(
    mistaken, mistaken_course, exercise, check, problem, line
):
    problem = problem or "ValueError: not today"
    number = line_number(mistaken_course, exercise, line)
    assert mistaken.after(check) == [
        f"{exercise}.py could not be imported: {problem}",
        f"  exercises/{exercise}.py, line {number}: {line}",
    ]


def test_no_check_of_a_file_that_cannot_be_imported_is_passed(mistaken):
    """Not even the one that expects a ValueError, which importing raises here."""
    assert re.match(r"convnets \[\.+\] 0/", mistaken.closing("convnets"))
    assert re.match(r"optimizers \[\.+\] 0/", mistaken.closing("optimizers"))


def test_the_other_exercises_go_on(mistaken):
    assert mistaken.status == 1
    failed = number_of_checks("convnets") + number_of_checks("optimizers") + 6 + 3
    passed = 2
    todo = CHECKS - failed - passed
    assert (
        mistaken.lines[-1]
        .strip("= ")
        .startswith(f"{failed} failed, {passed} passed, {todo} todo in ")
    )


def test_a_byte_order_mark_is_no_mistake(mistaken):
    assert "next: mend train_step (exercises/training.py:" in mistaken.closing("training")


def test_the_next_step_is_the_first_function_that_is_not_right(mistaken, mistaken_course):
    losses = (mistaken_course / "exercises" / "losses.py").read_text(encoding="utf-8")
    (number,) = (n for n, line in enumerate(losses.split("\n"), 1) if line.startswith("def l1"))
    closing = mistaken.closing("losses")
    assert closing == (
        f"losses [######..................] 1/4 points next: mend l1_loss "
        f"(exercises/losses.py:{number})"
    )


def test_nothing_of_pytests_or_torchs_insides_is_shown(mistaken):
    for word in ("Traceback", "site-packages", "_pytest", "hypothesis", ">       ", "broke"):
        assert (
            word not in mistaken.plain.partition("short test summary")[0].partition("=== FAIL")[2]
        )


def test_only_what_failed_last_time_can_be_run_again(mistaken, mistaken_course):
    again = run(mistaken_course, "exercises/test_losses.py", "--lf", "-q")
    assert again.status == 1
    assert again.lines[-1].startswith("6 failed, 2 deselected in ")
    assert again.closing("losses").startswith("losses [........................] 0/3 points next: ")


# one function at a time


def test_an_answer_that_changes_from_call_to_call_is_told_and_a_step_is_shown_as_it_was(handout):
    steady = """
global calls
calls += 1
losses = (input - target).abs() + (calls == 6)
return losses.mean() if reduction == "mean" else losses.sum() if reduction == "sum" else losses


calls = 0"""
    root = handout({"losses.l1_loss": steady})
    optimizers = root / "exercises" / "optimizers.py"
    source = optimizers.read_text(encoding="utf-8").replace("class SGD:", "class Other:")
    wrong = """

class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr

    @torch.no_grad()
    def step(self):
        for parameter in self.params:
            parameter += self.lr * parameter.grad
"""
    optimizers.write_text(source + wrong, encoding="utf-8")
    found = run(root, "exercises", "-q", "-k", "l1_loss or sgd_descends")
    assert found.status == 1
    assert found.lines[-1].startswith("2 failed, 1 passed, ")
    unsteady = found.after("test_l1_loss_is_torchs")
    assert unsteady[0].startswith("l1_loss(")
    assert any(line.startswith("expected  ") for line in unsteady)
    assert unsteady[-1].startswith("called again it was right: ")
    steps = [line for line in found.after("test_sgd_descends") if re.match("expected|got", line)]
    assert steps == ["expected  torch.tensor([0.9])", "got       torch.tensor([1.1])"]
    assert "convnets" not in found.plain


def test_a_run_that_stops_at_the_first_check_shows_what_it_saw(handout):
    found = run(handout(), "exercises/test_losses.py", "-x")
    assert found.status == 1
    assert found.lines[-1].strip("= ").startswith("1 todo in ")
    assert "0/0.5 points next: write l1_loss (exercises/losses.py:" in found.closing("losses")


def test_a_run_inside_the_folder_shows_places_from_there(handout):
    root = handout()
    found = run(root / "exercises", "test_losses.py", "-q", "-k", "mse_loss_of")
    assert found.status == 1
    assert re.search(r"next: write mse_loss \(losses\.py:\d+\)", found.closing("losses"))


# around the course


def test_a_mistake_in_the_course_is_told_before_anything_runs(handout):
    manifest = (ROOT / "course.toml").read_bytes().replace(b"\ntitle", b"\ntitel", 1)
    root = handout(files={"course.toml": manifest})
    found = run(root, "exercises")
    assert found.status == pytest.ExitCode.USAGE_ERROR
    assert found.plain.startswith(f"ERROR: {root}/course.toml: titel: is not a key of the course")
    assert "Traceback" not in found.plain


def test_another_device_than_there_is_is_told_before_anything_runs(handout):
    found = run(handout(), "exercises", "--device", "abacus")
    assert found.status == pytest.ExitCode.USAGE_ERROR
    assert "--device" in found.plain
    assert "abacus" in found.plain


def test_outside_a_course_pytest_is_as_ever(tmp_path):
    (tmp_path / "test_other.py").write_text(
        "def test_right(): pass\n\ndef test_wrong():\n    raise NotImplementedError('TODO')\n"
    )
    found = run(tmp_path, "-q")
    assert found.status == 1
    assert found.lines[-1].startswith("1 failed, 1 passed in ")
    assert "points" not in found.plain
