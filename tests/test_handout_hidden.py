"""Nothing hidden is in a handout, and what searches it for that finds whatever was put there."""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import json
import lzma
import marshal
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from handouts import (
    DRAFT,
    DRAFT_CHECK,
    HIDDEN,
    MISTAKES,
    SOLUTION,
    archive_files,
    changed,
    folder_files,
    make_course,
    put,
)

from grader.course import Course, load_course
from grader.handout import HandoutError, make_handout
from grader.handout.hidden import Hidden
from grader.stubs import BEGIN, END

COURSE = load_course(ROOT)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_handout(changed(COURSE), tmp_path_factory.mktemp("real") / "course").archive


@pytest.fixture(scope="module")
def hidden() -> Hidden:
    return Hidden.of(COURSE)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


def sources(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.py")) if file.name != "__init__.py"]


# the proof, without the search that the product has


def test_no_hidden_check_no_solution_and_no_known_mistake_is_in_the_handout(archive: Path) -> None:
    """Word for word: what a hidden file defines or says, and no public one does."""
    given = archive.read_bytes().decode("utf-8", "replace")
    words = set(re.findall(r"\w+", given))
    lines = {line.strip() for line in given.splitlines()}
    public = "".join(file.read_text(encoding="utf-8") for file in sources(COURSE.stubs))
    looked_for = 0
    for folder in (COURSE.hidden_checks, COURSE.solutions, COURSE.misconceptions):
        for file in sources(folder):
            text = file.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and "_" in node.name[4:]:
                    assert node.name in public or node.name not in words, (file, node.name)
                    title = (ast.get_docstring(node) or "").partition("\n")[0]
                    assert len(title) < 20 or title in public or title not in given, (file, title)
                    looked_for += 1
            for line in map(str.strip, text.splitlines()):
                if len(line) > 40 and not line.startswith(("from ", "import ")):
                    assert line in public or line not in lines, (file, line)
                    looked_for += 1
    assert looked_for > 5_000


def test_nothing_in_it_was_not_written_for_it(archive: Path) -> None:
    """No folder of the instructor's, nothing compiled, no history, no lock with its hosts."""
    for name, data in archive_files(archive).items():
        assert re.fullmatch(
            r"README\.md|LICENSE|\.gitignore|\.handout\.json|(course|pyproject)\.toml|"
            r"exercises/(README\.md|\w+\.py|hints/\w+\.toml)|"
            r"grader/(\w+/)*\w+\.py|grader/pristine/\w+\.txt|"
            # of the student's own page
            r"grader/reports/html/(assets/(own|page)\.css|templates/(base|findings|own)\.html)|"
            r"grader/student/report/reference\.json",
            name,
        ), name
        assert not re.search(r"(^|/)(checks|solutions|tests|docs|(?<!html/)templates|audit)/", name)
        assert b"\0" not in data and data.decode("utf-8").isprintable() is not None
        assert str(ROOT).encode() not in data and str(Path.home()).encode() not in data


def test_its_zip_says_nothing_of_who_made_it_and_when(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.extra, entry.comment, opened.comment) == (b"", b"", b"")
            assert entry.external_attr >> 16 == 0o100644


# the search that the product has finds what is put there


@pytest.mark.parametrize(
    "folder", [COURSE.hidden_checks, COURSE.solutions, COURSE.misconceptions], ids=lambda f: f.name
)
def test_each_hidden_file_is_found_whole(hidden: Hidden, tmp_path: Path, folder: Path) -> None:
    for file in sources(folder):
        leaks = {leak.source for leak in hidden.leaks("notes.md", file)}
        assert file.relative_to(ROOT).as_posix() in leaks, file


def test_what_is_written_between_the_markers_of_a_solution_is_found_on_its_own(
    hidden: Hidden, tmp_path: Path
) -> None:
    """All but lines that everybody writes alike."""
    missed = []
    number = 0
    for file in sources(COURSE.solutions):
        text = file.read_text(encoding="utf-8")
        for block in re.findall(f"{BEGIN}\n(.*?) *{END}", text, re.DOTALL):
            put(tmp_path / "notes.md", block)
            number += 1
            if not any(hidden.leaks("notes.md", tmp_path / "notes.md")):
                missed.append(block.strip())
    assert number > 60
    assert missed == [
        "return self.model(images)",
        "return len(self.images)",
        "return torch.where(x > 0, x, 0.0)",
        "return x @ w + b",
        "return self.linear(x)",
    ]


def test_every_line_and_name_that_is_looked_for_is_found(hidden: Hidden, tmp_path: Path) -> None:
    said = {written for written, _ in hidden.lines.values()} | set(hidden.names)
    put(tmp_path / "all", "\n\n".join(sorted(said)))
    assert {leak.says for leak in hidden.leaks("all", tmp_path / "all")} >= said
    assert hidden.size > 8_000


def test_what_students_have_anyway_is_no_leak(hidden: Hidden) -> None:
    for file in sources(COURSE.stubs):
        assert not list(hidden.leaks(file.name, file))


def zipped(data: bytes, **options: object) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("inner/file"), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def commented(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.comment = data
    return packed.getvalue()


def indented(data: bytes) -> bytes:
    return b"".join(b"\t\t" + line.strip() + b"  \r\n" for line in data.splitlines())


HIDING: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "indented anew": indented,
    "in one line": lambda data: b" ".join(data.split()),
    "as JSON": lambda data: json.dumps({"cell": data.decode().splitlines()}).encode(),
    "in UTF-16": lambda data: data.decode().encode("utf-16"),
    "compiled": lambda data: marshal.dumps(compile(data, "a.py", "exec")),
    "in gzip": gzip.compress,
    "in bzip2": bz2.compress,
    "in xz": lzma.compress,
    "as a git object": lambda data: zlib.compress(b"blob 1\0" + data),
    "in a zip": zipped,
    "in a zip in a zip in gzip": lambda data: gzip.compress(zipped(zipped(data))),
    "in a zip's comment": commented,
}


@pytest.mark.parametrize("way", HIDING)
@pytest.mark.parametrize(
    ("text", "source"),
    [
        (HIDDEN, "grader/checks/test_double.py"),
        (SOLUTION, "solutions/double.py"),
        (MISTAKES, "grader/misconceptions/double.py"),
        (DRAFT, "solutions/triple.py"),
        (DRAFT_CHECK, "grader/checks/test_triple.py"),
    ],
    ids=["hidden check", "solution", "known mistake", "draft", "draft's check"],
)
def test_however_it_is_packed_it_is_found(
    course: Course, tmp_path: Path, text: str, source: str, way: str
) -> None:
    put(tmp_path / "file", HIDING[way](text.encode()))
    leaks = list(Hidden.of(course).leaks("exercises/file", tmp_path / "file"))
    assert source in {leak.source for leak in leaks}
    assert all(leak.place.startswith("exercises/file") for leak in leaks)


def test_it_is_found_in_the_name_of_a_file_too(course: Course, tmp_path: Path) -> None:
    put(tmp_path / "file", "")
    (leak,) = Hidden.of(course).leaks("exercises/double_by_squaring.txt", tmp_path / "file")
    assert leak.says == "double_by_squaring"


@pytest.mark.parametrize(
    "name",
    [".git/HEAD", "exercises/.git", "a/__pycache__/b.txt", "a.pyc", "solutions/a.md", "b.so"],
)
def test_some_files_are_refused_whatever_is_in_them(
    course: Course, tmp_path: Path, name: str
) -> None:
    put(tmp_path / "made" / name, "")
    leaks = [str(leak) for leak in Hidden.of(course).leaks_below(tmp_path / "made")]
    assert leaks and "is of what no handout holds" in leaks[0]


# so nothing is made that would give it away


def readme(course: Course, line: str) -> Path:
    file = course.root / "exercises" / "README.md"
    put(file, f"# Exercises\n\n{line}\n")
    return file


def public_check(course: Course, line: str) -> Path:
    file = course.root / "exercises" / "test_double.py"
    put(file, f"{file.read_text(encoding='utf-8')}\n\n# {line}\n")
    return file


def helper(course: Course, line: str) -> Path:
    put(course.root / "exercises" / "conftest.py", f"SAID = {line!r}\n")
    return course.root / "exercises" / "conftest.py"


LEAKS = {
    "return both.sum(dim=0, dtype=number.dtype)": "solutions/double.py",
    "_added_to_itself": "solutions/double.py",
    "test_double_adds_a_number_to_itself": "grader/checks/test_double.py",
    "Twice any number, negative ones and infinity too.": "grader/checks/test_double.py",
    "Multiply by two, do not raise to the power of two.": "grader/misconceptions/double.py",
}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        *((readme, line) for line in LEAKS),
        *((helper, line) for line in LEAKS),
        # What a public check says is public, but for what is of a solution, and for names.
        *((public_check, line) for line in list(LEAKS)[:3]),
    ],
)
def test_a_handout_with_a_leak_is_not_made_and_the_leak_is_named(
    course: Course, tmp_path: Path, place: Callable[[Course, str], Path], line: str
) -> None:
    source = LEAKS[line]
    name = place(course, line).relative_to(course.root).as_posix()
    before = folder_files(tmp_path)
    with pytest.raises(HandoutError) as caught:
        make_handout(course, tmp_path / "twice")
    said = str(caught.value).splitlines()
    assert said[0].startswith("nothing was made")
    assert any(name in one and source in one for one in said[1:]), said
    assert folder_files(tmp_path) == before
