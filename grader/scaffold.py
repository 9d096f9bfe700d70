"""`grader new`: the files of one more exercise, an example that passes the audit as it stands."""

from __future__ import annotations

import keyword
import sys
from importlib import resources
from pathlib import Path
from string import Template

from grader.course import MANIFEST, Course, CourseError, load_course
from grader.hints import hints_file
from grader.stubs import stub_of
from grader.writing import write_whole


def scaffold(course: Course, name: str, function: str, title: str) -> list[Path]:
    """Add the exercise `name`, with one function, to a course as a draft; returns its new files.

    CourseError where a name is none or is taken. Nothing is written then; and where writing fails,
    what was written is removed again.
    """
    _refuse(course, name, function, title)
    words = {"name": name, "function": function, "title": title}
    texts = {path: _filled(template, words) for path, template in _places(course, name).items()}
    stub = course.stubs / f"{name}.py"
    texts[stub] = stub_of(texts[course.solutions / f"{name}.py"])
    for path in texts:
        if path.exists() or path.with_suffix("").is_dir():
            raise CourseError(f"{path} is there already: remove it, or choose another name")
    manifest = course.root / MANIFEST
    before = manifest.read_text(encoding="utf-8")
    written: list[Path] = []
    try:
        for path, text in texts.items():
            _write(path, text)
            written.append(path)
        _write(manifest, before.rstrip("\n") + "\n" + _filled("manifest", words))
        load_course(course.root)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        _write(manifest, before)
        if isinstance(error, OSError):
            raise CourseError(f"{error.filename}: {error.strerror}") from None
        raise
    return list(texts)


def _places(course: Course, name: str) -> dict[Path, str]:
    """Where each file of the exercise goes, and the template that it is made from."""
    return {
        course.solutions / f"{name}.py": "solution",
        course.stubs / f"test_{name}.py": "public",
        hints_file(course, name): "hints",
        course.hidden_checks / f"test_{name}.py": "hidden",
        course.hidden_checks / f"torch_{name}.py": "torch",
        course.misconceptions / f"{name}.py": "misconceptions",
    }


def _refuse(course: Course, name: str, function: str, title: str) -> None:
    for what, given in (("exercise", name), ("function", function)):
        if not given.isidentifier() or keyword.iskeyword(given) or given.startswith("_"):
            raise CourseError(f"{given!r} cannot be the name of {what}: give a plain Python name")
    if name in sys.stdlib_module_names or name in ("torch", "torchvision", "numpy", "grader"):
        raise CourseError(f"an exercise called {name!r} would hide the module of that name")
    if name in course.names:
        raise CourseError(f"{course.root / MANIFEST}: there is an exercise {name!r} already")
    if not title.strip() or any(c in title for c in '"\\') or not title.isprintable():
        raise CourseError(f"{title!r} cannot be a title: give one line without quotes")


def _filled(template: str, words: dict[str, str]) -> str:
    text = (resources.files("grader") / "templates" / f"{template}.txt").read_text("utf-8")
    return Template(text).substitute(words)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
