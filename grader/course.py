"""The course as data: course.toml read, validated and given names; nothing here imports torch."""

from __future__ import annotations

import ast
import keyword
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

MANIFEST = "course.toml"
TOTAL_POINTS = 100.0
# What a student is told of a hidden check, from the most to the least: also the counterexample;
# outcome and hint; its title and outcome; the points of its function; nothing.
HIDDEN_FEEDBACK = ("counterexample", "hint", "title", "points", "none")
HANDOUT_HINTS = ("recorded", "source", "none")


class CourseError(Exception):
    """The course is not as it should be: says which file, which key and what to do."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds, MiB and files, as course.toml explains them.

    The time that a process waits for a processor counts nowhere: a busy machine is not to blame.
    """

    cpu_seconds: float = 5.0
    idle_seconds: float = 4.0
    wall_seconds: float = 30.0
    function_seconds: float = 15.0
    exercise_seconds: float = 60.0
    memory_mib: int = 2048
    file_mib: int = 8
    folder_mib: int = 64
    folder_files: int = 1000


@dataclass(frozen=True)
class HandoutPolicy:
    """What students get besides stubs and public checks.

    `include` names files and folders in exercises/. `hints` says how `pytest exercises` comes to
    name known mistakes there: "recorded" gives what they answer to public checks, "source" gives
    the mistakes themselves, and whoever reads those has seen much of the solutions; "none" nothing.
    """

    include: tuple[str, ...] = ()
    hints: str = "recorded"


@dataclass(frozen=True)
class Policy:
    """What the course decides besides the verdicts; none of it changes what a check says.

    `due` has a time zone. `late_penalty` is in percent of the points earned, for each day that has
    begun after `due`.
    """

    hidden_feedback: str = "hint"
    due: datetime | None = None
    late_penalty: float = 0.0
    handout: HandoutPolicy = HandoutPolicy()


@dataclass(frozen=True)
class Exercise:
    """One module of the course and what is asked in it."""

    name: str
    title: str
    points: float
    functions: tuple[str, ...]
    requires: tuple[str, ...]
    forbidden: Mapping[str, tuple[str, ...]]
    draft: bool = False  # audited, and run by students, but not graded

    @property
    def file_name(self) -> str:
        return f"{self.name}.py"

    def function_of(self, check_name: str) -> str | None:
        """The function that a check is about: the longest one that its name begins with.

        `test_l1_loss_is_torchs` is about `l1_loss`, `test_cifar_net_shapes` about `CifarNet`.
        """
        asked = _plain(check_name.removeprefix("test_"))
        matching = [name for name in self.functions if asked.startswith(_plain(name))]
        return max(matching, key=len, default=None)


@dataclass(frozen=True)
class Course:
    """The whole course and where its files are."""

    root: Path
    title: str
    exercises: tuple[Exercise, ...]
    limits: Limits
    policy: Policy = Policy()

    @property
    def stubs(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def hidden_checks(self) -> Path:
        return self.root / "grader" / "checks"

    @property
    def misconceptions(self) -> Path:
        return self.root / "grader" / "misconceptions"

    @property
    def recorded_mistakes(self) -> Path:
        """Where a handout has what the known mistakes answer, NAME.json an exercise."""
        return self.misconceptions / "recorded"

    def exercise(self, name: str) -> Exercise:
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise CourseError(f"there is no exercise {name!r}; the course has: {', '.join(self.names)}")

    @property
    def names(self) -> list[str]:
        return [exercise.name for exercise in self.exercises]

    @property
    def forbidden_names(self) -> list[str]:
        """All that some function of the course may not call, sorted."""
        lists = [things for exercise in self.exercises for things in exercise.forbidden.values()]
        return sorted({name for things in lists for name in things})

    def only(self, names: Iterable[str] | None) -> Course:
        """The course reduced to the named exercises, in the course's order; None keeps all."""
        if names is None:
            return self
        wanted = {self.exercise(name).name for name in names}
        kept = tuple(exercise for exercise in self.exercises if exercise.name in wanted)
        return replace(self, exercises=kept)

    def graded(self) -> Course:
        """The course without its drafts."""
        return self.only([exercise.name for exercise in self.exercises if not exercise.draft])

    def check_files(self) -> list[Path]:
        """Public then hidden checks of each exercise, those that exist."""
        files = []
        for exercise in self.exercises:
            for folder in (self.stubs, self.hidden_checks):
                files.append(folder / f"test_{exercise.name}.py")
        return [file for file in files if file.exists()]

    def stub_files(self) -> dict[str, bytes]:
        """What students are given to write in, by file name; what is missing is left out."""
        files = [self.stubs / exercise.file_name for exercise in self.exercises]
        return {file.name: file.read_bytes() for file in files if file.is_file()}

    def require_files(self) -> None:
        """CourseError where an exercise lacks its solution or its checks."""
        for exercise in self.exercises:
            check = f"test_{exercise.name}.py"
            needed = (
                self.solutions / exercise.file_name,
                self.stubs / check,
                self.hidden_checks / check,
            )
            for file in needed:
                if not file.is_file():
                    raise CourseError(
                        f"{file}: is missing; the exercise {exercise.name!r} of {MANIFEST} needs it"
                    )

    def misconception_files(self) -> list[Path]:
        """Where the known mistakes of the exercises are: NAME.py, or all of a package NAME."""
        files = []
        for exercise in self.exercises:
            files.append(self.misconceptions / exercise.file_name)
            files += sorted((self.misconceptions / exercise.name).rglob("*.py"))
        return [file for file in files if file.exists()]

    def imports(self) -> list[str]:
        """The modules that the solutions import: what their submissions will need too, sorted.

        Each other is none of them: siblings are handed in with the rest.
        """
        self.require_files()
        trees = [
            ast.parse((self.solutions / exercise.file_name).read_bytes())
            for exercise in self.exercises
        ]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
        named = {
            node.module
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
        }
        siblings = {file.stem for file in self.solutions.glob("*.py")}
        return sorted(name for name in plain | named if name.partition(".")[0] not in siblings)


def find_course(start: Path | None = None) -> Course:
    """Load the course of the nearest folder upwards from `start` that has a course.toml."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MANIFEST).is_file():
            return load_course(folder)
    raise CourseError(
        f"no {MANIFEST} in {here} or above it: run this inside a course, or name it with --course"
    )


def load_course(root: Path) -> Course:
    """Read and validate `root/course.toml`; CourseError names the file and the key at fault."""
    manifest = root / MANIFEST
    try:
        table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{manifest}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{manifest}: is not valid TOML: {error}") from None
    reader = _Reader(manifest)
    settings = {field.name for field in fields(Policy)}
    reader.only_keys(table, {"format", "title", "limits", "exercises"} | settings, "")
    if reader.value(table, "format", int, "") != 1:
        raise CourseError(f"{manifest}: format must be 1; this grader reads no other")
    limits = _read_limits(reader, reader.table(table.get("limits", {}), "limits"))
    entries = reader.value(table, "exercises", list, "")
    exercises: list[Exercise] = []
    for position, entry in enumerate(entries):
        where = f"exercises[{position}]"
        exercises.append(_read_exercise(reader, reader.table(entry, where), where, exercises))
    total = sum(exercise.points for exercise in exercises if not exercise.draft)
    if abs(total - TOTAL_POINTS) > 1e-9:
        raise CourseError(
            f"{manifest}: the exercises' points add up to {total:g}; they must add up to 100"
        )
    title = reader.value(table, "title", str, "")
    policy = _read_policy(reader, table)
    return Course(root.resolve(), title, tuple(exercises), limits, policy)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


@dataclass(frozen=True)
class _Reader:
    """Takes typed values out of TOML tables and words what is wrong with them."""

    manifest: Path

    def fail(self, key: str, problem: str) -> CourseError:
        return CourseError(f"{self.manifest}: {key}: {problem}")

    def only_keys(self, table: Mapping[str, Any], allowed: set[str], where: str) -> None:
        for key in table:
            if key not in allowed:
                known = ", ".join(sorted(allowed))
                raise self.fail(_join(where, key), f"is not a key of the course; known: {known}")

    def value(self, table: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
        if key not in table:
            raise self.fail(_join(where, key), "is missing")
        found = table[key]
        if kind is float and isinstance(found, int) and not isinstance(found, bool):
            return float(found)
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self.fail(
                _join(where, key), f"must be a {kind.__name__}, not {type(found).__name__}"
            )
        return found

    def table(self, found: object, where: str) -> Mapping[str, Any]:
        if not isinstance(found, dict):
            raise self.fail(where, "must be a table")
        return found

    def names(self, found: object, where: str) -> tuple[str, ...]:
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise self.fail(where, "must be a list of strings")
        if len(set(found)) != len(found):
            raise self.fail(where, "names something twice")
        return tuple(found)


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _read_limits(reader: _Reader, table: Mapping[str, Any]) -> Limits:
    kinds = {field.name: float if field.type == "float" else int for field in fields(Limits)}
    reader.only_keys(table, set(kinds), "limits")
    values = {key: reader.value(table, key, kinds[key], "limits") for key in table}
    for key, value in values.items():
        if not 0 < value < math.inf:
            raise reader.fail(f"limits.{key}", "must be a number above zero")
    return Limits(**values)


def _read_policy(reader: _Reader, table: Mapping[str, Any]) -> Policy:
    kinds = {"hidden_feedback": str, "due": datetime, "late_penalty": float}
    given = {key: reader.value(table, key, kinds[key], "") for key in kinds if key in table}
    given["handout"] = _read_handout(reader, reader.table(table.get("handout", {}), "handout"))
    policy = Policy(**given)
    if policy.hidden_feedback not in HIDDEN_FEEDBACK:
        raise reader.fail("hidden_feedback", f"must be one of {', '.join(HIDDEN_FEEDBACK)}")
    if policy.due is not None and policy.due.tzinfo is None:
        raise reader.fail("due", "needs its time zone, as in 2027-01-31T23:59:00+01:00")
    if not 0 <= policy.late_penalty <= 100:
        raise reader.fail("late_penalty", "must be percent a day, from 0 to 100")
    if policy.late_penalty and policy.due is None:
        raise reader.fail("late_penalty", "needs `due`: from when on is a submission late?")
    return policy


def _read_handout(reader: _Reader, table: Mapping[str, Any]) -> HandoutPolicy:
    reader.only_keys(table, {field.name for field in fields(HandoutPolicy)}, "handout")
    hints = table.get("hints", HandoutPolicy.hints)
    if isinstance(hints, bool):  # as it was said before they could be recorded
        hints = "source" if hints else "none"
    if hints not in HANDOUT_HINTS:
        raise reader.fail("handout.hints", f"must be one of {', '.join(HANDOUT_HINTS)}")
    return HandoutPolicy(reader.names(table.get("include", []), "handout.include"), hints)


def _read_exercise(
    reader: _Reader, entry: Mapping[str, Any], where: str, earlier: list[Exercise]
) -> Exercise:
    reader.only_keys(
        entry,
        {"name", "title", "points", "functions", "requires", "forbidden", "draft"},
        where,
    )
    name = reader.value(entry, "name", str, where)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise reader.fail(f"{where}.name", f"{name!r} must be a Python module's name")
    if name in {exercise.name for exercise in earlier}:
        raise reader.fail(f"{where}.name", f"there are two exercises called {name!r}")
    points = reader.value(entry, "points", float, where)
    if not 0 < points < math.inf:
        raise reader.fail(f"{where}.points", "must be a number above zero")
    functions = reader.names(reader.value(entry, "functions", list, where), f"{where}.functions")
    if not functions:
        raise reader.fail(f"{where}.functions", "must name at least one function")
    requires = reader.names(entry.get("requires", []), f"{where}.requires")
    for required in requires:
        if required not in {exercise.name for exercise in earlier}:
            raise reader.fail(f"{where}.requires", f"{required!r} is no earlier exercise")
    forbidden = {}
    rules = reader.table(entry.get("forbidden", {}), f"{where}.forbidden")
    for function, things in rules.items():
        if function not in functions:
            raise reader.fail(f"{where}.forbidden.{function}", "is no function of this exercise")
        forbidden[function] = reader.names(things, f"{where}.forbidden.{function}")
    title = reader.value(entry, "title", str, where)
    draft = entry.get("draft", False)
    if not isinstance(draft, bool):
        raise reader.fail(f"{where}.draft", "must be true or false")
    return Exercise(name, title, points, functions, requires, forbidden, draft)
