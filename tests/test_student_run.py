"""`pytest exercises` as a student runs it: what it says of stubs, of solutions and of mistakes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from warm_pytest import Run, WarmPytest

from grader.course import load_course

ROOT = Path(__file__).parent.parent
COURSE = load_course(ROOT)
GREY = "\x1b[2m"


@dataclass(frozen=True)
class Shown:
    """What a run wrote, by its parts."""

    run: Run

    @property
    def status(self) -> int:
        return self.run.status

    @property
    def plain(self) -> str:
        return self.run.plain

    @property
    def lines(self) -> list[str]:
        return self.run.lines

    @property
    def summary(self) -> str:
        """pytest's line of counts."""
        (line,) = (line for line in self.lines if re.search(r" in [\d.]+s", line))
        return line.strip("= ")

    def panels(self, function: str) -> list[list[str]]:
        """The panels of a function, or of a file, each from its title to what comes after it."""
        found, lines = [], self.lines
        for number, line in enumerate(lines):
            if line.startswith(f"── {function} ─"):
                rest = lines[number + 1 :]
                ends = (
                    n for n, each in enumerate(rest) if re.match("── |==|[0-9]+ more check", each)
                )
                found.append([each for each in rest[: next(ends)] if each])
        return found

    def panel(self, check: str) -> list[str]:
        """The panel that says how to run this check again."""
        names = [f"{e.name}.{function}" for e in COURSE.exercises for function in e.functions]
        found = [panel for name in names for panel in self.panels(name)]
        (panel,) = (panel for panel in found if any(each.endswith(f"-k {check}") for each in panel))
        return panel

    def closing(self, exercise: str) -> str:
        """The line that closes an exercise, with single spaces."""
        (line,) = (line for line in self.lines if re.match(rf"{exercise} +[█░]", line))
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


WITH_MISTAKES = ("losses", "training", "convnets", "optimizers")
FILES = [f"exercises/test_{name}.py" for name in WITH_MISTAKES]


def number_of_checks(exercise: str) -> int:
    source = (ROOT / "exercises" / f"test_{exercise}.py").read_text(encoding="utf-8")
    return len(re.findall(r"^def test_", source, re.MULTILINE))


CHECKS = sum(map(number_of_checks, COURSE.names))


# untouched stubs


@pytest.fixture(scope="module")
def stubs(handout: Handout, warm: WarmPytest) -> Shown:
    return Shown(warm.run(handout(), "exercises", "-v", "--color=yes"))


def test_each_check_of_a_stub_is_one_grey_line(stubs):
    lines = [line for line in stubs.run.text.splitlines() if "TODO" in line]
    assert len(lines) == CHECKS
    assert all(f"{GREY}TODO" in line for line in lines)


def test_stubs_are_not_shown_as_failures(stubs):
    assert "FAIL" not in stubs.plain
    assert "Error" not in stubs.plain
    assert stubs.summary.startswith(f"{CHECKS} todo in ")


def test_stubs_are_not_passed_either(stubs):
    assert stubs.status == 1
    assert "passed" not in stubs.plain


def test_each_exercise_closes_with_a_bar_its_points_and_what_is_to_write(stubs):
    for exercise in COURSE.exercises:
        names = ", ".join(exercise.functions)
        line = stubs.closing(exercise.name)
        found = re.fullmatch(rf"{exercise.name} ░+ 0/[\d.]+ write: (.*?)( \+\d+)?", line)
        assert found, line
        assert names.startswith(found[1])


def test_the_last_line_is_the_next_function_with_its_place(stubs):
    first = COURSE.exercises[0]
    found = re.fullmatch(r"next: write (\w+) \((.*):(\d+)\)", stubs.lines[-1])
    assert found, stubs.lines[-1]
    assert found[1] == first.functions[0]
    assert found[2] == f"exercises/{first.file_name}"
    source = (ROOT / "exercises" / first.file_name).read_text(encoding="utf-8").splitlines()
    assert re.match(rf"\s*(def|class) {found[1]}\b", source[int(found[3]) - 1])


def test_nothing_but_the_course_is_talked_about(stubs):
    for word in ("Warning", "warning", "Traceback", "site-packages", "hypothesis.", "todo: "):
        assert word not in stubs.plain


# everything solved


@pytest.fixture(scope="module")
def solved(handout: Handout, warm: WarmPytest) -> Shown:
    solutions = {
        f"exercises/{exercise.file_name}": (ROOT / "solutions" / exercise.file_name).read_bytes()
        for exercise in COURSE.exercises
    }
    return Shown(warm.run(handout(files=solutions), "exercises"))


def test_solutions_pass_every_check(solved):
    assert solved.status == 0
    assert solved.summary.startswith(f"{CHECKS} passed in ")


def test_an_exercise_that_is_done_says_so(solved):
    for name in COURSE.names:
        assert re.fullmatch(rf"{name} █+ ([\d.]+)/\1 done", solved.closing(name))


def test_where_all_is_done_nothing_else_is_said(solved):
    for word in ("next:", "write", "Warning", "warning"):
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
def mistaken(mistaken_course: Path, warm: WarmPytest) -> Shown:
    return Shown(warm.run(mistaken_course, *FILES, "-v"))


def line_number(root: Path, exercise: str, text: str) -> int:
    source = (root / "exercises" / f"{exercise}.py").read_text(encoding="utf-8-sig")
    (number,) = (n for n, line in enumerate(source.split("\n"), 1) if line.strip() == text)
    return number


def test_a_wrong_answer_is_shown_with_the_call_and_what_was_expected(mistaken, mistaken_course):
    said = mistaken.panel("test_mse_loss_refuses_unequal_shapes")
    source = (mistaken_course / "exercises" / "losses.py").read_text(encoding="utf-8")
    line = 1 + source[: source.index("def mse_loss")].count("\n")
    column = "torch.tensor([[0.0], [0.0], [0.0]])"
    assert said[:4] == [
        "A column against a row would broadcast to a square in silence: it raises ValueError.",
        f"mse_loss({column}, torch.tensor([0.0, 0.0, 0.0]))",
        "expected  ValueError",
        "got       no exception; it returned torch.tensor(0.0)",
    ]
    about = "The squared error: (input − target)² of every element."
    assert f"read      exercises/losses.py:{line}  {about}" in said
    assert "again     pytest exercises -k test_mse_loss_refuses_unequal_shapes" in said
    assert said[4].startswith("hint      Raise ValueError where the shapes differ")


def test_what_the_student_printed_is_shown(mistaken):
    assert mistaken.panel("test_mse_loss_refuses_unequal_shapes")[-2:] == [
        "----- Captured stdout call -----".center(200, "-"),
        "here I am",
    ]


def test_the_smallest_input_is_shown(mistaken):
    said = mistaken.panel("test_cross_entropy_gradient_is_torchs")
    assert said[1].startswith("input = torch.tensor([")
    assert len(said[1]) < 130
    assert said[2].startswith("result = cross_entropy(input, torch.tensor([")
    assert "the gradient:" in said
    assert any(line.startswith("note      stay in torch: ") for line in said)


def test_an_exception_is_shown_with_the_students_own_lines(mistaken, mistaken_course):
    said = mistaken.panel("test_nll_loss_takes_the_targets_log_probability")
    outer, inner = (
        line_number(mistaken_course, "losses", text)
        for text in ("return _picked(input)", "return input[17]")
    )
    (got,) = (n for n, line in enumerate(said) if line.startswith("got "))
    assert said[got].startswith("got       IndexError: index 17 is out of bounds")
    assert said[got + 1 : got + 3] == [
        f"where     exercises/losses.py:{outer}  return _picked(input)",
        f"          exercises/losses.py:{inner}  return input[17]",
    ]


def test_what_is_forbidden_is_told_with_its_line(mistaken, mistaken_course):
    line = line_number(mistaken_course, "losses", FORBIDDEN)
    said = mistaken.panel("test_binary_cross_entropy_of_two_probabilities")
    assert said[1:3] == [
        "binary_cross_entropy used torch.nn.functional.binary_cross_entropy, which this exercise "
        "asks you to",
        "write",
    ]
    assert said[3].startswith(f"where     exercises/losses.py:{line}  return torch.nn.functional.")


def test_skipping_a_check_does_not_pass_it(mistaken):
    assert "skipped" not in mistaken.summary
    for check in ("test_l1_loss_of_three_numbers", "test_l1_loss_is_torchs"):
        assert "got       Skipped: too hard" in mistaken.panel(check)


def test_neither_does_an_expected_failure(mistaken):
    assert "xfailed" not in mistaken.summary
    assert "got       XFailed: too hard" in mistaken.panel("test_batch_losses_are_one_a_batch")


def test_code_that_would_end_python_or_the_run_is_one_mistake_among_others(mistaken):
    assert "got       SystemExit: 0" in mistaken.panel("test_train_step_lowers_the_loss")
    assert "got       Exit: enough for today" in mistaken.panel("test_lbfgs_step_returns_the_loss")


@pytest.mark.parametrize(
    ("exercise", "problem", "line"),
    [
        ("optimizers", "SyntaxError: invalid syntax", "class Adam(:"),
        ("convnets", "ValueError: not today", "raise ValueError('not today')"),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_panel_for_all_of_its_checks(
    mistaken, mistaken_course, exercise, problem, line
):
    number = line_number(mistaken_course, exercise, line)
    mark = " " * len(f"where     exercises/{exercise}.py:{number}  {line}"[:-1]) + "^"
    assert mistaken.panels(f"{exercise}.py") == [
        [
            f"Mend this first: none of its {number_of_checks(exercise)} checks can run before.",
            problem,
            f"where     exercises/{exercise}.py:{number}  {line}",
            *([mark] if problem.startswith("SyntaxError") else []),
        ]
    ]
    assert not mistaken.panels(f"{exercise}.{COURSE.exercise(exercise).functions[0]}")


def test_no_check_of_a_file_that_cannot_be_imported_is_passed(mistaken):
    """Not even the one that expects a ValueError, which importing raises here."""
    for name in ("convnets", "optimizers"):
        assert re.fullmatch(rf"{name} ░+ 0/[\d.]+ mend: {name}\.py", mistaken.closing(name))


def test_the_other_exercises_go_on(mistaken):
    assert mistaken.status == 1
    failed = number_of_checks("convnets") + number_of_checks("optimizers") + 6 + 3
    passed = 2
    todo = sum(map(number_of_checks, WITH_MISTAKES)) - failed - passed
    assert mistaken.summary.startswith(f"{failed} failed, {passed} passed, {todo} todo in ")


def test_a_byte_order_mark_is_no_mistake(mistaken):
    assert "mend: train_step, batch_losses, lbfgs_step; write: " in mistaken.closing("training")


def test_what_cannot_be_imported_is_mended_first(mistaken, mistaken_course):
    number = line_number(mistaken_course, "convnets", "raise ValueError('not today')")
    assert mistaken.lines[-1] == f"next: mend convnets.py (exercises/convnets.py:{number})"


def test_nothing_of_pytests_or_torchs_insides_is_shown(mistaken):
    for word in ("Traceback", "site-packages", "_pytest", "hypothesis", ">       ", "broke"):
        assert word not in mistaken.plain.partition("=== FAIL")[2]


def test_many_failed_checks_take_one_screen_and_the_rest_a_line_each_function(
    mistaken_course, warm
):
    brief = Shown(warm.run(mistaken_course, *FILES[:3], width=80))
    panels = [line for line in brief.lines if line.startswith("── ")]
    shown = ["convnets.py", "losses.l1_loss", "losses.mse_loss"]
    assert [line.split()[1] for line in panels] == shown
    (start,) = (n for n, line in enumerate(brief.lines) if " more checks are not passed" in line)
    assert "-v" in brief.lines[start] and "-k NAME" in brief.lines[start]
    rest = brief.lines[start + 1 : start + 8]
    assert rest[0] == "  losses.l1_loss                1 check   Skipped: too hard"
    assert rest[-1] == "  and of 1 more function"
    failures = brief.lines[next(n for n, line in enumerate(brief.lines) if "FAILURES" in line) :]
    assert len(failures) < 60
    assert all(len(line) <= 80 for line in failures if not line.startswith("again "))


def test_only_what_failed_last_time_can_be_run_again(mistaken, mistaken_course, warm):
    again = Shown(warm.run(mistaken_course, "exercises/test_losses.py", "--lf", "-q"))
    assert again.status == 1
    assert again.summary.startswith("6 failed, 2 deselected in ")
    assert re.match(r"losses ░+ 0/3 mend: l1_loss, ", again.closing("losses"))
    source = (mistaken_course / "exercises" / "losses.py").read_text(encoding="utf-8")
    (number,) = (n for n, line in enumerate(source.split("\n"), 1) if line.startswith("def l1"))
    assert again.lines[-1] == f"next: mend l1_loss (exercises/losses.py:{number})"


# one function at a time


def test_an_answer_that_changes_from_call_to_call_is_told_and_a_step_is_shown_as_it_was(
    handout, warm
):
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
    found = Shown(warm.run(root, "exercises", "-q", "-k", "l1_loss or sgd_descends"))
    assert found.status == 1
    assert found.summary.startswith("2 failed, 1 passed, ")
    unsteady = found.panel("test_l1_loss_is_torchs")
    assert unsteady[1].startswith("l1_loss(")
    assert any(line.startswith("expected  ") for line in unsteady)
    assert any(line.startswith("note      called again it was right: ") for line in unsteady)
    steps = [line for line in found.panel("test_sgd_descends") if re.match("expected|got", line)]
    assert steps == ["expected  torch.tensor([0.9])", "got       torch.tensor([1.1])"]
    assert "convnets" not in found.plain


def test_a_run_that_stops_at_the_first_check_shows_what_it_saw(handout, warm):
    found = Shown(warm.run(handout(), "exercises/test_losses.py", "-x"))
    assert found.status == 1
    assert found.summary.startswith("1 todo in ")
    assert found.closing("losses").endswith(" 0/0.5 write: l1_loss")
    assert found.lines[-1].startswith("next: write l1_loss (exercises/losses.py:")


def test_where_all_that_ran_is_right_the_next_function_of_the_exercise_is_named(handout, warm):
    right = """
if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
    raise ValueError("shapes or reduction")
losses = (input - target).abs()
return losses if reduction == "none" else getattr(losses, reduction)()"""
    root = handout({"losses.l1_loss": right})
    found = Shown(warm.run(root, FILES[0], "-k", "l1_loss"))
    assert found.status == 0
    assert found.closing("losses").endswith(" 1/1 done")
    assert found.lines[-1].startswith("next: write mse_loss (exercises/losses.py:")


def test_a_run_inside_the_folder_shows_places_from_there(handout, warm):
    root = handout()
    found = warm.run(root / "exercises", "test_losses.py", "-q", "-k", "mse_loss_of")
    assert found.status == 1
    assert re.fullmatch(r"next: write \w+ \(losses\.py:\d+\)", found.lines[-1])


# around the course


def test_a_mistake_in_the_course_is_told_before_anything_runs(handout, warm):
    manifest = (ROOT / "course.toml").read_bytes().replace(b"\ntitle", b"\ntitel", 1)
    root = handout(files={"course.toml": manifest})
    found = warm.run(root, "exercises")
    assert found.status == pytest.ExitCode.USAGE_ERROR
    assert found.plain.startswith(f"ERROR: {root}/course.toml: titel: is not a key of the course")
    assert "Traceback" not in found.plain


def test_another_device_than_there_is_is_told_before_anything_runs(handout, warm):
    found = warm.run(handout(), "exercises", "--device", "abacus")
    assert found.status == pytest.ExitCode.USAGE_ERROR
    assert "--device" in found.plain
    assert "abacus" in found.plain


def test_outside_a_course_pytest_is_as_ever(tmp_path, warm):
    (tmp_path / "test_other.py").write_text(
        "def test_right(): pass\n\ndef test_wrong():\n    raise NotImplementedError('TODO')\n"
    )
    found = warm.run(tmp_path, "-q")
    assert found.status == 1
    assert found.lines[-1].startswith("1 failed, 1 passed in ")
    assert "points" not in found.plain
