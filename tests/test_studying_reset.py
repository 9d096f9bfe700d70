"""`grader reset`: the stub is back, the rest is as it was, byte for byte, and a backup is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from studying import DOUBLING, HALVING, write, write_handout
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Course, CourseError, load_course
from grader.student.resetting import reset


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    return write_handout(tmp_path)


def doubling(course: Course) -> Path:
    return course.stubs / "doubling.py"


def backups(course: Course) -> list[Path]:
    return sorted((course.root / ".grader" / "backups").glob("*"))


def refused(course: Course, name: str, error: str) -> None:
    before = doubling(course).read_bytes()
    with pytest.raises(CourseError, match=re.escape(error)):
        reset(course, name)
    assert doubling(course).read_bytes() == before
    assert backups(course) == []


MINE = """\
return _twice(x)  # ×2
    # return x * 2

    # was wrong


def _twice(x):
    return x + x  # 二倍"""


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a mark"])
def test_one_function_is_a_stub_again_and_all_else_stays(
    course: Course, ending: str, mark: bytes
) -> None:
    write(course, "double", MINE)
    write(course, "again", "return 4 * x   ")
    file = doubling(course)
    before = mark + file.read_bytes().replace(b"\n", ending.encode())
    file.write_bytes(before)
    backup = reset(course, "double")
    assert backup is not None and backup.read_bytes() == before
    helper = "\n\n\ndef _twice(x):\n    return x + x  # 二倍"
    expected = DOUBLING.replace(
        'raise NotImplementedError("TODO: again")', "return 4 * x   "
    ).replace('("TODO: double")', f'("TODO: double"){helper}')
    assert file.read_bytes() == mark + expected.encode().replace(b"\n", ending.encode())
    refused_again = CliRunner().invoke(app, ["reset", "double"])
    assert refused_again.exit_code == 2
    assert "double in exercises/doubling.py is the stub already" in refused_again.output


def test_an_old_encoding_stays_where_it_has_the_stubs_letters(course: Course) -> None:
    file = doubling(course)
    head = "# -*- coding: cp1252 -*-\n"
    # cp1252 has no minus sign; what the stub of Counter is written with it has.
    source = head + DOUBLING.replace("−x", "-x").replace('TODO: Counter.__init__")', 'done")')
    file.write_bytes(source.encode("cp1252"))
    reset(course, "Counter")
    assert file.read_bytes() == (head + DOUBLING.replace("−x", "-x")).encode("cp1252")


def test_an_encoding_that_lacks_the_stubs_letters_is_refused(course: Course) -> None:
    file = doubling(course)
    source = "# coding: ascii\n" + DOUBLING.replace("·", "*").replace("−", "-").replace("²", "^2")
    file.write_bytes(source.encode("ascii"))
    refused(course, "double", "says that it is in ascii, which has no '·' as the stub needs it")


def test_signature_decorators_and_docstring_are_given_back(course: Course) -> None:
    source = DOUBLING.replace(
        'def double(x):\n    """Twice x, such as 2 · 3."""\n', "@print\nasync def double(y, z=3):\n"
    )
    doubling(course).write_text(source, encoding="utf-8", newline="\n")
    reset(course, "double")
    assert doubling(course).read_bytes() == DOUBLING.encode()


def test_a_class_is_given_back_with_its_methods(course: Course) -> None:
    write(course, "Doubler.__call__", "return 2 * x\n\n    def more(self):\n        return 1")
    write(course, "Counter.__init__", "self.count = 0")
    reset(course, "Doubler")
    assert doubling(course).read_text(encoding="utf-8") == DOUBLING.replace(
        'raise NotImplementedError("TODO: Counter.__init__")', "self.count = 0"
    )
    reset(course, "doubling.Counter")
    assert doubling(course).read_text(encoding="utf-8") == DOUBLING


def test_a_function_that_was_defined_twice_is_there_once(course: Course) -> None:
    write(course, "double", "return 2 * x")
    with doubling(course).open("a", encoding="utf-8") as file:
        file.write("\n\ndef double(x):\n    return x + x\n\n\nafter = 1\n\ndouble = print\n")
    reset(course, "double")
    assert doubling(course).read_text(encoding="utf-8") == DOUBLING + "\n\n\n\nafter = 1\n\n"


def test_a_function_that_was_deleted_comes_back_in_its_place(course: Course) -> None:
    counter = DOUBLING[DOUBLING.index("class Counter") : DOUBLING.index("class Doubler")]
    doubling(course).write_text(DOUBLING.replace(counter, ""), encoding="utf-8", newline="\n")
    reset(course, "Counter")
    assert doubling(course).read_text(encoding="utf-8") == DOUBLING
    doubling(course).write_text('"""Nothing."""', encoding="utf-8")
    reset(course, "again")
    text = doubling(course).read_text(encoding="utf-8")
    assert text.startswith('"""Nothing."""\n\n\ndef again(x):\n')


@pytest.mark.parametrize(
    "line",
    [
        "if True:\n    def double(x): return x",
        "double, other = print, print",
        "from math import sqrt as double",
        "one = 1; double = print",
        "for double in (print,): pass",
    ],
)
def test_what_gives_the_name_a_value_otherwise_is_refused(course: Course, line: str) -> None:
    doubling(course).write_text(f"{DOUBLING}\n\n{line}\n", encoding="utf-8")
    number = len(DOUBLING.splitlines()) + 3
    refused(course, "double", f"exercises/doubling.py:{number}: double is not defined on lines of")
    refused(course, "double", "`grader reset doubling.py` resets the whole file")


def test_a_file_that_is_no_python_is_refused_and_can_be_reset_whole(course: Course) -> None:
    write(course, "double", "return (x +")
    before = doubling(course).read_bytes()
    refused(course, "double", "exercises/doubling.py:8: SyntaxError: '(' was never closed")
    refused(course, "double", "`grader reset doubling.py` resets the whole file")
    backup = reset(course, "doubling.py")
    assert backup is not None and backup.read_bytes() == before
    assert doubling(course).read_bytes() == DOUBLING.encode()


def test_a_whole_exercise_is_reset_and_no_other(course: Course) -> None:
    write(course, "double", "return 2 * x")
    write(course, "halve", "return x / 2", "halving")
    halved = (course.stubs / "halving.py").read_bytes()
    done = CliRunner().invoke(app, ["reset", "doubling"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("exercises/doubling.py is the stub again\nyour file as it was: ")
    assert doubling(course).read_bytes() == DOUBLING.encode()
    assert (course.stubs / "halving.py").read_bytes() == halved
    assert "is the stub already" in CliRunner().invoke(app, ["reset", "doubling"]).output


def test_a_missing_file_is_given_back(course: Course) -> None:
    doubling(course).unlink()
    with pytest.raises(CourseError, match="is missing"):
        reset(course, "double")
    assert reset(course, "doubling") is None
    assert doubling(course).read_bytes() == DOUBLING.encode()


def test_no_backup_takes_the_place_of_another(course: Course) -> None:
    contents = []
    for number in range(4):
        write(course, "double", f"return {number} * x")
        contents.append(doubling(course).read_bytes())
        reset(course, "double")
    assert sorted(file.read_bytes() for file in backups(course)) == contents
    assert all(re.match(r"doubling_\d{4}-\d\d-\d\d_\d\d-", file.name) for file in backups(course))
    assert (course.root / ".grader" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_where_no_backup_can_be_kept_nothing_changes(course: Course) -> None:
    write(course, "double", "return 2 * x")
    before = doubling(course).read_bytes()
    (course.root / ".grader").write_text("a file", encoding="utf-8")
    done = CliRunner().invoke(app, ["reset", "double"])
    assert done.exit_code == 2
    assert done.output.startswith("grader: ") and done.output.count("\n") == 1
    assert doubling(course).read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_linked_file_stays_a_link(course: Course, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.py"
    write(course, "double", "return 2 * x")
    doubling(course).rename(elsewhere)
    doubling(course).symlink_to(elsewhere)
    reset(course, "double")
    assert doubling(course).is_symlink()
    assert elsewhere.read_bytes() == DOUBLING.encode()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("xyzzy", "there is no function 'xyzzy': `grader list` shows them all"),
        ("doublin", "there is no function 'doublin': did you mean doubling or double"),
        ("doubling.halve", "there is no function 'doubling.halve'"),
        ("xyzzy.py", "there is no exercise 'xyzzy.py'"),
    ],
)
def test_a_name_that_is_none_changes_nothing(course: Course, name: str, error: str) -> None:
    refused(course, name, error)


def test_an_exercise_called_as_its_function_has_to_be_told_apart(course: Course) -> None:
    manifest = course.root / "course.toml"
    text = manifest.read_text(encoding="utf-8").replace('"again"', '"again", "doubling"')
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"say doubling\.py or doubling\.doubling"):
        reset(load_course(course.root), "doubling")


def test_a_handout_that_lost_its_stubs_says_what_to_do(course: Course) -> None:
    write(course, "double", "return 2 * x")
    for file in (course.root / "grader" / "pristine").iterdir():
        file.unlink()
    refused(course, "double", "get the handout anew")


def test_in_the_instructors_course_the_stub_is_made_from_the_solution(course: Course) -> None:
    solution = HALVING.replace(
        'raise NotImplementedError("TODO: halve")',
        "### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
    )
    (course.root / "solutions").mkdir()
    (course.root / "solutions" / "halving.py").write_text(solution, encoding="utf-8")
    write(course, "halve", "return x // 2", "halving")
    reset(course, "halve")
    assert (course.stubs / "halving.py").read_text(encoding="utf-8") == HALVING
