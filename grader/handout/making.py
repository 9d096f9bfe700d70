"""Makes a handout: gathers what a student gets, searches it, and puts it in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.course import MANIFEST, Course, Exercise
from grader.handout.hidden import Hidden, Leak
from grader.handout.manifests import manifests
from grader.handout.modules import PACKAGE, files_beside, imported_by, students_modules
from grader.handout.placing import HandoutError, Placing
from grader.handout.recording import recorded, told
from grader.hints import hints_file, read_hints
from grader.stubs import StubError, stub_of
from grader.student.pristine import pristine_name

_SHOWN = 10  # leaks that an error names


@dataclass(frozen=True)
class Handout:
    """What was made: the folder, the zip beside it, and what was passed over in exercises/."""

    folder: Path
    archive: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    searched_for: int  # lines and names of what is hidden


def make_handout(
    course: Course, folder: Path, say: Callable[[str], None] = lambda line: None
) -> Handout:
    """Make the handout of a course as `folder` and `folder`.zip, or leave all as it was.

    An earlier handout in its place is replaced, unless something in it was changed since. `say`
    hears a line of what takes its time. Raises HandoutError where something else is there, where
    the course is not ready, and where the handout would hold what is hidden; CourseError where a
    file is missing, OSError where one cannot be read or written.
    """
    placing = Placing(folder, course.root, _folders_of_the_course(course))
    given = course.graded()
    files = contents(given)
    grader = [PACKAGE.parent / name for name in files if name.startswith("grader/")]
    sources = [file.read_text(encoding="utf-8") for file in grader if file.is_file()]
    records = recorded(given, say) if given.policy.handout.hints == "recorded" else {}
    for name, text in records.items():
        file = given.recorded_mistakes / f"{name}.json"
        files[file.relative_to(given.root).as_posix()] = text.encode("utf-8")
    hidden = Hidden.of(course, sources, told(records.values()))
    with placing.unfinished(course.title, files) as (made, archive):
        _refuse_leaks(list(hidden.leaks_below(made)))
        _refuse_leaks(list(hidden.leaks(placing.archive.name, archive)))
        placing.put()
    return Handout(
        placing.folder, placing.archive, tuple(sorted(files)), _left_out(given, files), hidden.size
    )


def contents(given: Course) -> dict[str, bytes]:
    """Each file of the handout by its name: of exercises/, of the grader, and about both.

    The known mistakes are in it only where the course says so (`handout.hints`), and what they
    answer is not yet.
    """
    given.require_files()
    files = _exercises(given)
    files |= _to_study_with(given, files)
    hints = given.policy.handout.hints
    if hints == "source":
        mistakes = given.misconception_files()
        files |= {file.relative_to(given.root).as_posix(): file.read_bytes() for file in mistakes}
    trees = {name: _parsed(name, data) for name, data in files.items() if name.endswith(".py")}
    for name, tree in trees.items():
        _refuse_hidden_imports(name, tree, hints)
    modules = students_modules(trees.values()).values()
    for file in (*modules, *files_beside(modules)):
        files.setdefault(file.relative_to(PACKAGE.parent).as_posix(), file.read_bytes())
    return files | {name: text.encode("utf-8") for name, text in manifests(given).items()}


def _exercises(given: Course) -> dict[str, bytes]:
    """Stubs and public checks, README.md and conftest.py beside them, what they import from there,
    and what else the course names."""
    stubs = given.stubs
    waiting = [stubs / name for name in ("README.md", "conftest.py")]
    waiting = [file for file in waiting if file.is_file()]
    for exercise in given.exercises:
        _refuse_other_than_stub(given, exercise)
        waiting += [stubs / exercise.file_name, stubs / f"test_{exercise.name}.py"]
    for name in given.policy.handout.include:
        waiting += _named(given, name)
    files: dict[str, bytes] = {}
    while waiting:
        file = waiting.pop()
        name = file.relative_to(given.root).as_posix()
        if name in files:
            continue
        files[name] = file.read_bytes()
        if file.suffix == ".py":
            waiting += _imported_siblings(stubs, _parsed(name, files[name]))
    return files


def _to_study_with(given: Course, exercises: dict[str, bytes]) -> dict[str, bytes]:
    """The graded hints of each exercise, and its stub once more, for `grader reset`."""
    files: dict[str, bytes] = {}
    for exercise in given.exercises:
        if read_hints(given, exercise):
            file = hints_file(given, exercise.name)
            files[file.relative_to(given.root).as_posix()] = file.read_bytes()
        files[pristine_name(exercise.name)] = exercises[f"exercises/{exercise.file_name}"]
    return files


def _refuse_other_than_stub(given: Course, exercise: Exercise) -> None:
    """A stub that was solved in place, or is out of date, is given to nobody."""
    solution, stub = given.solutions / exercise.file_name, given.stubs / exercise.file_name
    try:
        expected = stub_of(solution.read_text(encoding="utf-8"))
    except (StubError, UnicodeDecodeError) as error:
        raise HandoutError(f"{solution}: has no stub: {error}") from None
    if not stub.is_file() or stub.read_text(encoding="utf-8", errors="replace") != expected:
        raise HandoutError(
            f"{stub} is not the stub of {solution} (solved in place? out of date?): "
            "run `python -m grader.stubs`, which writes it anew"
        )


def _named(given: Course, name: str) -> list[Path]:
    """The files that course.toml names: one, or all of a folder."""
    place = given.root / name
    inside = place.resolve().is_relative_to(given.stubs.resolve())
    files = [place] if place.is_file() else sorted(place.rglob("*"))
    files = [file for file in files if file.is_file() and "__pycache__" not in file.parts]
    if not inside or not files:
        problem = "is not in exercises/" if not inside else "has no file"
        raise HandoutError(f"{given.root / MANIFEST}: handout.include: {name!r} {problem}")
    return files


def _imported_siblings(folder: Path, tree: ast.Module) -> list[Path]:
    """The modules and packages in `folder` that a source there imports."""
    files: list[Path] = []
    for module in imported_by(tree):
        top = module.partition(".")[0]
        if (folder / f"{top}.py").is_file():
            files.append(folder / f"{top}.py")
        elif (folder / top / "__init__.py").is_file():
            files += sorted((folder / top).rglob("*.py"))
    return files


def _refuse_hidden_imports(name: str, tree: ast.Module, hints: str) -> None:
    hidden = ("grader.checks",) if hints == "source" else ("grader.checks", "grader.misconceptions")
    for module in imported_by(tree):
        if module.startswith(hidden):
            raise HandoutError(f"{name}: imports {module}, which students do not have")


def _parsed(name: str, data: bytes) -> ast.Module:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError) as error:
        raise HandoutError(f"{name}: is not valid Python: {error}") from None


def _refuse_leaks(leaks: list[Leak]) -> None:
    if not leaks:
        return
    places: dict[str, str] = {}
    for leak in leaks:  # one line may be told by several, itself and with those below it
        places.setdefault(leak.place, f"  {leak}")
    lines = list(places.values())[:_SHOWN]
    if len(places) > _SHOWN:
        lines.append(f"  and {len(places) - _SHOWN} more places")
    head = "nothing was made: it would give away what is hidden. Reword or remove:"
    raise HandoutError("\n".join([head, *lines]))


def _folders_of_the_course(course: Course) -> list[Path]:
    names = ("exercises", "solutions", "grader", ".git")
    return [PACKAGE, *(course.root / name for name in names)]


def _left_out(given: Course, files: dict[str, bytes]) -> tuple[str, ...]:
    """What lies in exercises/ and is not in the handout, caches aside."""
    found = []
    for entry in sorted(given.stubs.iterdir()):
        name = entry.relative_to(given.root).as_posix()
        held = name in files or any(file.startswith(f"{name}/") for file in files)
        if not held and not entry.name.startswith((".", "__pycache__")):
            found.append(name)
    return tuple(found)
