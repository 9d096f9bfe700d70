"""The files that say what a handout is: course.toml, pyproject.toml, README.md, .gitignore.

They are written anew from what the course says. Nothing of the instructor's own files is copied: a
comment in course.toml may be nobody else's business.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable
from importlib import metadata, resources
from string import Template

from grader.course import MANIFEST, Course, Exercise, Policy
from grader.handout.modules import imported_by

DISTRIBUTION = "torchgrade"
_GRADED_WITH = ("torch", "torchvision")  # the versions that answers are compared with
_OWN_GUIDE = """\
[exercises/README.md](exercises/README.md) says what each exercise is about, how to write a function
and how to read what comes back.
"""
_OF_AN_EXTRA = re.compile(r"(?:;| and) extra == ['\"]([^'\"]+)['\"]")


def manifests(course: Course) -> dict[str, str]:
    """Each file's text, by its name in the handout."""
    distribution = metadata.distribution(DISTRIBUTION)
    texts = {
        MANIFEST: course_text(course),
        "pyproject.toml": project_text(course, distribution),
        "README.md": readme_text(course),
        ".gitignore": _template("gitignore.txt"),
    }
    licence = distribution.read_text("licenses/LICENSE")
    return texts | ({"LICENSE": licence} if licence else {})


def course_text(course: Course) -> str:
    """course.toml as a student needs it: what is asked, how much it is worth, what is forbidden."""
    lines = [
        "# The course: its exercises in teaching order, and what each function may not call.",
        "format = 1",
        f"title = {_quoted(course.title)}",
    ]
    if course.policy.due is not None:
        lines.append(f"due = {course.policy.due.isoformat()}")
        lines.append(f"late_penalty = {_number(course.policy.late_penalty)}")
    for exercise in course.exercises:
        lines += ["", *_exercise_lines(exercise, course.names)]
    return "\n".join(lines) + "\n"


def _exercise_lines(exercise: Exercise, given: list[str]) -> list[str]:
    lines = [
        "[[exercises]]",
        f"name = {_quoted(exercise.name)}",
        f"title = {_quoted(exercise.title)}",
        f"points = {_number(exercise.points)}",
        f"functions = {_list(exercise.functions)}",
    ]
    requires = [name for name in exercise.requires if name in given]  # no draft
    if requires:
        lines.append(f"requires = {_list(requires)}")
    if exercise.forbidden:
        lines += ["", "[exercises.forbidden]"]
        lines += [f"{_key(name)} = {_list(things)}" for name, things in exercise.forbidden.items()]
    return lines


def project_text(course: Course, distribution: metadata.Distribution) -> str:
    """pyproject.toml: what a student installs, and the versions of torch that answers meet."""
    lines = [
        "[build-system]",
        'requires = ["hatchling>=1.27"]',
        'build-backend = "hatchling.build"',
        "",
        "[project]",
        f"name = {_quoted(DISTRIBUTION)}",
        f"version = {_quoted(distribution.version)}",
        f"description = {_quoted(f'{course.title}: the exercises, and what checks them.')}",
        'readme = "README.md"',
        f"requires-python = {_quoted(distribution.metadata['Requires-Python'])}",
        f"dependencies = {_list(_requirements(course, distribution))}",
        "",
        "[project.scripts]",
        'grader = "grader.cli:main"',
        "",
        "[project.entry-points.pytest11]",
        'grader = "grader.plugin"',
        "",
        "[tool.uv]",
        f"constraint-dependencies = {_list(_graded_with())}",
        "",
        "[tool.hatch.build.targets.wheel]",
        'packages = ["grader"]',
        "",
        "[tool.pytest.ini_options]",
        'testpaths = ["exercises"]',
    ]
    return "\n".join(lines) + "\n"


def _requirements(course: Course, distribution: metadata.Distribution) -> list[str]:
    """What a student installs, sorted: what the grader asks of everybody, what it asks for `grader
    watch` and for an exercise that one of its extras is named after, and what else the course
    imports."""
    wanted = set()
    for requirement in distribution.requires or []:
        extra = _OF_AN_EXTRA.search(requirement)
        if extra is None or extra[1] in ("watch", *course.names):
            wanted.add(_OF_AN_EXTRA.sub("", requirement))
    known = {_plain(re.split(r"[^\w.-]", one, maxsplit=1)[0]) for one in wanted}
    others = [module for module in _imported(course) if _plain(module) not in known]
    homes = metadata.packages_distributions() if others else {}
    for module in others:
        wanted.update(name for name in homes.get(module, []) if _plain(name) not in known)
    return sorted(wanted)


def _imported(course: Course) -> set[str]:
    """The top-level modules that the solutions and the public checks import."""
    checks = [course.stubs / f"test_{name}.py" for name in course.names]
    modules = set(course.imports())
    for check in checks:
        modules.update(imported_by(ast.parse(check.read_bytes())))
    ours = {"grader", *(entry.stem for entry in course.stubs.iterdir())}
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - ours


def _plain(distribution: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _graded_with() -> list[str]:
    """The releases of torch installed here; a nightly build is left open, for nobody finds it."""
    found = {name: metadata.version(name).partition("+")[0] for name in _GRADED_WITH}
    return [f"{name}=={one}" for name, one in found.items() if re.fullmatch(r"[\d.]+", one)]


def readme_text(course: Course) -> str:
    """What a student reads first: how to begin and how to hand in, and where to read on."""
    words = {
        "title": course.title,
        "function": course.exercises[0].functions[0],
        "guide": _guide(course),
        "due": _due_text(course.policy),
    }
    return Template(_template("README.md")).substitute(words)


def _guide(course: Course) -> str:
    """What to write and how to read what comes back; the course may say it in exercises/."""
    if (course.stubs / "README.md").is_file():
        return _OWN_GUIDE
    rows = [
        f"| `exercises/{exercise.file_name}` | {_cell(exercise.title)} | {exercise.points:g} |"
        for exercise in course.exercises
    ]
    first = course.exercises[0]
    words = {"exercises": "\n".join(rows), "first": first.name, "function": first.functions[0]}
    return Template(_template("guide.md")).substitute(words)


def _due_text(policy: Policy) -> str:
    if policy.due is None:
        return ""
    zone = policy.due.isoformat()[-6:]
    text = f"Due on {policy.due:%Y-%m-%d} at {policy.due:%H:%M} (UTC{zone})."
    if policy.late_penalty:
        text += f" Each day begun after that costs {policy.late_penalty:g} % of what you earned."
    return f"\n{text}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _template(name: str) -> str:
    return (resources.files("grader.handout") / "templates" / name).read_text("utf-8")


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _list(names: Iterable[str]) -> str:
    quoted = [_quoted(name) for name in names]
    line = f"[{', '.join(quoted)}]"
    if len(line) <= 72:
        return line
    return "[\n" + "".join(f"    {name},\n" for name in quoted) + "]"
