"""`grader list` and `grader hint`: what they say, whatever state the student's files are in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from studying import ran, write, write_handout
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Course
from grader.student.printing import shown_in

DOUBLE = "return x + x"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return write_handout(tmp_path)


def said(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == status, result.output
    return result.output


def line_with(text: str, start: str) -> str:
    (line,) = (line for line in text.splitlines() if line.split()[:1] == [start])
    return " ".join(line.split())


# list


def test_an_untouched_course_is_all_to_write(course: Course) -> None:
    text = said("list")
    assert text.startswith("Small numbers\n0 of 4 functions done, 0 of 6.5 points of the checks")
    assert line_with(text, "doubling") == f"doubling {'░' * 20} 0/5.5 points"
    assert "  to write    Counter, double, Doubler, again\n" in text
    assert line_with(text, "halving").endswith("0/1 points first: doubling")
    assert text.endswith("\nnext: write double (exercises/doubling.py:6)\n")


def test_each_state_of_a_function_has_a_word(course: Course) -> None:
    write(course, "double", DOUBLE)
    write(course, "Counter.__init__", "self.count = 0")
    write(course, "again", "return double(double(x))")
    ran(course, double_of_two="passed", double_of_nothing="passed", again_of_two="failed")
    text = said("list")
    assert "  done        double\n" in text
    assert "  to mend     again\n" in text
    assert "  to write    Doubler\n" in text
    assert line_with(text, "doubling").endswith("3/5.5 points")
    assert line_with(text, "doubling").count("█") == int(20 * 3 / 5.5)
    assert text.endswith("next: write Doubler (exercises/doubling.py:19)\n")


def test_what_was_never_run_is_to_be_run(course: Course) -> None:
    write(course, "double", DOUBLE)
    text = said("list")
    assert "  not run     double\n" in text
    assert text.endswith("next: run double (exercises/doubling.py:6)\n")


def test_a_function_changed_since_its_checks_ran_earns_nothing(course: Course) -> None:
    write(course, "double", DOUBLE)
    write(course, "again", "return 4 * x")
    ran(course, double_of_two="passed", double_of_nothing="passed", again_of_two="passed")
    file = course.stubs / "doubling.py"
    file.write_text(file.read_text(encoding="utf-8").replace(DOUBLE, "return x * x"), "utf-8")
    text = said("list")
    assert "  changed     double (it passed before)\n" in text
    assert "  done        again\n" in text
    assert line_with(text, "doubling").endswith("1.5/5.5 points")


def test_a_changed_helper_changes_what_calls_it_and_a_comment_changes_nothing(
    course: Course,
) -> None:
    write(course, "double", DOUBLE)
    write(course, "again", "return _twice(x)\n\n\ndef _twice(x):\n    return double(double(x))")
    everything = {"double_of_two": "passed", "double_of_nothing": "passed"}
    ran(course, **everything, again_of_two="passed")
    file = course.stubs / "doubling.py"
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace(DOUBLE, f"# the sum\n    {DOUBLE}  # of two"), "utf-8")
    assert "  done        double, again\n" in said("list")
    file.write_text(source.replace("double(double(x))", "x"), "utf-8")
    text = said("list")
    assert "  done        double\n" in text
    assert "  changed     again (it passed before)\n" in text


def test_a_function_that_is_built_on_a_stub_waits_for_it(course: Course) -> None:
    write(course, "double", DOUBLE)
    ran(course, double_of_two="passed", double_of_nothing="passed")
    write(course, "Doubler.__call__", "return 2 * x")
    text = said("list")
    assert "  waits       Doubler (for Counter)\n" in text
    assert text.endswith("next: write Counter (exercises/doubling.py:11)\n")


def test_what_a_function_needs_may_be_in_another_exercise(course: Course) -> None:
    source = "from doubling import again\n\n\ndef halve(x):\n    return again(x) / 8\n"
    (course.stubs / "halving.py").write_text(source, encoding="utf-8")
    text = said("list", "halving")
    assert "halve  waits       0/1  exercises/halving.py:4\n" in text
    assert text.endswith("next: write again (exercises/doubling.py:27)\n")
    assert "first: doubling.again, which it is built on, is still to write" in said("hint", "halve")
    assert "  waits       halve (for doubling.again)\n" in said("list")
    assert said("hint").startswith("again  exercises/doubling.py:27")


def test_a_file_that_is_no_python_is_mended_first(course: Course) -> None:
    write(course, "double", "return x +")
    text = said("list")
    assert "  unreadable  exercises/doubling.py:8: SyntaxError: invalid syntax\n" in text
    assert text.endswith("next: mend exercises/doubling.py:8 (SyntaxError: invalid syntax)\n")
    (course.stubs / "doubling.py").unlink()
    assert "exercises/doubling.py: is missing" in said("list")


def test_a_finished_exercise_makes_way_for_the_next(course: Course) -> None:
    file = course.stubs / "doubling.py"
    file.write_text("def double(x): return 2 * x\nDoubler = again = double\n", encoding="utf-8")
    outcomes = ("double_of_two", "double_of_nothing", "doubler_counts", "again_of_two")
    ran(course, **dict.fromkeys(outcomes, "passed"))
    text = said("list")
    assert line_with(text, "doubling") == f"doubling {'█' * 20} 5.5/5.5 points"
    assert "first:" not in text
    assert text.endswith("next: write halve (exercises/halving.py:4)\n")
    write(course, "halve", "return x / 2", "halving")
    ran(course, halve_of_two="passed")
    assert said("list").endswith("\nall is done\n")


def test_one_exercise_is_shown_check_by_check(course: Course) -> None:
    write(course, "double", DOUBLE)
    ran(course, double_of_two="passed", double_of_nothing="failed: This is the square.")
    text = said("list", "doubling")
    assert "                  hint  This is the square.\n" in text
    assert "double   to mend     2/3  exercises/doubling.py:6\n" in text
    assert "  passed          Twice 2 is 4.\n" in text
    assert "  failed          Twice 0 is 0, which a sum finds and a square does too.\n" in text
    assert "  not run         Twice twice 2 is 8.\n" in text
    assert "halve" not in text
    assert text.endswith("next: mend double (exercises/doubling.py:6)\n")
    write(course, "again", "return 4 * x")
    file = course.stubs / "doubling.py"
    file.write_text(file.read_text(encoding="utf-8").replace(DOUBLE, "return x * x"), "utf-8")
    assert "  passed before   Twice 2 is 4.\n" in said("list", "doubling.py")


def test_no_line_is_wider_than_the_terminal(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in (60, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        for arguments in (["list"], ["list", "doubling"], ["hint", "double", "--all"]):
            assert all(len(line) <= columns for line in said(*arguments).splitlines())


def test_damaged_progress_is_as_good_as_none(course: Course) -> None:
    (course.root / ".grader").mkdir()
    for content in ("{", "[]", '{"format": 1, "checks": {"a": {}}}', '{"format": 2, "checks": {}}'):
        (course.root / ".grader" / "progress.json").write_text(content, encoding="utf-8")
        (course.root / ".grader" / "hints.json").write_text(content, encoding="utf-8")
        assert "0 of 4 functions done" in said("list")
        assert "1 nudge" in said("hint", "double")


def run_as_a_student(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    source = (
        "import sys, typer\n"
        "from grader.commands.studying import hint, list_\n"
        "app = typer.Typer()\n"
        "app.command('list')(list_)\n"
        "app.command('hint')(hint)\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit(' '.join({'torch', 'numpy', 'rich.text', 'hypothesis'} & set(sys.modules)) or 0)"
    )
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        env={"PATH": "", **environment},
    )


def test_a_console_of_an_old_encoding_gets_ascii_and_nothing_heavy_is_imported(
    course: Course,
) -> None:
    listed = run_as_a_student("list", PYTHONIOENCODING="cp1252", SYSTEMROOT="C:\\Windows")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert f"doubling  [{'.' * 20}]  0/5.5 points" in listed.stdout.decode("ascii")
    hinted = run_as_a_student("hint", "double", "--all", PYTHONIOENCODING="ascii")
    assert (hinted.returncode, hinted.stderr) == (0, b"")
    assert "            = 2 * x" in hinted.stdout.decode("ascii")


def test_mathematics_can_be_read_in_ascii() -> None:
    text = "σ(x) = 1 / (1 + e⁻ˣ) − √v̂ · β₁ᵗ ≤ Σᵢ (xᵢ − m)²  √(u), 二 é\x1b[1m"
    assert shown_in(text, "ascii") == (
        "sigma(x) = 1 / (1 + e^-x) - sqrt v_hat * beta_1^t <= sum_i (x_i - m)^2  sqrt(u), "
        "\\u4e8c \\xe9\x1b[1m"
    )
    assert shown_in(text, "utf-8") == text


# hint


def levels(text: str) -> list[str]:
    return re.findall(r"^\d (\w+)$", text, re.MULTILINE)


def test_each_time_one_more_hint_is_given(course: Course) -> None:
    first = said("hint", "double")
    assert first.splitlines() == [
        "double  exercises/doubling.py:6  to write",
        "",
        "1 nudge",
        "  What is 3 and 3?",
        "",
        "for idea and formula: grader hint double",
    ]
    second = said("hint", "doubling.double")
    assert levels(second) == ["nudge", "idea"]
    assert "  Add the number to itself.\n" in second
    third = said("hint", "double")
    assert levels(third) == ["nudge", "idea", "formula"]
    assert "  double(x) = x + x\n            = 2 · x\n" in third
    assert third.endswith("these are all; the docstring says the rest: exercises/doubling.py:6\n")
    assert said("hint", "double") == third


def test_hints_are_counted_for_each_function(course: Course) -> None:
    said("hint", "double")
    assert levels(said("hint", "again")) == ["nudge"]
    assert levels(said("hint", "Counter")) == ["nudge"]


def test_all_hints_can_be_had_at_once_and_read_again(course: Course) -> None:
    assert levels(said("hint", "double", "--again")) == []
    assert levels(said("hint", "double")) == ["nudge"]
    assert levels(said("hint", "double", "--again")) == ["nudge"]
    assert levels(said("hint", "double", "--all")) == ["nudge", "idea", "formula"]
    assert levels(said("hint", "double", "--again")) == ["nudge", "idea", "formula"]
    assert "give one of them" in said("hint", "double", "--again", "--all", status=2)


def test_without_a_name_the_next_function_is_meant(course: Course) -> None:
    assert said("hint").startswith("double  exercises/doubling.py:6")
    write(course, "double", "return x +")
    assert said("hint", status=2).startswith("grader: mend exercises/doubling.py:8")


def test_what_failed_last_and_why_comes_first(course: Course) -> None:
    write(course, "double", "return x * x")
    ran(course, double_of_two="passed", double_of_nothing="failed: This is the square.")
    head = said("hint", "double").partition("\n\n")[0]
    assert head.splitlines()[1:] == [
        "the first check to fail: Twice 0 is 0, which a sum finds and a square does too.",
        "a known mistake: This is the square.",
    ]
    file = course.stubs / "doubling.py"
    file.write_text(file.read_text(encoding="utf-8").replace("x * x", "x ** 2"), "utf-8")
    head = said("hint", "double").partition("\n\n")[0]
    assert "before you changed it, a known mistake: This is the square." in head


def test_a_function_that_is_done_has_hints_and_no_complaints(course: Course) -> None:
    write(course, "double", DOUBLE)
    ran(course, double_of_two="passed", double_of_nothing="passed")
    text = said("hint", "double")
    assert text.startswith("double  exercises/doubling.py:6  done\n\n1 nudge\n")


def test_what_a_function_is_built_on_comes_first(course: Course) -> None:
    text = said("hint", "Doubler")
    assert "first: Counter, which it is built on, is still to write\n" in text


def test_an_exercise_without_hints_says_so(course: Course) -> None:
    text = said("hint", "halve")
    assert text.endswith(
        "there are no hints for it; its docstring says what it does:\nexercises/halving.py:4\n"
    )


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("duble", "there is no function 'duble': did you mean double or Doubler? "),
        ("doubling.halve", "there is no function 'doubling.halve': "),
        ("halvng.halve", "there is no exercise 'halvng.halve': did you mean halving? "),
        ("xyzzy", "there is no function 'xyzzy': `grader list` shows them all"),
        ("doubling", "doubling is an exercise: name one of its functions, such as doubling.double"),
        ("", "there is no function '': "),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_nearest(
    course: Course, name: str, error: str
) -> None:
    text = said("hint", name, status=2)
    assert text.startswith(f"grader: {error}")
    assert text.count("\n") == 1


def test_a_name_in_two_exercises_has_to_say_which(course: Course) -> None:
    manifest = course.root / "course.toml"
    text = manifest.read_text(encoding="utf-8").replace('["halve"]', '["halve", "double"]')
    manifest.write_text(text, encoding="utf-8")
    assert said("hint", "double", status=2) == (
        "grader: 2 exercises have a double: say doubling.double or halving.double\n"
    )
    assert levels(said("hint", "doubling.double")) == ["nudge"]


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("[again]", "[agian]", "again: has no hints: write nudge, idea and formula"),
        ('nudge = "What is 3 and 3?"\n', "", "double.nudge: is missing"),
        ('"What is 3 and 3?"', "3", "double.nudge: must be a text, not int"),
        ('"What is 3 and 3?"', '" "', "double.nudge: is empty"),
        ("What is 3 and 3?", "3" * 601, "double.nudge: has 601 characters; 600 are the most"),
        ("double(x) = x + x", "x" * 77, "double.formula: a line has 77 characters; 76"),
        ("nudge =", "hint =", "double.hint: is no hint; there are nudge, idea and formula"),
        ("[double]", "[double", "is not valid TOML: "),
    ],
)
def test_hints_that_are_not_as_they_should_be_are_told_with_file_and_key(
    course: Course, before: str, after: str, error: str
) -> None:
    file = course.stubs / "hints" / "doubling.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    assert said("hint", "again", status=2).startswith(f"grader: {file}: {error}")


def test_outside_a_course_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["list"], ["hint", "double"], ["reset", "double"]):
        assert said(*command, status=2).startswith(f"grader: no course.toml in {tmp_path} or above")


def test_where_nothing_can_be_kept_one_line_says_so(course: Course) -> None:
    (course.root / ".grader").write_text("a file", encoding="utf-8")
    text = said("hint", "double", status=2)
    assert text == f"grader: {course.root / '.grader'}: File exists\n"
    assert "0 of 4 functions done" in said("list")
