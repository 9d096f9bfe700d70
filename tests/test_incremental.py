"""After a change of the course what still holds is kept, and the grades are those of a fresh run.

`CHANGES=all` tries every kind of change by itself; by default many are made at once.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from changing import CHANGES, FEW, OTHERS, write_class, write_course

from grader.course import load_course
from grader.examiner.engine import Engine, EngineSettings
from grader.gradebook import EVIDENCE, Gradebook
from grader.grading import Run, RunSettings
from grader.grading.engines import LocalExaminers

pytestmark = pytest.mark.engine
SEED = 11
EACH = os.environ.get("CHANGES") == "all"
KINDS = OTHERS if EACH else FEW
TOGETHER = (
    "a check is stricter",
    "a new check",
    "a check is gone",
    "points are moved",
    "a check has another name",
    "a hint",
    "a title",
    "a solution",
)


@dataclass
class Heard:
    """How many checks were put again to each submission; none of those that stand as they were."""

    again: dict[str, int | None] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)

    def began(self, submissions: int) -> None: ...

    def graded(self, grade: dict[str, Any], reused: bool, again: int | None = None) -> None:
        self.again[grade["id"]] = again
        if reused:
            self.reused.add(grade["id"])


@dataclass(frozen=True)
class Graded:
    run: dict[str, Any]
    heard: Heard
    kept: dict[str, Any]  # what the gradebook knows beside


def grade(engine: Engine, course: Path, folder: Path, out: Path) -> Graded:
    """A run that takes an engine which is there already: to start one takes longest."""
    out.mkdir(exist_ok=True)
    heard = Heard()
    settings = RunSettings(load_course(course), seed=SEED, jobs=2)
    with Gradebook(out / "gradebook.db") as book:
        run = Run(settings, book, out, lambda _: LocalExaminers(lambda _: lent(engine), 2))
        finished = run.grade([folder], heard)
        graded = json.loads("".join(finished.document(book)))
        kept = {
            (one.submission_id, exercise.name): known(exercise.entry)
            for one in book.newest()
            for exercise in one.exercises
        }
    return Graded(without_seconds(graded), heard, kept)


def lent(engine: Engine) -> Any:
    return nullcontext(engine)


def known(entry: Any) -> Any:
    """What later runs go by, but for what was spent, which is another in each run."""
    evidence = {**entry[EVIDENCE]}
    del evidence["spent"], evidence["put"]
    return evidence, entry["curves"]


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Scene:
    course: Path
    folder: Path
    out: Path
    before: Graded


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    root = tmp_path_factory.mktemp("changing")
    course, folder = write_course(root / "course"), write_class(root / "class", KINDS)
    with started(course) as engine:
        return Scene(course, folder, root / "out", grade(engine, course, folder, root / "out"))


def started(course: Path) -> Engine:
    return Engine(EngineSettings(load_course(course), seed=SEED))


def changed(scene: Scene, tmp_path: Path, names: Sequence[str]) -> tuple[Graded, Graded, Graded]:
    """Graded after the changes: what is kept taken over, everything anew, and once more."""
    course = tmp_path / "course"
    shutil.copytree(scene.course, course)
    shutil.copytree(scene.out, tmp_path / "out")
    for name in names:
        CHANGES[name][0](course)
    with started(course) as engine:
        after = grade(engine, course, scene.folder, tmp_path / "out")
        fresh = grade(engine, course, scene.folder, tmp_path / "fresh")
    # For what is known no engine is needed: this one has ended.
    return after, fresh, grade(engine, course, scene.folder, tmp_path / "out")


def test_the_class_is_of_all_kinds(scene: Scene) -> None:
    outcomes: dict[str, set[str]] = {
        grade["id"]: {check["outcome"] for one in grade["exercises"] for check in one["checks"]}
        for grade in scene.before.run["submissions"]
    }
    every = set().union(*outcomes.values())
    assert every | {"timeout"} == {
        *("passed", "failed", "todo", "error", "timeout", "crashed", "forbidden")
    }
    assert outcomes["right"] == {"passed"}
    prepared = [known[0]["passed"] for known in scene.before.kept.values()]
    assert any(prepared), "something is right, and does not count"
    hints = {
        check["misconception"]
        for grade in scene.before.run["submissions"]
        for one in grade["exercises"]
        for check in one["checks"]
    }
    assert "double_squares" in hints
    assert set(scene.before.heard.again.values()) == {None}


@pytest.mark.parametrize("names", [[name] for name in CHANGES] if EACH else [TOGETHER], ids=str)
def test_what_is_kept_and_what_is_put_again_make_the_grades_of_a_fresh_run(
    scene: Scene, tmp_path: Path, names: Sequence[str]
) -> None:
    after, fresh, again = changed(scene, tmp_path, names)
    assert after.run == fresh.run
    assert after.kept == fresh.kept
    assert again.run == fresh.run and again.heard.reused == {"right", *KINDS}
    put = after.heard.again
    if names[0] in ("a comment", "a docstring of the module"):
        assert after.heard.reused == {"right", *KINDS}
        return
    assert put["right"] == sum(CHANGES[name][1] for name in names)
    total = sum(number or 0 for number in put.values())
    # A change of one check puts few: what was right stands, and so does what others are wrong in.
    assert total < 11 * len(put) * (0.6 if len(names) > 1 else 0.4) or "limit" in names[0]
    print(f"\n{', '.join(names)}: {total} checks again of {11 * len(put)}: {put}")
